import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { identityOf, keyOf, normalizeState } from './identity';
import type { EnginePort, RecordStore } from './ports';
import { putBack, type Replaced } from './swap';

/** A job that sets a container aside, written down before it begins. */
export interface JournalEntry {
  readonly version: 1;
  readonly key: string;
  readonly engine: string;
  /** Process of the extension host that runs the job. */
  readonly pid: number;
  readonly replaced: Replaced;
}

/**
 * Jobs under way, on disk, so that a crash of the editor or of the machine loses no container: what is found there
 * at the next start is finished or undone.
 */
export class Journal {
  constructor(
    private readonly store: RecordStore,
    private readonly pid: number,
    private readonly isAlive: (pid: number) => boolean,
    private readonly logger: Logger,
  ) {}

  async begin(key: string, engine: string, replaced: Replaced): Promise<void> {
    const entry: JournalEntry = { version: 1, key, engine, pid: this.pid, replaced };
    await this.store.write(fileName(key), entry);
  }

  async end(key: string): Promise<void> {
    await this.store.remove(fileName(key));
  }

  /** Whether another window works on this dev container. */
  async isBusyElsewhere(key: string): Promise<boolean> {
    const entry = parseEntry((await this.store.readAll()).get(fileName(key)));
    return entry !== undefined && entry.pid !== this.pid && this.isAlive(entry.pid);
  }

  /** Finishes or undoes what was left half done on this engine, by a window that is gone or a job that failed. */
  async recover(engine: EnginePort, isRunning: (key: string) => boolean): Promise<void> {
    for (const value of (await this.store.readAll()).values()) {
      const entry = parseEntry(value);
      if (entry?.engine !== engine.key) continue;
      if (entry.pid === this.pid ? isRunning(entry.key) : this.isAlive(entry.pid)) continue;
      try {
        await this.#settle(engine, entry);
        await this.end(entry.key);
      } catch (error) {
        this.logger.warn(`Could not put ${entry.replaced.name} right yet: ${messageOf(error)}`);
      }
    }
  }

  /** A running successor makes the old container superfluous; without one it goes back to its place. */
  async #settle(engine: EnginePort, { key, replaced }: JournalEntry): Promise<void> {
    const old = await engine.inspect(replaced.id);
    if (!old) return;
    const successors = (await engine.list()).filter((facts) => {
      const identity = identityOf(engine.key, facts.labels);
      return facts.id !== old.id && identity !== undefined && keyOf(identity) === key;
    });
    const isSetAside = old.name === replaced.setAsideName;
    if (isSetAside && successors.some((facts) => normalizeState(facts.state) === 'running')) {
      this.logger.info(`Removing ${old.name}: its successor runs.`);
      await engine.remove(old.id);
      return;
    }
    if (isSetAside || (replaced.wasRunning && normalizeState(old.state) === 'stopped')) {
      this.logger.info(`Putting ${replaced.name} back: the job that replaced it did not finish.`);
      await putBack(engine, replaced);
    }
  }
}

function fileName(key: string): string {
  return key.replace(/[^a-zA-Z0-9]+/g, '_').slice(-100) + `-${hash(key)}`;
}

/** 32-bit FNV-1a, to tell keys apart that look alike as file names (www.isthe.com/chongo/tech/comp/fnv). */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16);
}

function parseEntry(value: unknown): JournalEntry | undefined {
  const entry = value as Partial<JournalEntry> | null | undefined;
  if (typeof entry !== 'object' || entry?.version !== 1) return undefined;
  if (typeof entry.key !== 'string' || typeof entry.engine !== 'string' || typeof entry.pid !== 'number')
    return undefined;
  const replaced = entry.replaced as Partial<Replaced> | undefined;
  if (typeof replaced?.id !== 'string' || typeof replaced.name !== 'string') return undefined;
  return entry as JournalEntry;
}
