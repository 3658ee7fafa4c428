import type { PullProgress } from '../core/pullPorts';
import { asInteger, asRecord, asString } from './json';

/** Adds up what an engine tells of the layers of an image that it fetches. */
export class PullLayers {
  readonly #layers = new Map<string, { bytes: number; totalBytes: number; isDone: boolean }>();

  /** Takes a line over, and says whether it tells of a layer. */
  take(line: Readonly<Record<string, unknown>>): boolean {
    const id = asString(line['id']);
    const status = asString(line['status']) ?? '';
    // The first line has the tag for an id.
    if (id === undefined || !/^[0-9a-f]{12,64}$/.test(id)) return false;
    const layer = this.#layers.get(id) ?? { bytes: 0, totalBytes: 0, isDone: false };
    this.#layers.set(id, layer);
    const detail = asRecord(line['progressDetail']);
    // What is unpacked was counted when it was loaded.
    if (status.startsWith('Downloading')) {
      layer.bytes = asInteger(detail?.['current']) ?? layer.bytes;
      layer.totalBytes = Math.max(asInteger(detail?.['total']) ?? layer.totalBytes, layer.bytes);
    }
    if (/^(Download complete|Pull complete|Already exists)/.test(status)) layer.bytes = layer.totalBytes;
    if (/^(Pull complete|Already exists)/.test(status)) layer.isDone = true;
    return true;
  }

  get progress(): PullProgress {
    const all = [...this.#layers.values()];
    const sum = (of: 'bytes' | 'totalBytes'): number => all.reduce((total, each) => total + each[of], 0);
    const doneLayers = all.filter(({ isDone }) => isDone).length;
    return { layers: all.length, doneLayers, bytes: sum('bytes'), totalBytes: sum('totalBytes') };
  }
}
