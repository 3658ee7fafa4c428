import { isRecord } from '../common/record';
import type { Engines } from './engines';
import type { ComposeMade } from './identity';
import type { Inventory } from './inventory';
import { isRunContainer, type RunContainer } from './history';
import type { Job, Outgoing } from './job';
import { isJobKind, type JobKind } from './jobKinds';
import { parseGrounds, parseMadeFrom, type MadeFrom, type OkReading } from './madeFrom';
import type { Attempt, SwapPolicy } from './outcome';
import type { CliRequest, CliRun, InputReading } from './ports';
import type { KeptContainer } from './previous';
import type { Sharer } from './sharers';
import type { Replaced } from './swap';

/** A run of the CLI; `process` is the name of its process. */
export interface SavedRun extends CliRun {
  readonly process: string;
}

/** A job that a window began which is gone. */
export interface Unfinished {
  readonly key: string;
  readonly engine: string;
  readonly job: SavedJob;
  readonly run?: SavedRun;
}

/** A job as it is written down, so that another window can finish it. */
export interface SavedJob {
  readonly kind: JobKind;
  readonly startedAt: number;
  readonly from?: RunContainer;
  readonly workspaceFolder: string;
  readonly configFile: string;
  /** Ids of every container that the dev container had. */
  readonly known: readonly string[];
  /** When the newest container of the engine was made, on its clock. */
  readonly since: number;
  readonly adopted?: ComposeMade;
  readonly replaced?: Replaced;
  readonly restarted?: Replaced;
  readonly revived?: KeptContainer;
  readonly duplicates: readonly string[];
  readonly metadata?: CliRequest['metadata'];
  readonly policy?: SwapPolicy;
  readonly sharers?: readonly Sharer[];
  readonly reading?: OkReading;
  readonly inputs: readonly InputReading[];
  /** Id of the container that the job starts. */
  readonly started?: string;
  readonly outgoing?: Outgoing;
  readonly madeFrom?: MadeFrom;
}

/** What of a job another window needs. */
export function savedJob({
  kind,
  facts,
  startedAt,
  from,
  reading,
  inputs,
  attempt,
  started,
  outgoing,
  madeFrom,
}: Job): SavedJob {
  const { replaced, restarted, revived, duplicates = [], metadata, policy, sharers, since = 0 } = attempt;
  const { adopted } = attempt;
  const known = [facts.container?.id ?? [], duplicates, replaced?.id ?? []].flat();
  return {
    ...{ kind, startedAt, workspaceFolder: facts.workspaceFolder, configFile: facts.configFile ?? '' },
    ...{ known: [...new Set(known)].filter((id) => id !== revived?.id), since, duplicates, inputs },
    ...(from ? { from } : {}),
    ...(adopted ? { adopted } : {}),
    ...(replaced ? { replaced } : {}),
    ...(restarted ? { restarted } : {}),
    ...(revived ? { revived } : {}),
    ...(metadata ? { metadata } : {}),
    ...(policy ? { policy } : {}),
    ...(sharers ? { sharers } : {}),
    ...(reading ? { reading } : {}),
    ...(started ? { started: started.id } : {}),
    ...(outgoing ? { outgoing } : {}),
    ...(madeFrom ? { madeFrom } : {}),
  };
}

/** The job that was written down; undefined while its engine or its dev container is not shown. */
export function unfinishedJob(
  parts: { readonly engines: Engines; readonly inventory: Inventory },
  { key, engine, job }: Unfinished,
): Job | undefined {
  const store = parts.engines.find(engine);
  const facts = parts.inventory.facts(key);
  if (!store || !facts) return undefined;
  const {
    kind,
    startedAt,
    from,
    known,
    since,
    replaced,
    restarted,
    revived,
    duplicates,
    metadata,
    policy,
    sharers,
  } = job;
  const { adopted, reading, inputs, outgoing, madeFrom } = job;
  const started = job.started === undefined ? undefined : store.find(job.started);
  const attempt: Attempt = {
    ...{ key, engine: store.engine, before: new Set(known), since, duplicates },
    ...(adopted ? { adopted } : {}),
    ...(replaced ? { replaced } : {}),
    ...(restarted ? { restarted } : {}),
    ...(revived ? { revived } : {}),
    ...(metadata ? { metadata } : {}),
    ...(policy ? { policy } : {}),
    ...(sharers ? { sharers } : {}),
  };
  return {
    ...{ kind, facts, store, inputs, attempt, startedAt },
    ...(from ? { from } : {}),
    ...(reading ? { reading } : {}),
    ...(started ? { started } : {}),
    ...(outgoing ? { outgoing } : {}),
    ...(madeFrom ? { madeFrom } : {}),
  };
}

/** Checks what came from disk; anything else than what we write is undefined. */
export function parseSavedJob(value: unknown): SavedJob | undefined {
  if (!isRecord(value) || !isJobKind(value['kind'])) return undefined;
  const { kind, workspaceFolder, configFile, since, started, startedAt, from } = value;
  const [known, duplicates] = [ids(value['known']), ids(value['duplicates'])];
  if (typeof startedAt !== 'number') return undefined;
  if (typeof workspaceFolder !== 'string' || typeof configFile !== 'string' || !known || !duplicates)
    return undefined;
  const grounds = parseGrounds(value['reading'], value['inputs']);
  if (!grounds) return undefined;
  const { adopted, replaced, restarted, revived, metadata, policy, sharers, outgoing } = value;
  const madeFrom = parseMadeFrom(value['madeFrom']);
  return {
    ...{ kind, startedAt, workspaceFolder, configFile, known, duplicates, ...grounds },
    since: typeof since === 'number' ? since : 0,
    ...(isRunContainer(from) ? { from } : {}),
    ...(isComposeMade(adopted) ? { adopted } : {}),
    ...(isNamed(replaced) ? { replaced: replaced as unknown as Replaced } : {}),
    ...(isNamed(restarted) ? { restarted: restarted as unknown as Replaced } : {}),
    ...(isNamed(revived) ? { revived: revived as unknown as KeptContainer } : {}),
    ...(isRecord(metadata) ? { metadata: metadata as unknown as NonNullable<CliRequest['metadata']> } : {}),
    ...(isRecord(policy) ? { policy: policy as unknown as SwapPolicy } : {}),
    ...(Array.isArray(sharers) && sharers.every(isNamed) ? { sharers: sharers as unknown as Sharer[] } : {}),
    ...(typeof started === 'string' ? { started } : {}),
    ...(isRecord(outgoing) ? { outgoing: outgoing as unknown as Outgoing } : {}),
    ...(madeFrom ? { madeFrom } : {}),
  };
}

function ids(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string')) return undefined;
  return value;
}

function isComposeMade(value: unknown): value is ComposeMade {
  return isRecord(value) && ['id', 'project', 'service'].every((key) => typeof value[key] === 'string');
}

function isNamed(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['name'] === 'string';
}
