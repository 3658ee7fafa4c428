import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { identityOf, keyOf, normalizeState } from './identity';
import type { EnginePort, RecordStore } from './ports';
import { putBack, removeMade, type Replaced } from './swap';

/** A job under way, written down before it touches anything. */
interface JournalEntry {
  readonly version: 1;
  readonly key: string;
  readonly engine: string;
  /** The process that runs the job. */
  readonly owner: string;
  /** The container that steps aside, and every container that the dev container had then. */
  readonly replaced?: Replaced;
  readonly known?: readonly string[];
}

/**
 * Jobs under way, on disk, so that a crash of the editor or of the machine loses no container: what is found there
 * at the next start is finished or undone. It also keeps two windows from working on one dev container.
 */
export class Journal {
  constructor(
    private readonly store: RecordStore,
    private readonly owner: string,
    private readonly isAlive: (owner: string) => boolean,
    private readonly logger: Logger,
  ) {}

  /** Claims the dev container for a job of this window; false when another window works on it. */
  async begin(key: string, engine: EnginePort): Promise<boolean> {
    const entry: JournalEntry = { version: 1, key, engine: engine.key, owner: this.owner };
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await this.store.create(fileName(key), entry)) return true;
      const other = parseEntry((await this.store.readAll()).get(fileName(key)));
      if (other && other.owner !== this.owner && this.isAlive(other.owner)) return false;
      if (other) await this.#settle(engine, other);
      await this.end(key);
    }
    return false;
  }

  /** Notes which container is about to step aside, and all that the dev container has now. */
  async note(key: string, engine: string, replaced: Replaced, known: readonly string[]): Promise<void> {
    const entry: JournalEntry = { version: 1, key, engine, owner: this.owner, replaced, known };
    await this.store.write(fileName(key), entry);
  }

  async end(key: string): Promise<void> {
    await this.store.remove(fileName(key));
  }

  /** Finishes or undoes what was left half done on this engine, by a window that is gone or a job that failed. */
  async recover(engine: EnginePort, isRunning: (key: string) => boolean): Promise<void> {
    for (const value of (await this.store.readAll()).values()) {
      const entry = parseEntry(value);
      if (entry?.engine !== engine.key) continue;
      if (entry.owner === this.owner ? isRunning(entry.key) : this.isAlive(entry.owner)) continue;
      try {
        await this.#settle(engine, entry);
        await this.end(entry.key);
      } catch (error) {
        this.logger.warn(`Could not put ${entry.replaced?.name ?? entry.key} right yet: ${messageOf(error)}`);
      }
    }
  }

  /** A running successor makes the old container superfluous; without one it goes back to its place. */
  async #settle(engine: EnginePort, { key, replaced, known = [] }: JournalEntry): Promise<void> {
    const old = replaced && (await engine.inspect(replaced.id));
    if (!replaced || !old) return;
    const made = (await engine.list()).filter((facts) => {
      const identity = identityOf(engine.key, facts.labels);
      const isNew = facts.id !== old.id && !known.includes(facts.id);
      return isNew && identity !== undefined && keyOf(identity) === key;
    });
    const isSetAside = old.name === replaced.setAsideName;
    if (isSetAside && made.some((facts) => normalizeState(facts.state) === 'running')) {
      this.logger.info(`Removing ${old.name}: its successor runs.`);
      await engine.remove(old.id);
      return;
    }
    if (isSetAside || (replaced.wasRunning && normalizeState(old.state) === 'stopped')) {
      this.logger.info(`Putting ${replaced.name} back: the job that replaced it did not finish.`);
      // What the job made and never got to run may hold the name, and would be a twin.
      await removeMade(engine, made);
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
  const { key, engine, owner, replaced, known } = entry as Record<string, unknown>;
  if (typeof key !== 'string' || typeof engine !== 'string' || typeof owner !== 'string') return undefined;
  if (replaced === undefined) return { version: 1, key, engine, owner };
  const { id, name } = replaced as Partial<Replaced>;
  if (typeof id !== 'string' || typeof name !== 'string' || !Array.isArray(known)) return undefined;
  return entry as JournalEntry;
}
