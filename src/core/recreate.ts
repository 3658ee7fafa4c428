import type { Activity, JobOptions, JobOutcome } from '../api';
import { hasCode, messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { Slots, type Timers } from '../common/scheduling';
import type { Configs } from './configs';
import type { Drift } from './drift';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import type { Inputs, WantedInputs } from './inputs';
import type { Inventory } from './inventory';
import type { JobBoard } from './jobBoard';
import { requestFor } from './cliRequest';
import { checkedForJob, type JobKind } from './jobChecks';
import { groundsAfterJob, imagesAfterFailure } from './grounds';
import type { JobLog, LoggedJob } from './jobLog';
import type { Journal } from './journal';
import type { OkReading } from './madeFrom';
import type { Attempt, Settled } from './outcome';
import { normalizeState } from './identity';
import type { CliResult, ContainerFacts, DevContainerCli, InputReading } from './ports';
import { settlePatiently } from './settling';
import { bothSignals } from './signals';
import { removeBuildLeftovers, replaceable } from './swap';
import type { DevContainerFacts } from './snapshot';
import { metadataOfToday } from './startHooks';

export interface RecreateParts {
  readonly engines: Engines;
  readonly inventory: Inventory;
  readonly configs: Configs;
  readonly inputs: Inputs;
  readonly drift: Drift;
  readonly board: JobBoard;
  readonly journal: Journal;
  readonly cli: DevContainerCli;
  readonly openLog: (job: LoggedJob) => Promise<JobLog>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly settings: {
    /** How many jobs may run at once. */
    parallel(): number;
    secretsFile(): string | undefined;
  };
}

/**
 * Creates, recreates and restarts dev containers: one job each at a time, several in parallel up to the setting. The image
 * is built first; only then does the old container step aside, and it comes back when the new one cannot be had. A
 * restart stops the container and lets the CLI start it again, so that what runs at each start is today's.
 */
export class Recreate {
  readonly #cancels = new Map<string, AbortController>();
  readonly #slots: Slots;

  constructor(private readonly parts: RecreateParts) {
    this.#slots = new Slots(() => parts.settings.parallel());
  }

  /**
   * Runs a job and tells how it ended. Rejects before anything is touched with `notFound`, `notADevContainer`,
   * `busy` or `invalidConfig`; once it has begun, failures are outcomes.
   */
  async run(kind: JobKind, key: string, options: JobOptions = {}): Promise<JobOutcome> {
    const facts = this.#check(kind, key);
    const cancel = new AbortController();
    const signal = bothSignals(options.signal, cancel.signal);
    this.#cancels.set(key, cancel);
    try {
      this.#show(key, kind, 'waiting for other jobs');
      return await this.#slots.run(() => this.#claimAndRun(kind, facts, options, signal), signal);
    } catch (error) {
      this.parts.board.end(key);
      if (hasCode(error, 'cancelled')) return { outcome: 'cancelled', downtimeMs: 0 };
      throw error;
    } finally {
      this.#cancels.delete(key);
    }
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

  #check(kind: JobKind, key: string): DevContainerFacts {
    return checkedForJob(kind, this.parts.inventory.facts(key), this.#name(key), this.#cancels.has(key));
  }

  async #claimAndRun(
    kind: JobKind,
    facts: DevContainerFacts,
    options: JobOptions,
    signal: AbortSignal,
  ): Promise<JobOutcome> {
    const { journal } = this.parts;
    const { engine } = this.#store(facts);
    if (!(await journal.begin(facts.key, engine))) {
      throw new ShipshapeError('busy', `Another window is working on ${this.#name(facts.key)}.`);
    }
    const job = await this.#prepare(kind, facts, signal).catch(async (error: unknown) => {
      await journal.end(facts.key);
      throw error;
    });
    // An engine that fails from here on leaves the entry: by it things are put right once the engine is back.
    const outcome = await this.#carryOut(job, options, signal);
    await journal.end(facts.key).catch((error: unknown) => this.parts.logger.warn(messageOf(error)));
    return outcome;
  }

  /** All that must be known before anything is touched; it is in the journal when this resolves. */
  async #prepare(kind: JobKind, facts: DevContainerFacts, signal: AbortSignal): Promise<Job> {
    this.#show(facts.key, kind, 'reading the configuration');
    const reading = await this.#readConfig(facts);
    const { readings } = await this.parts.inputs.read(wantedOf(facts, reading));
    const store = this.#store(facts);
    await store.refresh(signal);
    this.parts.inventory.current();
    const now = this.parts.inventory.facts(facts.key);
    const stopped = kind === 'up' ? undefined : await replaceable(store.engine, now?.container);
    const duplicates = (now?.duplicates ?? []).map(({ id }) => id);
    const known = [now?.container?.id ?? [], duplicates].flat();
    if (stopped) await this.parts.journal.note(facts.key, facts.engine, stopped, known);
    const isStart = kind === 'restart' || (kind === 'up' && isStopped(now?.container));
    const started = isStart ? now?.container : undefined;
    const record = started && this.parts.drift.madeFrom(facts.engine, started.id);
    const metadata = started && metadataOfToday(started, reading.value, record);
    const before = new Set(store.containers().map((container) => container.id));
    const attempt = {
      key: facts.key,
      engine: store.engine,
      before,
      duplicates,
      ...(stopped ? { [kind === 'restart' ? 'restarted' : 'replaced']: stopped } : {}),
      ...(metadata ? { metadata } : {}),
    };
    return { kind, facts, store, reading, inputs: readings, attempt, ...(started ? { started } : {}) };
  }

  async #carryOut(job: Job, options: JobOptions, signal: AbortSignal): Promise<JobOutcome> {
    const { kind, facts, attempt } = job;
    const replaces = attempt.replaced?.id;
    const show = (phase: string): void => this.#show(facts.key, kind, phase, replaces);
    const { container: before } = this.parts.inventory.facts(facts.key) ?? facts;
    const log = await this.parts.openLog({ kind, attempt, before, onPhase: show });
    const result =
      (await this.#stopToRestart(job, signal)) ?? (await this.#runCli(facts, attempt, options, log, signal));
    log.end();
    this.#show(facts.key, kind, 'checking the result', replaces);
    const onWait = (): void => this.#show(facts.key, kind, 'waiting for the engine', replaces);
    const settling = settlePatiently(attempt, result, { ...this.parts, store: job.store, onWait });
    const settled = await log.orFail(settling);
    if (settled.outcome.outcome !== 'succeeded') await this.#tidyUp(job, log.buildContainers);
    await this.#finish(job, settled, log);
    return settled.outcome;
  }

  async #stopToRestart({ kind, facts, attempt }: Job, signal: AbortSignal): Promise<Error | undefined> {
    if (!attempt.restarted || signal.aborted) return undefined;
    this.#show(facts.key, kind, 'stopping the container');
    try {
      await attempt.engine.stop(attempt.restarted.id);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  async #tidyUp({ attempt }: Job, buildContainers: readonly string[]): Promise<void> {
    try {
      await removeBuildLeftovers(attempt.engine, attempt.before, buildContainers);
    } catch (error) {
      this.parts.logger.warn(`Could not remove what the build left: ${messageOf(error)}`);
    }
  }

  /** The inputs as they are before the build: an edit during it stays a change. */
  async #readConfig(facts: DevContainerFacts): Promise<OkReading> {
    const configFile = facts.configFile ?? '';
    const reading = await this.parts.configs.read(configFile);
    if (reading.status === 'ok') return reading;
    if (reading.status === 'missing')
      throw new ShipshapeError('invalidConfig', `${configFile} is not there any more.`);
    const { message, line } = reading.problem;
    const place = line === undefined ? configFile : `${configFile}:${line}`;
    throw new ShipshapeError('invalidConfig', `${place} cannot be used: ${message}`);
  }

  async #runCli(
    facts: DevContainerFacts,
    attempt: Attempt,
    options: JobOptions,
    log: JobLog,
    signal: AbortSignal,
  ): Promise<CliResult | Error> {
    try {
      const request = requestFor(facts, attempt, {
        noCache: options.noCache ?? false,
        secretsFile: this.parts.settings.secretsFile(),
        onStarted: (pid) => this.parts.journal.noteProcess(attempt.key, pid),
      });
      return await this.parts.cli.up(request, log, signal);
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  async #finish(job: Job, settled: Settled, log: JobLog): Promise<void> {
    const { facts, store, reading, started } = job;
    const { outcome, made } = settled;
    const { inventory, drift } = this.parts;
    const subject = made && inventory.caseOf(facts, made);
    if (subject) {
      const wanted = wantedOf(facts, reading);
      drift.record(subject, 'created', await groundsAfterJob(store.engine, this.parts.inputs, wanted, job));
    }
    const kept = outcome.outcome === 'succeeded' ? undefined : inventory.caseOf(facts);
    if (kept && kept.container.id === outcome.containerId) {
      drift.acceptImages(kept, await imagesAfterFailure(store.engine, kept.container.id));
    }
    const again = started?.id === outcome.containerId && inventory.caseOf(facts, started);
    if (again && outcome.outcome === 'succeeded') drift.recordRestarted(again, reading);
    log.close(outcome, made);
    await this.parts.journal
      .end(facts.key)
      .catch((error: unknown) => this.parts.logger.warn(messageOf(error)));
    store.invalidate();
    await store.refresh().catch(() => undefined);
    this.parts.board.end(facts.key, outcome);
    this.parts.inventory.current();
  }

  #show(key: string, kind: JobKind, phase: string, replaces?: string): void {
    const known = this.parts.board.get(key);
    // What the CLI says while it is being ended would read as if nobody had listened.
    if (this.#cancels.get(key)?.signal.aborted) return;
    const activity = activityOf(kind, phase);
    const startedAt = known?.startedAt ?? this.parts.timers.now();
    this.parts.board.set(key, { activity, phase, startedAt, ...(replaces ? { replaces } : {}) });
  }

  #store(facts: DevContainerFacts): EngineStore {
    const store = this.parts.engines.find(facts.engine);
    if (!store) throw new ShipshapeError('notFound', `The engine ${facts.engine} is not there any more.`);
    return store;
  }

  #name(key: string): string {
    return this.parts.inventory.snapshot.devContainers.find((item) => item.key === key)?.name ?? key;
  }
}

function isStopped(container: ContainerFacts | undefined): boolean {
  return container !== undefined && ['created', 'stopped'].includes(normalizeState(container.state));
}

function activityOf(kind: JobKind, phase: string): Activity {
  if (phase.startsWith('building')) return 'building';
  if (kind === 'recreate') return 'recreating';
  return phase.startsWith('stopping') ? 'stopping' : 'starting';
}

/** A job of which all is known that must be known before anything is touched. */
interface Job {
  readonly kind: JobKind;
  readonly facts: DevContainerFacts;
  readonly store: EngineStore;
  readonly reading: OkReading;
  /** As they were before the build. */
  readonly inputs: readonly InputReading[];
  readonly attempt: Attempt;
  /** The container that is there and that the job starts. */
  readonly started?: ContainerFacts;
}

function wantedOf(
  { workspaceFolder, configFile = '' }: DevContainerFacts,
  { value }: OkReading,
): WantedInputs {
  return { workspaceFolder, configFile, config: value };
}
