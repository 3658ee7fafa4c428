import type { Failure, JobOutcome } from '../api';
import { messageOf } from '../common/errors';
import { Quiet, type Timers } from '../common/scheduling';
import { runContainer, type History, type Run } from './history';
import type { Job } from './job';
import type { JobBoard } from './jobBoard';
import type { Attempt } from './outcome';
import { Phases } from './phases';
import type { CliListener, CliProgress, ContainerFacts, LogLevel, LogLine } from './ports';
import { phaseHeading, summaryLines } from './runWords';
import { waitingFor } from './silence';
import { oneLine } from './words';

/** A CLI that says nothing for so long may hang: on an engine's event that never came, on a question to a terminal. */
const SILENT_MS = 60_000;

const TAKEN_OVER = 'The window that began this job is gone. It goes on here, told from its beginning.';

export interface LoggedJob {
  readonly job: Pick<Job, 'kind' | 'startedAt' | 'from'> & {
    readonly attempt: Pick<Attempt, 'key' | 'engine' | 'before' | 'replaced'>;
  };
  /** Another window began it, and its log is told from the first line. */
  readonly isResumed: boolean;
  readonly onPhase: (phase: string) => void;
}

export interface JobLogParts {
  readonly board: JobBoard;
  readonly history: Pick<History, 'add'>;
  readonly timers: Timers;
}

/**
 * Hands a job's log lines on in batches, turns the CLI's progress into words and phases, says what a silent one waits
 * for, and at the end what became of it, which it adds to the history.
 */
export class JobLog implements CliListener {
  readonly #buildContainers = new Set<string>();
  readonly #phases: Phases;
  /** The last that was heard of the CLI, and when this window began to listen. */
  #heardAt: number;
  readonly #openedAt: number;
  readonly #silence: Quiet;
  #batch: LogLine[] = [];
  #scheduled = false;
  #phase = 'waiting for the Dev Containers CLI';
  #progress: CliProgress | undefined;
  #unfinished = '';
  #logFile: string | undefined;
  /** Counts silences, so that an answer that comes after one is not said in another; even while there is none. */
  #silences = 0;

  constructor(
    private readonly parts: JobLogParts,
    private readonly logged: LoggedJob,
  ) {
    const { kind, startedAt } = logged.job;
    this.#openedAt = parts.timers.now();
    this.#heardAt = startedAt;
    const first = kind === 'restart' ? 'stop' : 'read';
    this.#phases = new Phases(startedAt, first);
    if (logged.isResumed) this.#say('info', TAKEN_OVER);
    this.#enter(first, startedAt);
    this.#silence = new Quiet(parts.timers, SILENT_MS, () => void this.#fallSilent());
    this.#silence.ask();
  }

  /** Short ids of containers in which the classic builder ran steps; it leaves that of a failed one behind. */
  get buildContainers(): readonly string[] {
    return [...this.#buildContainers];
  }

  onLog(file: string, at = this.parts.timers.now()): void {
    this.#logFile = file;
    this.parts.board.noteLog(this.logged.job.attempt.key, file);
    // The CLI is there: what a restart has to stop has stopped.
    this.#enter(this.#phases.progress({ kind: 'read' }, at), at);
  }

  onLine(line: LogLine): void {
    const id = /^ ---> Running in ([0-9a-f]{12})$/.exec(line.text)?.[1];
    // What a hook builds is its own.
    if (id !== undefined && this.#phases.open === 'build') this.#buildContainers.add(id);
    this.#unfinished = '';
    this.#heardAt = Math.max(this.#heardAt, line.at);
    this.#phases.line(line.text);
    this.#add(line);
    this.#hear();
  }

  /** The hook that runs inside at the moment, if one does; initializeCommand runs on this machine. */
  get runningHook(): string | undefined {
    const { kind, name, status } = (this.#progress ?? {}) as Partial<Extract<CliProgress, { kind: 'hook' }>>;
    return kind === 'hook' && status === 'running' && name !== 'initializeCommand' ? name : undefined;
  }

  /** The last that was heard is that a container is made. */
  get isCreating(): boolean {
    return this.#progress?.kind === 'create';
  }

  onUnfinished(text: string): void {
    this.#unfinished = text;
    this.#hear();
  }

  onProgress(progress: CliProgress, at = this.parts.timers.now()): void {
    if (!this.#phases.accepts(progress)) return;
    // The log's times are those of another process; what is still to come cannot have been.
    const began = Math.min(at, this.parts.timers.now());
    this.#enter(this.#phases.progress(progress, began), began);
    this.#phase = describe(progress);
    this.#progress = progress;
    this.#speak();
    this.logged.onPhase(this.#phase);
    this.#silence.ask();
  }

  /** The CLI has ended: it says no more, and what it left is looked at. */
  end(): void {
    this.#silence.dispose();
    this.#speak();
    // The CLI ended while no window was there: that time belongs to none of its phases.
    if (this.logged.isResumed && this.#heardAt < this.#openedAt) {
      this.#phases.enter('no window', this.#heardAt);
      this.#phases.enter('check', this.#openedAt);
    }
    this.#phases.enter('check', this.parts.timers.now());
  }

  /** Waits for what decides how the job ended; where nobody can tell, that is how it ended. */
  async orFail<T>(settling: Promise<T>): Promise<T> {
    try {
      return await settling;
    } catch (error) {
      const failure: Failure = { kind: 'other', message: messageOf(error), at: this.parts.timers.now() };
      this.close({ outcome: 'failed', downtimeMs: 0, failure });
      throw error;
    }
  }

  /** Says at the end what came of it, and writes it down. */
  close(outcome: JobOutcome, made?: ContainerFacts): void {
    const { failure } = outcome;
    this.#phases.end(this.parts.timers.now());
    const run = this.#run(outcome, made);
    for (const text of summaryLines(run)) this.#say('info', text);
    if (failure) this.#say(failure.kind === 'cancelled' ? 'info' : 'error', failureText(failure));
    this.#flush();
    void this.parts.history.add(this.logged.job.attempt.key, run);
  }

  #run(
    { outcome, failure, notes, containerId, downtimeMs, logFile = this.#logFile }: JobOutcome,
    made?: ContainerFacts,
  ): Run {
    const { kind, startedAt, from } = this.logged.job;
    const to = made ? runContainer(made) : from?.id === containerId ? from : undefined;
    return {
      ...{ kind, outcome, downtimeMs, startedAt, endedAt: this.parts.timers.now() },
      phases: this.#phases.list(),
      ...(failure ? { message: failureText(failure) } : {}),
      ...(failure?.logLine === undefined ? {} : { logLine: failure.logLine }),
      ...(notes ? { notes } : {}),
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
      ...(logFile === undefined ? {} : { logFile }),
    };
  }

  /** A phase that is new has a line of its own. */
  #enter(name: string | undefined, at: number): void {
    if (name !== undefined) this.#add({ at, level: 'info', text: phaseHeading(name) });
  }

  async #fallSilent(): Promise<void> {
    const { onPhase, job } = this.logged;
    const { attempt } = job;
    const silence = ++this.#silences;
    const progress = this.#progress;
    onPhase(`${this.#phase}, no output for a minute`);
    const known = { phase: this.#phase, unfinished: this.#unfinished, attempt };
    const words = await waitingFor({ ...known, ...(progress ? { progress } : {}) });
    if (silence !== this.#silences) return;
    onPhase(words);
    this.#say('warn', words);
  }

  #hear(): void {
    this.#silence.ask();
    if (this.#speak()) this.logged.onPhase(this.#phase);
  }

  /** Ends the silence, if there is one. */
  #speak(): boolean {
    const wasSilent = this.#silences % 2 === 1;
    if (wasSilent) this.#silences++;
    return wasSilent;
  }

  #say(level: LogLevel, text: string): void {
    this.#add({ at: this.parts.timers.now(), level, text });
  }

  #add(line: LogLine): void {
    this.#batch.push(line);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const lines = this.#batch;
    this.#batch = [];
    this.parts.board.log(this.logged.job.attempt.key, lines);
  }
}

/** What a job does, in words: `building, step 3 of 7`. */
export function describe(progress: CliProgress): string {
  switch (progress.kind) {
    case 'read':
      return 'reading the configuration';
    case 'pull':
      return `pulling ${oneLine(progress.image, 80)}`;
    case 'build': {
      const { step, steps } = progress;
      if (step === undefined) return 'building';
      return steps === undefined ? `building, step ${step}` : `building, step ${step} of ${steps}`;
    }
    case 'create':
      return 'creating the container';
    case 'start':
      return 'starting the container';
    case 'hook':
      return progress.status === 'running'
        ? `running ${progress.name}`
        : `${progress.name} ${progress.status}`;
  }
}

/** The failure with the place it points at, as a path that the editor makes a link. */
function failureText(failure: Failure): string {
  if (failure.file === undefined) return failure.message;
  return `${failure.message} ${failure.file}${failure.line === undefined ? '' : `:${failure.line}`}`;
}
