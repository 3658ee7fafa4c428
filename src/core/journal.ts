import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { recordName } from './recordName';
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
  /** The CLI's process, which goes on when the window that started it is gone. */
  readonly cli?: string;
}

/** Names of processes, each so that no other is taken for it later. */
export interface Processes {
  readonly own: string;
  nameOf(pid: number): string;
  isAlive(name: string): boolean;
}

/**
 * Jobs under way, on disk, so that a crash of the editor or of the machine loses no container: what is found there
 * at the next start is finished or undone. It also keeps two windows from working on one dev container.
 */
export class Journal {
  constructor(
    private readonly store: RecordStore,
    private readonly processes: Processes,
    private readonly logger: Logger,
  ) {}

  /** Claims the dev container for a job of this window; false when another window works on it. */
  async begin(key: string, engine: EnginePort): Promise<boolean> {
    const entry: JournalEntry = { version: 1, key, engine: engine.key, owner: this.processes.own };
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await this.store.create(recordName(key), entry)) return true;
      const other = parseEntry((await this.store.readAll()).get(recordName(key)));
      if (other && this.#isUnderWay(other)) return false;
      if (other) await this.#settle(engine, other);
      await this.end(key);
    }
    return false;
  }

  /** Notes which container is about to step aside, and all that the dev container has now. */
  async note(key: string, engine: string, replaced: Replaced, known: readonly string[]): Promise<void> {
    const entry: JournalEntry = { version: 1, key, engine, owner: this.processes.own, replaced, known };
    await this.store.write(recordName(key), entry);
  }

  /** Notes the CLI's process in the entry of this window's job. */
  async noteProcess(key: string, pid: number): Promise<void> {
    const entry = parseEntry((await this.store.readAll()).get(recordName(key)));
    if (entry) await this.store.write(recordName(key), { ...entry, cli: this.processes.nameOf(pid) });
  }

  async end(key: string): Promise<void> {
    await this.store.remove(recordName(key));
  }

  /**
   * Finishes or undoes what was left half done on this engine, by a window that is gone or a job that failed. Gives
   * the keys of jobs whose window is gone but whose CLI still works: ask again when it has ended.
   */
  async recover(engine: EnginePort, isRunning: (key: string) => boolean): Promise<string[]> {
    const orphans: string[] = [];
    for (const value of (await this.store.readAll()).values()) {
      const entry = parseEntry(value);
      if (entry?.engine !== engine.key) continue;
      if (entry.owner === this.processes.own ? isRunning(entry.key) : this.processes.isAlive(entry.owner))
        continue;
      if (this.#isUnderWay(entry)) {
        orphans.push(entry.key);
        continue;
      }
      try {
        await this.#settle(engine, entry);
        await this.end(entry.key);
      } catch (error) {
        this.logger.warn(`Could not put ${entry.replaced?.name ?? entry.key} right yet: ${messageOf(error)}`);
      }
    }
    return orphans;
  }

  /** Whether another window seems to work on a dev container of this engine. */
  async isOtherAtWork(engine: string): Promise<boolean> {
    const entries = [...(await this.store.readAll()).values()].map(parseEntry);
    return entries.some(
      (entry) =>
        entry?.engine === engine && entry.owner !== this.processes.own && this.processes.isAlive(entry.owner),
    );
  }

  #isUnderWay({ owner, cli }: JournalEntry): boolean {
    if (owner !== this.processes.own && this.processes.isAlive(owner)) return true;
    return cli !== undefined && this.processes.isAlive(cli);
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

function parseEntry(value: unknown): JournalEntry | undefined {
  const entry = value as Partial<JournalEntry> | null | undefined;
  if (typeof entry !== 'object' || entry?.version !== 1) return undefined;
  const { key, engine, owner, replaced, known, cli } = entry as Record<string, unknown>;
  if (typeof key !== 'string' || typeof engine !== 'string' || typeof owner !== 'string') return undefined;
  if (cli !== undefined && typeof cli !== 'string') return undefined;
  if (replaced === undefined)
    return { version: 1, key, engine, owner, ...(cli === undefined ? {} : { cli }) };
  const { id, name } = replaced as Partial<Replaced>;
  if (typeof id !== 'string' || typeof name !== 'string' || !Array.isArray(known)) return undefined;
  return entry as JournalEntry;
}
