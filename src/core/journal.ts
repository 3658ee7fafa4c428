import type { Disposable } from '../api';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { recordName } from './recordName';
import { isRecord } from '../common/record';
import type { Job } from './job';
import type { JobKind } from './jobKinds';
import type { CliRun, EnginePort, RecordStore } from './ports';
import { parseSavedJob, savedJob, type SavedJob, type SavedRun, type Unfinished } from './unfinished';

/** A job under way, written down before it touches anything. */
interface JournalEntry {
  readonly version: 1;
  readonly key: string;
  readonly engine: string;
  /** The process that runs the job. */
  readonly owner: string;
  /** All that it takes to finish it; missing until that is known. */
  readonly job?: SavedJob;
  /** The CLI's run, which goes on when the window that started it is gone. */
  readonly run?: SavedRun;
}

/** A job that another window is at work on. */
export interface ElsewhereJob {
  readonly key: string;
  readonly kind?: JobKind;
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

  /**
   * Claims the dev container for a job of this window; false when another window works on it, or when what a dead one
   * left is not put right yet.
   */
  async begin(key: string, engine: EnginePort): Promise<boolean> {
    const entry: JournalEntry = { version: 1, key, engine: engine.key, owner: this.processes.own };
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await this.store.create(recordName(key), entry)) return true;
      const other = await this.#read(key);
      if (other && (other.job || this.#isUnderWay(other) || !(await this.#adopt(other)))) return false;
      await this.end(key);
    }
    return false;
  }

  /** Notes what a job is about to do, and all that is needed to finish it. */
  async note(job: Job): Promise<void> {
    const { key, engine } = job.facts;
    const entry: JournalEntry = { version: 1, key, engine, owner: this.processes.own, job: savedJob(job) };
    await this.store.write(recordName(key), entry);
  }

  /** Notes the CLI's run in the entry of this window's job. */
  async noteProcess(key: string, run: CliRun): Promise<void> {
    const entry = await this.#read(key);
    const saved = { ...run, process: this.processes.nameOf(run.pid) };
    if (entry) await this.store.write(recordName(key), { ...entry, run: saved });
  }

  /** Whether the CLI of this run still works. */
  isAlive({ process }: SavedRun): boolean {
    return this.processes.isAlive(process);
  }

  /** Tells when an entry may have come, changed or gone, be it by another window. */
  watch(onChange: () => void): Disposable | undefined {
    return this.store.watch?.(onChange);
  }

  async end(key: string): Promise<void> {
    await this.store.remove(recordName(key));
  }

  /**
   * Takes over what was left half done on this engine, by a window that is gone or a job that failed: `resume` finishes
   * each. Gives the jobs that other windows are at work on, and the end of those that this one finishes.
   */
  async recover(
    engine: EnginePort,
    isRunning: (key: string) => boolean,
    resume: (entry: Unfinished) => Promise<void>,
  ): Promise<{ readonly elsewhere: ElsewhereJob[]; readonly finished: Promise<unknown> }> {
    const elsewhere: ElsewhereJob[] = [];
    const finished: Promise<void>[] = [];
    for (const value of (await this.store.readAll()).values()) {
      const entry = parseEntry(value);
      if (entry?.engine !== engine.key) continue;
      const { key, owner, job } = entry;
      if (owner === this.processes.own ? isRunning(key) : this.processes.isAlive(owner)) {
        if (owner !== this.processes.own) elsewhere.push({ key, ...(job ? { kind: job.kind } : {}) });
      } else finished.push(this.#finish(entry, resume));
    }
    return { elsewhere, finished: Promise.all(finished) };
  }

  /** What cannot be finished yet stays written down. */
  async #finish(entry: JournalEntry, resume: (entry: Unfinished) => Promise<void>): Promise<void> {
    const { key, engine, job, run } = entry;
    try {
      // A job of our own may have ended, and with it its entry, while the entries were read.
      if (!(await this.#adopt(entry)) || !(await this.#read(key))) return;
      if (job) await resume({ key, engine, job, ...(run ? { run } : {}) });
      else await this.end(key);
    } catch (error) {
      this.logger.warn(`Could not put ${job?.replaced?.name ?? key} right yet: ${messageOf(error)}`);
    }
  }

  /**
   * Makes the entry of a dead window ours; false when another window was quicker. Whoever makes the mark reads the entry
   * again, so that a mark that was made, used and removed meanwhile fools nobody.
   */
  async #adopt(entry: JournalEntry): Promise<boolean> {
    if (entry.owner === this.processes.own) return true;
    const mark = recordName(`${entry.key}|${entry.owner}`);
    if (!(await this.store.create(mark, { adoptedBy: this.processes.own }))) {
      const { adoptedBy } = ((await this.store.readAll()).get(mark) ?? {}) as { adoptedBy?: unknown };
      // The adopter died in the moment between its mark and its entry: the next look is free to try.
      if (typeof adoptedBy === 'string' && !this.processes.isAlive(adoptedBy)) await this.store.remove(mark);
      return false;
    }
    try {
      if ((await this.#read(entry.key))?.owner !== entry.owner) return false;
      await this.store.write(recordName(entry.key), { ...entry, owner: this.processes.own });
      return true;
    } finally {
      await this.store.remove(mark);
    }
  }

  async #read(key: string): Promise<JournalEntry | undefined> {
    return parseEntry((await this.store.readAll()).get(recordName(key)));
  }

  #isUnderWay({ owner, run }: JournalEntry): boolean {
    if (owner !== this.processes.own && this.processes.isAlive(owner)) return true;
    return run !== undefined && this.processes.isAlive(run.process);
  }
}

function parseEntry(value: unknown): JournalEntry | undefined {
  if (!isRecord(value) || value['version'] !== 1) return undefined;
  const { key, engine, owner, job, run } = value;
  if (typeof key !== 'string' || typeof engine !== 'string' || typeof owner !== 'string') return undefined;
  const saved = parseSavedJob(job);
  if (job !== undefined && !saved) return undefined;
  return { version: 1, key, engine, owner, ...(saved ? { job: saved } : {}), ...(isRun(run) ? { run } : {}) };
}

function isRun(value: unknown): value is SavedRun {
  if (!isRecord(value)) return false;
  const { pid, folder, process } = value;
  return typeof pid === 'number' && typeof folder === 'string' && typeof process === 'string';
}
