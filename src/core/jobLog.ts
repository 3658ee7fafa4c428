import type { JobOutcome } from '../api';
import { Quiet, type Timers } from '../common/scheduling';
import type { JobBoard } from './jobBoard';
import type { CliListener, CliProgress, LogLine } from './ports';

/** A CLI that says nothing for so long may hang: on an engine's event that never came, on a question to a terminal. */
const SILENT_MS = 60_000;

/** Hands a job's log lines on in batches, and turns the CLI's progress into words. */
export class JobLog implements CliListener {
  readonly #buildContainers = new Set<string>();
  #batch: LogLine[] = [];
  #scheduled = false;
  #phase = 'waiting for the Dev Containers CLI';
  #isSilent = false;
  #hook: string | undefined;
  readonly #silence: Quiet;

  constructor(
    private readonly board: JobBoard,
    private readonly key: string,
    private readonly onPhase: (phase: string) => void,
    timers: Timers,
  ) {
    this.#silence = new Quiet(timers, SILENT_MS, () => {
      this.#isSilent = true;
      onPhase(`${this.#phase}, no output for a minute`);
    });
    this.#silence.ask();
  }

  /** Short ids of containers in which the classic builder ran steps; it leaves that of a failed one behind. */
  get buildContainers(): readonly string[] {
    return [...this.#buildContainers];
  }

  onLine(line: LogLine): void {
    const id = /^ ---> Running in ([0-9a-f]{12})$/.exec(line.text)?.[1];
    if (id !== undefined) this.#buildContainers.add(id);
    this.#batch.push(line);
    this.#hear();
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  /** The hook that runs at the moment, if one does. */
  get runningHook(): string | undefined {
    return this.#hook;
  }

  onProgress(progress: CliProgress): void {
    const isRunning = progress.kind === 'hook' && progress.status === 'running';
    this.#hook = isRunning ? progress.name : undefined;
    this.#phase = describe(progress);
    this.#isSilent = false;
    this.onPhase(this.#phase);
    this.#silence.ask();
  }

  /** The CLI has ended: it says no more. */
  end(): void {
    this.#silence.dispose();
    this.#isSilent = false;
  }

  /** Says at the end what came of it. */
  close(outcome: JobOutcome): void {
    const { failure } = outcome;
    this.#flush();
    if (failure)
      this.onLine({
        at: failure.at,
        level: failure.kind === 'cancelled' ? 'info' : 'error',
        text: failureText(failure),
      });
    this.#flush();
  }

  #hear(): void {
    this.#silence.ask();
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.onPhase(this.#phase);
  }

  #flush(): void {
    this.#scheduled = false;
    const lines = this.#batch;
    this.#batch = [];
    this.board.log(this.key, lines);
  }
}

/** What a job does, in words: `building, step 3 of 7`. */
export function describe(progress: CliProgress): string {
  switch (progress.kind) {
    case 'build': {
      const { step, steps } = progress;
      if (step === undefined) return 'building';
      return steps === undefined ? `building, step ${step}` : `building, step ${step} of ${steps}`;
    }
    case 'create':
      return 'creating the container';
    case 'hook':
      return progress.status === 'running'
        ? `running ${progress.name}`
        : `${progress.name} ${progress.status}`;
  }
}

/** The failure with the place it points at, as a path that the editor makes a link. */
function failureText(failure: NonNullable<JobOutcome['failure']>): string {
  if (failure.file === undefined) return failure.message;
  return `${failure.message} ${failure.file}${failure.line === undefined ? '' : `:${failure.line}`}`;
}
