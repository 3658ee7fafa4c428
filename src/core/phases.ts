import { BuildSteps, type StepCount } from './buildSteps';
import type { CliProgress } from './ports';

/** A part of a job: `read`, `initialize`, `build`, `create`, `start`, a hook by its name, `check`. */
export interface Phase {
  readonly name: string;
  /** Milliseconds, never negative; of all phases together at most as long as the job took. */
  readonly ms: number;
  /** Of a build. */
  readonly build?: StepCount;
}

/** Hooks are named by the log, where anything may stand: more than these count as the last of them. */
const MAX_PHASES = 40;

/** What a job spends its time on: one phase is open at any moment until the end, and a phase may come again. */
export class Phases {
  readonly #spent = new Map<string, number>();
  readonly #steps = new BuildSteps();
  readonly #began: number;
  #open: string | undefined;
  #since: number;

  /** @param now when the job began, as every time in milliseconds since 1970. */
  constructor(now: number, first = 'read') {
    this.#began = this.#since = now;
    this.#open = first;
    this.#spent.set(first, 0);
  }

  /** The phase that is open; none after the end. */
  get open(): string | undefined {
    return this.#open;
  }

  /** From the beginning to the last that was heard of. */
  get totalMs(): number {
    return this.#since - this.#began;
  }

  /** Whether this can be so now: a hook that builds images of its own prints what a build of ours does. */
  accepts(progress: CliProgress): boolean {
    const open = this.#open ?? '';
    if (progress.kind === 'hook') return this.#open !== undefined;
    if (progress.kind === 'read') return open === 'stop' || open === 'initialize';
    if (progress.kind === 'build' && progress.step !== undefined && open === 'initialize') return false;
    return BEFORE_START.has(open);
  }

  /** Takes what the CLI says of where it stands; tells the phase's name when it is one that was not there before. */
  progress(progress: CliProgress, now: number): string | undefined {
    if (!this.accepts(progress)) return undefined;
    if (progress.kind === 'build' && progress.step === undefined) this.#steps.begin();
    const name = phaseOf(progress);
    return name === undefined ? undefined : this.enter(name, now);
  }

  /** Opens this phase, and closes the one before; tells the name when it is one that was not there before. */
  enter(name: string, now: number): string | undefined {
    if (this.#open === undefined || name === this.#open) return undefined;
    const isNew = !this.#spent.has(name);
    this.#pass(now);
    if (isNew && this.#spent.size >= MAX_PHASES) return undefined;
    this.#open = name;
    if (isNew) this.#spent.set(name, 0);
    return isNew ? name : undefined;
  }

  /** Takes a line of the output: a builder says which steps it had in its cache. */
  line(text: string): void {
    if (this.#open === 'build') this.#steps.line(text);
  }

  /** The job is over, by whatever end. */
  end(now: number): void {
    if (this.#open !== undefined) this.#pass(now);
    this.#open = undefined;
  }

  /** In the order in which they came first. */
  list(): readonly Phase[] {
    const { count } = this.#steps;
    return [...this.#spent].map(([name, ms]) => ({
      ...{ name, ms },
      ...(name === 'build' && count.steps > 0 ? { build: count } : {}),
    }));
  }

  /** Times are those of other processes and may step back, which is no time at all. */
  #pass(now: number): void {
    const until = Math.max(this.#since, now);
    const open = this.#open ?? '';
    this.#spent.set(open, (this.#spent.get(open) ?? 0) + until - this.#since);
    this.#since = until;
  }
}

const BEFORE_START = new Set(['stop', 'read', 'initialize', 'build', 'create']);

function phaseOf(progress: CliProgress): string | undefined {
  switch (progress.kind) {
    case 'hook':
      if (progress.status !== 'running') return undefined;
      return progress.name === 'initializeCommand' ? 'initialize' : progress.name;
    case 'pull':
      return 'build';
    case 'build':
    case 'create':
    case 'start':
    case 'read':
      return progress.kind;
  }
}
