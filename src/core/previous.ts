import type { Disposable } from '../api';
import { Emitter } from '../common/event';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { isRecord } from '../common/record';
import { parseMadeFrom, type MadeFrom } from './madeFrom';
import type { Blueprint, RecordStore } from './ports';
import { recordName } from './recordName';

/** So many images that worked are kept for each dev container. */
const KEPT_IMAGES = 2;

/** A container that stepped aside and was kept, stopped. */
export interface KeptContainer {
  readonly id: string;
  /** The name that it had. */
  readonly name: string;
  /** The name that it has now. */
  readonly setAsideName: string;
}

/** An image of which a container worked, with how that container was made. */
export interface PreviousImage {
  /** A name of ours, by which the image stays. */
  readonly name: string;
  readonly id: string;
  /** When the container was given up, milliseconds since 1970 on the host's clock. */
  readonly at: number;
  readonly blueprint: Blueprint;
  /** What that container was made from, if it was known. */
  readonly madeFrom?: MadeFrom;
}

/** What a dev container can go back to. */
export interface Previous {
  readonly key: string;
  readonly engine: string;
  readonly kept?: KeptContainer;
  /** The latest first. */
  readonly images: readonly PreviousImage[];
}

/** What each dev container can go back to. Sole owner of these records. */
export class PreviousContainers implements Disposable {
  readonly #entries = new Map<string, Previous>();
  readonly #changed = new Emitter<void>();

  constructor(
    private readonly store: RecordStore,
    private readonly logger: Logger,
  ) {}

  readonly onDidChange = this.#changed.event;

  /** Reads what earlier windows, or others meanwhile, have kept; what is not as we write it is left out. */
  async load(): Promise<void> {
    const entries = [...(await this.store.readAll()).values()].flatMap((value) => parsePrevious(value) ?? []);
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(entry.key, entry);
    this.#changed.fire();
  }

  of(key: string): Previous | undefined {
    return this.#entries.get(key);
  }

  /** This container was kept; undefined: there is none any more. */
  keep(key: string, engine: string, kept: KeptContainer | undefined): Promise<void> {
    const images = this.of(key)?.images ?? [];
    return this.#put({ key, engine, images, ...(kept ? { kept } : {}) });
  }

  /** This image worked; gives the names of those that are not wanted any more. */
  async add(key: string, engine: string, image: PreviousImage): Promise<string[]> {
    const before = this.of(key);
    const others = (before?.images ?? []).filter(({ id }) => id !== image.id);
    const images = [image, ...others].slice(0, KEPT_IMAGES);
    await this.#put({ key, engine, images, ...(before?.kept ? { kept: before.kept } : {}) });
    const inUse = new Set(
      [...this.#entries.values()].flatMap((entry) => entry.images.map(({ name }) => name)),
    );
    return (before?.images ?? []).map(({ name }) => name).filter((name) => !inUse.has(name));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #put(entry: Previous): Promise<void> {
    this.#entries.set(entry.key, entry);
    this.#changed.fire();
    try {
      await this.store.write(recordName(entry.key), { version: 1, ...entry });
    } catch (error) {
      this.logger.warn(`Could not keep what ${entry.key} can go back to: ${messageOf(error)}`);
    }
  }
}

function parsePrevious(value: unknown): Previous | undefined {
  if (!isRecord(value) || value['version'] !== 1 || !Array.isArray(value['images'])) return undefined;
  const { key, engine, kept } = value;
  if (typeof key !== 'string' || typeof engine !== 'string') return undefined;
  const images = value['images'].flatMap((image: unknown) => parseImage(image) ?? []);
  return { key, engine, images, ...(isKept(kept) ? { kept } : {}) };
}

function isKept(value: unknown): value is KeptContainer {
  if (!isRecord(value)) return false;
  const { id, name, setAsideName } = value;
  return typeof id === 'string' && typeof name === 'string' && typeof setAsideName === 'string';
}

function parseImage(value: unknown): PreviousImage | undefined {
  if (!isRecord(value)) return undefined;
  const { name, id, at, blueprint } = value;
  if (typeof name !== 'string' || typeof id !== 'string' || typeof at !== 'number' || !isRecord(blueprint))
    return undefined;
  const madeFrom = parseMadeFrom(value['madeFrom']);
  return { name, id, at, blueprint, ...(madeFrom ? { madeFrom } : {}) };
}
