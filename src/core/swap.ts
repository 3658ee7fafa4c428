import { identityOf, keyOf, normalizeState, pickActive } from './identity';
import type { ContainerFacts, EnginePort } from './ports';

/** The container that a job replaces, as it was before. */
export interface Replaced {
  readonly id: string;
  readonly name: string;
  /** Its name while it is set aside; undefined where it is removed instead. */
  readonly setAsideName?: string;
  readonly wasRunning: boolean;
}

/** What an engine holds of one dev container after a job, told apart. */
export interface Aftermath {
  /** The container that was to be replaced, if it is still there. */
  readonly old?: ContainerFacts;
  /** Else the container that was there before, if there was one and still is. */
  readonly there?: ContainerFacts;
  /** Containers that came during the job, newest first. */
  readonly made: readonly ContainerFacts[];
}

const NAME_LENGTH = 120;

/** A name for a container that steps aside; it tells people what it is, and us which one. */
export function setAsideNameFor(container: ContainerFacts): string {
  const name = container.name.replace(/[^a-zA-Z0-9_.-]/g, '-').slice(0, NAME_LENGTH);
  return `${name}_before_${container.id.slice(0, 8)}`;
}

/** Looks at the engine itself: the CLI's word for what it did is not enough. `before` are the ids from before. */
export async function lookAfter(
  engine: EnginePort,
  key: string,
  before: ReadonlySet<string>,
  replaced: Replaced | undefined,
): Promise<Aftermath> {
  const all = await engine.list();
  const ours = all.filter((facts) => belongsTo(engine.key, key, facts));
  const made = ours.filter((facts) => !before.has(facts.id)).sort((a, b) => b.createdAt - a.createdAt);
  const old = replaced ? await engine.inspect(replaced.id) : undefined;
  const there = replaced ? undefined : pickActive(ours.filter((facts) => before.has(facts.id)));
  return { made, ...(old ? { old } : {}), ...(there ? { there } : {}) };
}

/** Puts the old container back under its name, running if it was; undefined when it is gone. */
export async function putBack(engine: EnginePort, replaced: Replaced): Promise<ContainerFacts | undefined> {
  const old = await engine.inspect(replaced.id);
  if (!old) return undefined;
  if (old.name !== replaced.name) await engine.rename(replaced.id, replaced.name);
  if (replaced.wasRunning && normalizeState(old.state) !== 'running') await engine.start(replaced.id);
  return engine.inspect(replaced.id);
}

/** Removes what a failed job left behind: containers that came during it, and nothing else. */
export async function removeMade(engine: EnginePort, made: readonly ContainerFacts[]): Promise<void> {
  for (const facts of made) await engine.remove(facts.id);
}

function belongsTo(engine: string, key: string, facts: ContainerFacts): boolean {
  const identity = identityOf(engine, facts.labels);
  return identity !== undefined && keyOf(identity) === key;
}
