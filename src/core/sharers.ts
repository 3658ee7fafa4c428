/** Containers that live in the namespaces of another one: its network, its processes, its shared memory. */
import { COMPOSE_PROJECT_LABEL, isLive } from './identity';
import type { ContainerDetails } from './containerDetails';
import type { ContainerFacts, EnginePort } from './ports';

/** What can be shared, as the user calls it. */
type Shared = 'network' | 'processes' | 'memory';

export interface Sharer {
  readonly id: string;
  readonly name: string;
  /** Id of the container that it shares these with: engines note the id, whatever the user wrote. */
  readonly owner: string;
  readonly shares: readonly Shared[];
  readonly wasRunning: boolean;
  /**
   * It belongs to the owner's Compose project, which makes such containers anew itself: it may be made again in the
   * namespaces of the owner's successor. Others stay as their makers left them.
   */
  readonly mayBeMadeAgain: boolean;
}

/** Questions to the engine under way at once. */
const AT_ONCE = 8;

/** Those among `all` that live in the namespaces of `owner`, in the order in which they were made. */
export async function sharersOf(
  engine: EnginePort,
  owner: ContainerFacts,
  all: readonly ContainerFacts[],
  signal?: AbortSignal,
): Promise<readonly Sharer[]> {
  // By its id none can be that was made before it, and lists tell times in whole seconds.
  const since = Math.floor(owner.createdAt / 1000) * 1000;
  const candidates = all
    .filter(({ id, createdAt }) => id !== owner.id && createdAt >= since)
    .sort((a, b) => a.createdAt - b.createdAt);
  const found: Sharer[] = [];
  for (let n = 0; n < candidates.length; n += AT_ONCE) {
    const some = candidates.slice(n, n + AT_ONCE).map(async (facts) => {
      const details = await engine.details(facts.id, signal);
      return details ? sharerIn(facts, details, owner) : [];
    });
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}

function sharerIn(facts: ContainerFacts, details: ContainerDetails, owner: ContainerFacts): Sharer[] {
  const modes = [
    ['network', details.networkMode],
    ['processes', details.pidMode],
    ['memory', details.ipcMode],
  ] as const;
  const shares = modes.filter(([, mode]) => mode === `container:${owner.id}`).map(([shared]) => shared);
  if (shares.length === 0) return [];
  const project = owner.labels[COMPOSE_PROJECT_LABEL];
  return [
    {
      ...{ id: facts.id, name: facts.name, owner: owner.id, shares, wasRunning: isLive(facts) },
      mayBeMadeAgain: project !== undefined && facts.labels[COMPOSE_PROJECT_LABEL] === project,
    },
  ];
}
