import type { Activity, JobOptions, JobOutcome } from '../api';
import { hasCode, messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { Slots, type Timers } from '../common/scheduling';
import type { Configs } from './configs';
import type { Drift } from './drift';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import type { Inventory } from './inventory';
import type { JobBoard } from './jobBoard';
import { JobLog } from './jobLog';
import type { Journal } from './journal';
import type { OkReading } from './madeFrom';
import type { Attempt, Settled } from './outcome';
import type { CliResult, DevContainerCli } from './ports';
import { settlePatiently } from './settling';
import { removeBuildLeftovers, replaceable } from './swap';
import type { DevContainerFacts } from './snapshot';

export interface RecreateParts {
  readonly engines: Engines;
  readonly inventory: Inventory;
  readonly configs: Configs;
  readonly drift: Drift;
  readonly board: JobBoard;
  readonly journal: Journal;
  readonly cli: DevContainerCli;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly settings: {
    /** How many jobs may run at once. */
    parallel(): number;
    secretsFile(): string | undefined;
  };
}

export type JobKind = 'up' | 'recreate';

/**
 * Creates and recreates dev containers: one job each at a time, several in parallel up to the setting. The image
 * is built first; only then does the old container step aside, and it comes back when the new one cannot be had.
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
    const facts = this.#check(key);
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

  #check(key: string): DevContainerFacts {
    const facts = this.parts.inventory.facts(key);
    if (!facts)
      throw new ShipshapeError('notFound', 'This dev container is not there any more. Refresh the list.');
    if (this.#cancels.has(key)) {
      throw new ShipshapeError('busy', `${this.#name(key)} is already being recreated.`);
    }
    if (!facts.configFile) {
      const why = 'its container does not say which configuration it was made from';
      throw new ShipshapeError('notADevContainer', `${this.#name(key)} cannot be recreated: ${why}.`);
    }
    return facts;
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
    const store = this.#store(facts);
    await store.refresh(signal);
    this.parts.inventory.current();
    const now = this.parts.inventory.facts(facts.key);
    const replaced = kind === 'recreate' ? await replaceable(store.engine, now?.container) : undefined;
    const duplicates = now?.duplicates ?? [];
    const known = [now?.container?.id ?? [], duplicates].flat();
    if (replaced) await this.parts.journal.note(facts.key, facts.engine, replaced, known);
    const before = new Set(store.containers().map((container) => container.id));
    const attempt = {
      key: facts.key,
      engine: store.engine,
      before,
      duplicates,
      ...(replaced ? { replaced } : {}),
    };
    return { kind, facts, store, reading, attempt };
  }

  async #carryOut(job: Job, options: JobOptions, signal: AbortSignal): Promise<JobOutcome> {
    const { kind, facts, attempt } = job;
    const replaces = attempt.replaced?.id;
    const log = new JobLog(this.parts.board, facts.key, (phase) =>
      this.#show(facts.key, kind, phase, replaces),
    );
    const result = await this.#runCli(facts, attempt, options, log, signal);
    this.#show(facts.key, kind, 'checking the result', replaces);
    const settled = await settlePatiently(attempt, result, {
      ...{ store: job.store, timers: this.parts.timers, logger: this.parts.logger },
      onWait: () => this.#show(facts.key, kind, 'waiting for the engine', replaces),
    });
    if (settled.outcome.outcome !== 'succeeded') await this.#tidyUp(job, log.buildContainers);
    await this.#finish(job, settled, log);
    return settled.outcome;
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
    const secretsFile = this.parts.settings.secretsFile();
    const { replaced } = attempt;
    try {
      return await this.parts.cli.up(
        {
          workspaceFolder: facts.workspaceFolder,
          configFile: facts.configFile ?? '',
          engine: attempt.engine,
          noCache: options.noCache ?? false,
          ...(secretsFile ? { secretsFile } : {}),
          onStarted: (pid) => this.parts.journal.noteProcess(attempt.key, pid),
          ...(replaced
            ? {
                replace: {
                  containerId: replaced.id,
                  duplicates: attempt.duplicates ?? [],
                  ...(replaced.setAsideName ? { setAsideName: replaced.setAsideName } : {}),
                },
              }
            : {}),
        },
        log,
        signal,
      );
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  async #finish({ facts, store, reading }: Job, settled: Settled, log: JobLog): Promise<void> {
    const { outcome, made } = settled;
    const subject = made && this.parts.inventory.caseOf(facts, made);
    if (subject) this.parts.drift.record(subject, reading, 'created');
    log.close(outcome);
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
    const activity: Activity = phase.startsWith('building')
      ? 'building'
      : kind === 'up'
        ? 'starting'
        : 'recreating';
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

/** A job of which all is known that must be known before anything is touched. */
interface Job {
  readonly kind: JobKind;
  readonly facts: DevContainerFacts;
  readonly store: EngineStore;
  readonly reading: OkReading;
  readonly attempt: Attempt;
}

function bothSignals(given: unknown, own: AbortSignal): AbortSignal {
  if (given === undefined || given === null) return own;
  if (given instanceof AbortSignal) return AbortSignal.any([given, own]);
  throw new ShipshapeError('invalidArgument', "A job's signal must be an AbortSignal.");
}
