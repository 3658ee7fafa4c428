/** Containers that live in the namespaces of another one: its network, its processes, its shared memory. */
import { inParallel } from '../common/inParallel';
import { answerWithin, type AskParts } from './answers';
import type { EngineStore } from './engineStore';
import { COMPOSE_PROJECT_LABEL, isLive } from './identity';
import type { ContainerFacts, Namespaces } from './ports';

export interface Sharer {
  readonly id: string;
  readonly name: string;
  /** Id of the container that it shares these with: engines note the id, whatever the user wrote. */
  readonly owner: string;
  /** What it shares, as the user calls it. */
  readonly shares: readonly (keyof Namespaces)[];
  readonly wasRunning: boolean;
  /**
   * It belongs to the owner's Compose project, which makes such containers anew itself: it may be made again in the
   * namespaces of the owner's successor. Others stay as their makers left them.
   */
  readonly mayBeMadeAgain: boolean;
}

/** Questions to the engine under way at once. */
const AT_ONCE = 8;
/** How long an engine may take to tell of them before a question to the user, in milliseconds. */
export const SHARERS_MS = 3_000;

type Store = Pick<EngineStore, 'containers' | 'find' | 'refreshOne'>;

/**
 * Those that live in the namespaces of `owner`, in the order in which they were made. Asks the engine only of
 * containers of which no more is known than a list says, and of those no second time. Rejects as the engine does, or with
 * `cancelled`, and then asks no further.
 */
export async function sharersOf(
  store: Store,
  owner: ContainerFacts,
  signal: AbortSignal,
): Promise<readonly Sharer[]> {
  // By its id none can be that was made before it, and lists tell times in whole seconds.
  const since = Math.floor(owner.createdAt / 1000) * 1000;
  const candidates = store
    .containers()
    .filter(({ id, createdAt }) => id !== owner.id && createdAt >= since)
    .sort((a, b) => a.createdAt - b.createdAt);
  const unknown = candidates.filter(({ namespaces }) => !namespaces);
  await inParallel(unknown, AT_ONCE, async ({ id }) => {
    await store.refreshOne(id, signal);
  });
  return candidates.flatMap(({ id }) => sharerIn(store.find(id), owner));
}

/** The same for a question to the user: none where the engine does not tell in time, or `signal` ends it. */
export async function sharersForQuestion(
  store: Store,
  containerId: string,
  parts: AskParts,
): Promise<readonly Sharer[]> {
  const owner = store.find(containerId);
  if (!owner) return [];
  const what = `What shares the network of ${owner.name}`;
  const found = await answerWithin(parts, SHARERS_MS, what, (signal) => sharersOf(store, owner, signal));
  return found ?? [];
}

const SHARED = ['network', 'processes', 'memory'] as const;

function sharerIn(facts: ContainerFacts | undefined, owner: ContainerFacts): Sharer[] {
  const shares = SHARED.filter((each) => facts?.namespaces?.[each] === owner.id);
  if (!facts || shares.length === 0) return [];
  const project = owner.labels[COMPOSE_PROJECT_LABEL];
  return [
    {
      ...{ id: facts.id, name: facts.name, owner: owner.id, shares, wasRunning: isLive(facts) },
      mayBeMadeAgain: project !== undefined && facts.labels[COMPOSE_PROJECT_LABEL] === project,
    },
  ];
}
