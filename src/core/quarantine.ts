import { isRecord } from '../common/record';
import type { Timers } from '../common/scheduling';
import type { RecordStore } from './ports';
import { recordName } from './recordName';

/** An image by all that is known of it: the registry's digest, the engine's id. */
export interface Candidate {
  readonly digest?: string;
  readonly imageId?: string;
}

/** An image with which a container did not work. */
export interface Quarantined extends Candidate {
  readonly version: 1;
  /** Name of the container that did not work with it. */
  readonly container: string;
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Images that a container was rolled back from: no container of the engine is moved to one until its name means
 * another. Outlives the window.
 */
export class Quarantine {
  constructor(
    private readonly store: RecordStore,
    private readonly timers: Timers,
  ) {}

  /** Why this image of the name is not to be used; undefined when it may be. */
  async find(engine: string, reference: string, image: Candidate): Promise<Quarantined | undefined> {
    const known = parse(await this.store.read(nameOf(engine, reference)));
    if (!known) return undefined;
    const isSame =
      (known.digest !== undefined && known.digest === image.digest) ||
      (known.imageId !== undefined && known.imageId === image.imageId);
    return isSame ? known : undefined;
  }

  /** Of each name the last one counts: a registry does not go back to an earlier image unseen. */
  async put(engine: string, reference: string, bad: Omit<Quarantined, 'version' | 'at'>): Promise<void> {
    const record: Quarantined = { version: 1, at: this.timers.now(), ...bad };
    await this.store.write(nameOf(engine, reference), record);
  }

  /** The image worked after all. */
  async lift(engine: string, reference: string): Promise<void> {
    await this.store.remove(nameOf(engine, reference));
  }
}

function nameOf(engine: string, reference: string): string {
  return recordName(`${engine}|${reference}`);
}

/** Files can be written by anybody: undefined for what is not as we write it. */
function parse(value: unknown): Quarantined | undefined {
  if (!isRecord(value) || value['version'] !== 1) return undefined;
  const { digest, imageId, container, why, at } = value;
  const isText = (each: unknown): boolean => each === undefined || typeof each === 'string';
  const isSound = [digest, imageId].every(isText) && typeof container === 'string' && typeof why === 'string';
  return isSound && typeof at === 'number' ? (value as unknown as Quarantined) : undefined;
}
