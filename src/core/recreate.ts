import type { Activity, JobOutcome } from '../api';
import { Emitter } from '../common/event';
import { hasCode, messageOf, ShipshapeError } from '../common/errors';
import { Slots } from '../common/scheduling';
import type { Job, RunOptions } from './job';
import { checkedForJob } from './jobChecks';
import type { JobKind } from './jobKinds';
import type { JobLog } from './jobLog';
import type { JobParts } from './jobParts';
import type * as jobSteps from './jobSteps';
import type { CliResult } from './ports';
import { bothSignals } from './signals';
import type { Unfinished } from './unfinished';

/** How a job ended that this window took over from one that is gone. */
export interface ResumedJob {
  readonly key: string;
  readonly kind: JobKind;
  readonly outcome: JobOutcome;
}

/**
 * Creates, recreates, restarts and rolls back dev containers: one job each at a time, several in parallel up to the
 * setting. The image is built first; only then does the old container step aside, and it comes back when the new one
 * cannot be had. A restart stops the container and lets the CLI start it again, so that what runs at each start is
 * today's.
 */
export class Recreate {
  readonly #cancels = new Map<string, AbortController>();
  readonly #resumed = new Emitter<ResumedJob>();
  readonly #slots: Slots;

  /** @param steps what jobs are made of, which is loaded with the first one. */
  constructor(
    private readonly parts: JobParts,
    private readonly steps: () => Promise<typeof jobSteps>,
  ) {
    this.#slots = new Slots(() => parts.settings.parallel());
  }

  /** A job has ended that a window began which is gone. */
  readonly onDidResume = this.#resumed.event;

  /**
   * Runs a job and tells how it ended. Rejects before anything is touched with `notFound`, `notADevContainer`,
   * `busy` or `invalidConfig`; once it has begun, failures are outcomes.
   */
  async run(kind: JobKind, key: string, options: RunOptions = {}): Promise<JobOutcome> {
    const name = this.#name(key);
    checkedForJob(kind, this.parts.inventory.facts(key), name, this.#cancels.has(key));
    return this.#guarded(key, options.signal, async (signal) => {
      this.#show(key, kind, 'waiting for other jobs');
      return this.#slots.run(() => this.#claimAndRun(kind, key, options, signal), signal);
    });
  }

  /**
   * Takes a job over that a window began which is gone: follows its CLI, if that still works, and settles what it left.
   * Rejects when the engine does not answer; the job is still in the journal then.
   */
  async resume(entry: Unfinished): Promise<void> {
    const { unfinishedJob } = await this.steps();
    const job = unfinishedJob(this.parts, entry);
    if (!job || this.#cancels.has(entry.key)) return;
    const outcome = await this.#guarded(entry.key, undefined, async (signal) => {
      const startedAt = job.startedAt;
      this.#show(entry.key, job.kind, 'begun before the window was reloaded', { startedAt });
      const ended = await this.#carryOut(job, {}, signal, entry);
      await this.#over(entry.key);
      return ended;
    });
    this.#resumed.fire({ key: entry.key, kind: job.kind, outcome });
  }

  isRunning(key: string): boolean {
    return this.#cancels.has(key);
  }

  /** Ends the running job of this dev container; its `run` tells what state things are in. */
  cancel(key: string): void {
    const known = this.parts.board.get(key);
    if (!known || !this.#cancels.has(key)) return;
    this.#cancels.get(key)?.abort();
    this.parts.board.set(key, { ...known, phase: 'cancelling' });
  }

  async #guarded(
    key: string,
    given: unknown,
    task: (signal: AbortSignal) => Promise<JobOutcome>,
  ): Promise<JobOutcome> {
    const cancel = new AbortController();
    const signal = bothSignals(given, cancel.signal);
    this.#cancels.set(key, cancel);
    try {
      return await task(signal);
    } catch (error) {
      this.parts.board.end(key);
      if (hasCode(error, 'cancelled')) return { outcome: 'cancelled', downtimeMs: 0 };
      throw error;
    } finally {
      this.#cancels.delete(key);
    }
  }

  async #claimAndRun(
    kind: JobKind,
    key: string,
    options: RunOptions,
    signal: AbortSignal,
  ): Promise<JobOutcome> {
    const { journal, inventory } = this.parts;
    const facts = checkedForJob(kind, inventory.facts(key), this.#name(key), false);
    const store = this.parts.engines.find(facts.engine);
    if (!store) throw new ShipshapeError('notFound', `The engine ${facts.engine} is not there any more.`);
    if (!(await journal.begin(facts.key, store.engine))) {
      throw new ShipshapeError('busy', `Another window is working on ${this.#name(facts.key)}.`);
    }
    this.#show(key, kind, kind === 'rollBack' ? 'looking for what there was' : 'reading the configuration');
    const { prepareJob } = await this.steps();
    const job = await prepareJob(this.parts, kind, facts, signal).catch(async (error: unknown) => {
      await journal.end(facts.key);
      throw error;
    });
    // An engine that fails from here on leaves the entry: by it things are put right once the engine is back.
    const outcome = await this.#carryOut(job, options, signal);
    await this.#over(key);
    return outcome;
  }

  async #over(key: string): Promise<void> {
    await this.parts.journal.end(key).catch((error: unknown) => this.parts.logger.warn(messageOf(error)));
  }

  async #carryOut(
    job: Job,
    options: RunOptions,
    signal: AbortSignal,
    resumed?: Unfinished,
  ): Promise<JobOutcome> {
    const { kind, facts, attempt } = job;
    const replaces = attempt.replaced?.id;
    const show = (phase: string): void => this.#show(facts.key, kind, phase, { replaces });
    const { settlePatiently, keepKnowledge } = await this.steps();
    const log = await this.parts.openLog({ job, isResumed: resumed !== undefined, onPhase: show });
    const ran =
      (resumed ? undefined : await this.#before(job, options, log, signal)) ??
      (await this.#runCli(job, options, log, signal, resumed));
    const { runningHook, isCreating } = log;
    const last = {
      isCut: isCreating && wasEnded(ran),
      ...(runningHook === undefined ? {} : { runningHook }),
    };
    log.end();
    const settling = this.#untilHealthy(job, ran, signal).then((result) => {
      show('checking the result');
      return settlePatiently(attempt, result, {
        ...{ store: job.store, timers: this.parts.timers, logger: this.parts.logger },
        onWait: () => show('waiting for the engine'),
        last,
      });
    });
    const settled = await log.orFail(settling);
    if (settled.outcome.outcome !== 'succeeded') await this.#tidyUp(job, log.buildContainers);
    await keepKnowledge(this.parts, job, settled);
    log.close(settled.outcome, settled.made);
    job.store.invalidate();
    await job.store.refresh().catch(() => undefined);
    this.parts.board.end(facts.key, settled.outcome);
    this.parts.inventory.current();
    return settled.outcome;
  }

  /** What we do ourselves before the CLI comes; the error when it cannot be done. */
  async #before(
    job: Job,
    { pullsBases }: RunOptions,
    listener: JobLog,
    signal: AbortSignal,
  ): Promise<Error | undefined> {
    const { kind, facts, attempt } = job;
    if (signal.aborted) return undefined;
    try {
      if (pullsBases) {
        const { findLogin, timers } = this.parts;
        const parts = { engine: attempt.engine, findLogin, listener, timers, signal };
        await (await this.steps()).pullBases(job.bases ?? [], parts);
      }
      if (attempt.restarted) {
        this.#show(facts.key, kind, 'stopping the container');
        await attempt.engine.stop(attempt.restarted.id);
      }
      if (kind === 'rollBack') {
        this.#show(facts.key, kind, 'putting back what there was', {
          replaces: attempt.replaced?.id,
        });
        await (await this.steps()).stepBack(job);
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  async #runCli(
    job: Job,
    options: RunOptions,
    log: JobLog,
    signal: AbortSignal,
    resumed?: Unfinished,
  ): Promise<CliResult | Error> {
    const { cli, journal, settings } = this.parts;
    try {
      const { requestFor } = await this.steps();
      const request = requestFor(job, {
        noCache: options.noCache ?? false,
        secretsFile: settings.secretsFile(),
        onStarted: (run) => journal.noteProcess(job.attempt.key, run),
      });
      if (!resumed) return await cli.up(request, log, signal);
      const { run } = resumed;
      if (!run) return new ShipshapeError('cancelled', 'The window was closed.');
      return await cli.follow({ ...run, isAlive: () => journal.isAlive(run) }, request, log, signal);
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  /** A new container that is not healthy is none to give the old one up for. */
  async #untilHealthy(
    { kind, facts, store, attempt }: Job,
    result: CliResult | Error,
    signal: AbortSignal,
  ): Promise<CliResult | Error> {
    const id = result instanceof Error || result.outcome !== 'success' ? undefined : result.containerId;
    if (id === undefined || !attempt.replaced || result instanceof Error) return result;
    try {
      const { awaitHealth } = await this.steps();
      const failure = await awaitHealth(store, id, {
        ...{ timers: this.parts.timers, limitMs: this.parts.settings.healthMs(), signal },
        onWait: () =>
          this.#show(facts.key, kind, 'waiting until it is healthy', { replaces: attempt.replaced?.id }),
      });
      return failure ? { ...result, outcome: 'error', failure } : result;
    } catch (error) {
      if (hasCode(error, 'cancelled')) return error as ShipshapeError;
      // An engine that does not answer now is waited for when the job is settled.
      this.parts.logger.warn(`${facts.key}: ${messageOf(error)}`);
      return result;
    }
  }

  async #tidyUp({ attempt }: Job, buildContainers: readonly string[]): Promise<void> {
    try {
      const { removeBuildLeftovers } = await this.steps();
      await removeBuildLeftovers(attempt.engine, attempt, buildContainers);
    } catch (error) {
      this.parts.logger.warn(`Could not remove what the build left: ${messageOf(error)}`);
    }
  }

  #show(
    key: string,
    kind: JobKind,
    phase: string,
    {
      replaces,
      startedAt = this.parts.timers.now(),
    }: { replaces?: string | undefined; startedAt?: number } = {},
  ): void {
    const known = this.parts.board.get(key);
    // What the CLI says while it is being ended would read as if nobody had listened.
    if (this.#cancels.get(key)?.signal.aborted) return;
    const activity = activityOf(kind, phase);
    const since = known?.startedAt ?? startedAt;
    this.parts.board.set(key, { activity, phase, startedAt: since, ...(replaces ? { replaces } : {}) });
  }

  #name(key: string): string {
    return this.parts.inventory.snapshot.devContainers.find((item) => item.key === key)?.name ?? key;
  }
}

/** The CLI did not get to its end: it gave no answer. */
function wasEnded(ran: CliResult | Error): boolean {
  return ran instanceof Error || ran.outcome === undefined;
}

function activityOf(kind: JobKind, phase: string): Activity {
  if (phase.startsWith('building')) return 'building';
  if (kind === 'rollBack') return 'rollingBack';
  if (kind === 'recreate') return 'recreating';
  return phase.startsWith('stopping') ? 'stopping' : 'starting';
}
