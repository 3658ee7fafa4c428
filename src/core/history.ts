import type { JobOutcome } from '../api';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { isRecord } from '../common/record';
import { isJobKind, type JobKind } from './jobKinds';
import type { Phase } from './phases';
import type { ContainerFacts, RecordStore } from './ports';
import { recordName } from './recordName';

/** So many runs of each dev container are kept, with their logs. */
export const KEPT_RUNS = 20;
/** Of more dev containers, those that were worked on last. */
const KEPT_DEV_CONTAINERS = 200;
const MESSAGE_LENGTH = 2000;

/** A container as a run left or found it. */
export interface RunContainer {
  readonly id: string;
  readonly image: string;
  readonly imageId: string;
}

/** One job that is over. */
export interface Run {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly kind: JobKind;
  readonly outcome: JobOutcome['outcome'];
  /** Why it failed and what is true since. */
  readonly message?: string;
  readonly phases: readonly Phase[];
  readonly downtimeMs: number;
  /** What became of containers that share its namespaces, a sentence each. */
  readonly notes?: readonly string[];
  /** The container before and after; the same one after a restart. */
  readonly from?: RunContainer;
  readonly to?: RunContainer;
  readonly logFile?: string;
  /** Line of the log in which the failure shows, from 1. */
  readonly logLine?: number;
}

/** What a run tells of a container. */
export function runContainer({ id, image, imageId }: ContainerFacts): RunContainer {
  return { id, image, imageId };
}

/** Whether this came from us: what is on disk may be anything. */
export function isRunContainer(value: unknown): value is RunContainer {
  return isRecord(value) && ['id', 'image', 'imageId'].every((name) => typeof value[name] === 'string');
}

interface RunsOfOne {
  readonly version: 1;
  readonly key: string;
  /** The newest first. */
  readonly runs: readonly Run[];
}

/**
 * The last runs of each dev container. Nothing is kept in memory: it is asked for now and then, and other windows add
 * to it too.
 */
export class History {
  #adding: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: RecordStore,
    private readonly logger: Logger,
  ) {}

  /** The newest first. */
  async runs(key: string): Promise<readonly Run[]> {
    await this.#adding;
    return parse((await this.store.readAll()).get(recordName(key)), key)?.runs ?? [];
  }

  /** Adds a run; one too many goes. Never rejects: a job does not fail because nobody can write it down. */
  add(key: string, run: Run): Promise<void> {
    this.#adding = this.#adding
      .then(() => this.#add(key, run))
      .catch((error: unknown) => this.logger.warn(`Could not keep the run of ${key}: ${messageOf(error)}`));
    return this.#adding;
  }

  /** The logs of all runs that are kept. */
  async logFiles(): Promise<ReadonlySet<string>> {
    await this.#adding;
    const all = [...(await this.store.readAll()).values()].map((value) => parse(value)?.runs ?? []);
    return new Set(all.flat().flatMap(({ logFile }) => logFile ?? []));
  }

  async #add(key: string, run: Run): Promise<void> {
    const all = await this.store.readAll();
    const name = recordName(key);
    const before = parse(all.get(name), key)?.runs ?? [];
    const message = run.message?.slice(0, MESSAGE_LENGTH);
    const bounded = { ...run, ...(message === undefined ? {} : { message }) };
    const record: RunsOfOne = { version: 1, key, runs: [bounded, ...before].slice(0, KEPT_RUNS) };
    await this.store.write(name, record);
    const others = [...all].filter(([other]) => other !== name);
    for (const other of oldest(others)) await this.store.remove(other);
  }
}

/** Names of the records that are too many beside the one just written. */
function oldest(records: readonly (readonly [string, unknown])[]): string[] {
  return records
    .map(([name, value]) => ({ name, at: parse(value)?.runs[0]?.endedAt ?? 0 }))
    .sort((a, b) => b.at - a.at)
    .slice(KEPT_DEV_CONTAINERS - 1)
    .map(({ name }) => name);
}

/** What is not as we write it is left out. */
function parse(value: unknown, key?: string): RunsOfOne | undefined {
  if (!isRecord(value) || value['version'] !== 1 || typeof value['key'] !== 'string') return undefined;
  if (!Array.isArray(value['runs']) || (key !== undefined && value['key'] !== key)) return undefined;
  return { version: 1, key: value['key'], runs: value['runs'].filter(isRun).slice(0, KEPT_RUNS) };
}

function isRun(value: unknown): value is Run {
  if (!isRecord(value)) return false;
  const { kind, outcome, message, phases, notes, from, to, logFile, logLine } = value;
  return (
    ['startedAt', 'endedAt', 'downtimeMs'].every((name) => isTime(value[name])) &&
    isJobKind(kind) &&
    ['succeeded', 'failed', 'rolledBack', 'cancelled'].some((word) => word === outcome) &&
    [message, logFile].every((text) => text === undefined || typeof text === 'string') &&
    (logLine === undefined || isTime(logLine)) &&
    (notes === undefined || (Array.isArray(notes) && notes.every((note) => typeof note === 'string'))) &&
    Array.isArray(phases) &&
    phases.every(isPhase) &&
    [from, to].every((container) => container === undefined || isRunContainer(container))
  );
}

function isPhase(value: unknown): value is Phase {
  if (!isRecord(value) || typeof value['name'] !== 'string' || !isTime(value['ms'])) return false;
  const { build } = value;
  return build === undefined || (isRecord(build) && isTime(build['steps']) && isTime(build['cached']));
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
