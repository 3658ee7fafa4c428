import { ShipshapeError } from '../common/errors';
import type { EngineStore } from './engineStore';
import { composeMade, normalizeState } from './identity';
import { runContainer } from './history';
import type { WantedInputs } from './inputs';
import type { Job, Outgoing } from './job';
import type { JobKind } from './jobKinds';
import type { JobParts } from './jobParts';
import type { OkReading } from './madeFrom';
import type { Attempt, SwapPolicy } from './outcome';
import type { ContainerFacts } from './ports';
import { sharersOf, type Sharer } from './sharers';
import type { DevContainerFacts } from './snapshot';
import { metadataOfToday } from './startHooks';
import { replaceable, type Replaced } from './swap';

/** Finds out all that must be known before anything is touched; it is in the journal when this resolves. */
export async function prepareJob(
  parts: JobParts,
  kind: JobKind,
  facts: DevContainerFacts,
  signal: AbortSignal,
): Promise<Job> {
  const startedAt = parts.timers.now();
  const store = parts.engines.find(facts.engine);
  if (!store) throw new ShipshapeError('notFound', `The engine ${facts.engine} is not there any more.`);
  const reading = kind === 'rollBack' ? undefined : await readConfig(parts, facts);
  const made = reading && (await parts.inputs.read(wantedOf(facts, reading)));
  await store.refresh(signal);
  parts.inventory.current();
  const now = parts.inventory.facts(facts.key);
  const way = kind === 'rollBack' ? await wayBack(parts, store, facts.key) : {};
  const touched =
    kind === 'up' || kind === 'rerun' ? undefined : await replaceable(store.engine, now?.container);
  const outgoing =
    touched && kind !== 'restart' ? await outgoingOf(parts, store, facts.key, touched) : undefined;
  const attempt: Attempt = {
    ...attemptOf(kind, facts, store, now),
    ...(touched ? { [kind === 'restart' ? 'restarted' : 'replaced']: touched } : {}),
    ...(way.revived ? { revived: way.revived } : {}),
    sharers: await sharersOfAll(store, [touched?.id, way.revived?.id], signal),
    policy: kind === 'rollBack' ? BACK : policyOf(parts, facts.key, outgoing),
  };
  const isStart = kind === 'restart' || kind === 'rerun' || (kind === 'up' && isStopped(now?.container));
  const started = isStart ? now?.container : undefined;
  const record = started && parts.drift.madeFrom(facts.engine, started.id);
  const metadata = started && reading && metadataOfToday(started, reading.value, record);
  const job: Job = {
    ...{ kind, facts, store, startedAt, inputs: made?.readings ?? [] },
    ...(made?.bases ? { bases: made.bases } : {}),
    ...(now?.container ? { from: runContainer(now.container) } : {}),
    attempt: { ...attempt, ...(metadata ? { metadata } : {}) },
    ...(reading ? { reading } : {}),
    ...(started ? { started } : {}),
    ...(outgoing ? { outgoing } : {}),
    ...(way.image ? { image: way.image } : {}),
    ...(way.madeFrom ? { madeFrom: way.madeFrom } : {}),
    ...(kind === 'rerun' ? { runAgain: [failedHook(parts, now)] } : {}),
  };
  await parts.journal.note(job);
  return job;
}

async function sharersOfAll(
  store: EngineStore,
  ids: readonly (string | undefined)[],
  signal: AbortSignal,
): Promise<readonly Sharer[]> {
  const owners = ids.flatMap((id) => (id === undefined ? [] : (store.find(id) ?? [])));
  return (await Promise.all(owners.map((owner) => sharersOf(store, owner, signal)))).flat();
}

/** What inputs a configuration has. */
export function wantedOf(
  { workspaceFolder, configFile = '' }: DevContainerFacts,
  { value }: OkReading,
): WantedInputs {
  return { workspaceFolder, configFile, config: value };
}

/** The inputs as they are before the build: an edit during it stays a change. */
async function readConfig(parts: JobParts, facts: DevContainerFacts): Promise<OkReading> {
  const configFile = facts.configFile ?? '';
  const reading = await parts.configs.read(configFile);
  if (reading.status === 'ok') return reading;
  if (reading.status === 'missing')
    throw new ShipshapeError('invalidConfig', `${configFile} is not there any more.`);
  const { message, line } = reading.problem;
  const place = line === undefined ? configFile : `${configFile}:${line}`;
  throw new ShipshapeError('invalidConfig', `${place} cannot be used: ${message}`);
}

function attemptOf(
  kind: JobKind,
  { key }: DevContainerFacts,
  store: EngineStore,
  now: DevContainerFacts | undefined,
): Attempt {
  const kept = now?.kept?.id;
  const duplicates = [...(now?.duplicates ?? []).map(({ id }) => id), ...(kept === undefined ? [] : [kept])];
  const before = new Set(store.containers().map(({ id }) => id));
  const since = store.containers().reduce((latest, { createdAt }) => Math.max(latest, createdAt), 0);
  // The container that comes back is what the job makes.
  if (kind === 'rollBack' && kept !== undefined) before.delete(kept);
  const adopted = now?.container && composeMade(now.container);
  return {
    ...{ key, engine: store.engine, before, since },
    ...(adopted ? { adopted } : {}),
    duplicates: kind === 'rollBack' ? duplicates.filter((id) => id !== kept) : duplicates,
  };
}

/**
 * On the way back nothing newer may stay aside, since tools take the newest container for the dev container; a way back
 * that fails leaves things as they were.
 */
const BACK: SwapPolicy = { onHookFailure: 'rollBack', keepsOld: false, isOldSuperfluous: false };

function policyOf(parts: JobParts, key: string, outgoing: Outgoing | undefined): SwapPolicy {
  const { onHookFailure, keepsOld } = parts.settings;
  const isOldSuperfluous = outgoing?.hasFailed === true && parts.previous.of(key)?.kept !== undefined;
  return { onHookFailure: onHookFailure(), keepsOld: keepsOld(), isOldSuperfluous };
}

async function outgoingOf(
  { drift, board }: JobParts,
  store: EngineStore,
  key: string,
  { id }: Replaced,
): Promise<Outgoing | undefined> {
  const container = store.find(id);
  const blueprint = await store.engine.blueprint(id);
  if (!container || !blueprint) return undefined;
  const madeFrom = drift.madeFrom(store.engine.key, id);
  const hasFailed = board.failure(key, container)?.kind === 'lifecycle';
  return { imageId: container.imageId, blueprint, hasFailed, ...(madeFrom ? { madeFrom } : {}) };
}

/** The container or the image to go back to; rejects with `notFound` when there is none. */
async function wayBack(
  { previous, drift }: JobParts,
  { engine }: EngineStore,
  key: string,
): Promise<Pick<Job, 'image' | 'madeFrom'> & Pick<Attempt, 'revived'>> {
  const known = previous.of(key);
  const { kept } = known ?? {};
  if (kept && (await engine.inspect(kept.id))) {
    const madeFrom = drift.madeFrom(engine.key, kept.id);
    return { revived: kept, ...(madeFrom ? { madeFrom } : {}) };
  }
  for (const image of known?.images ?? []) {
    if ((await engine.imageId(image.name)) === undefined) continue;
    return { image, ...(image.madeFrom ? { madeFrom: image.madeFrom } : {}) };
  }
  throw new ShipshapeError('notFound', 'There is no earlier container or image to go back to.');
}

function failedHook({ board }: JobParts, now: DevContainerFacts | undefined): string {
  const message = now && board.failure(now.key, now.container)?.message;
  const [hook] =
    /\b(?:onCreate|updateContent|postCreate|postStart|postAttach)Command\b/.exec(message ?? '') ?? [];
  if (hook === undefined) throw new ShipshapeError('notFound', 'There is no hook that failed.');
  return hook;
}

function isStopped(container: ContainerFacts | undefined): boolean {
  return container !== undefined && ['created', 'stopped'].includes(normalizeState(container.state));
}
