import { hasCode, ShipshapeError } from '../common/errors';
import { COMPOSE_PROJECT_LABEL, identityOf, isLive, keyOf, normalizeState, pickActive } from './identity';
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

/** What there is to replace, as it is this moment; refuses one that would be gone, files and all, once it stops. */
export async function replaceable(
  engine: EnginePort,
  known: ContainerFacts | undefined,
): Promise<Replaced | undefined> {
  const container = known && (await engine.inspect(known.id));
  if (!container) return undefined;
  if (container.isRemovedWhenStopped) {
    throw new ShipshapeError(
      'invalidConfig',
      `${container.name} was started with --rm: the engine deletes it, with its files, when it stops, so it can be neither restarted nor kept until a new one runs. Take --rm out of runArgs, remove the container, and create it anew.`,
    );
  }
  const isCompose = container.labels[COMPOSE_PROJECT_LABEL] !== undefined;
  return {
    id: container.id,
    name: container.name,
    // Paused counts: a paused container that was stopped can only go on by running.
    wasRunning: isLive(container),
    ...(isCompose ? {} : { setAsideName: setAsideNameFor(container) }),
  };
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
  try {
    if (old.name !== replaced.name) await engine.rename(replaced.id, replaced.name);
  } catch (error) {
    // Someone else has the name: a container that runs under another one is better than none.
    if (hasCode(error, 'engineSilent') || hasCode(error, 'engineMissing')) throw error;
  }
  if (replaced.wasRunning && normalizeState(old.state) !== 'running') await engine.start(replaced.id);
  return engine.inspect(replaced.id);
}

/**
 * Removes what the classic builder left of a build that failed or was cancelled: containers of unnamed images that
 * came during the job. The ids are from a log, where anything may stand, so each is checked.
 */
export async function removeBuildLeftovers(
  engine: EnginePort,
  before: ReadonlySet<string>,
  shortIds: readonly string[],
): Promise<void> {
  for (const shortId of shortIds) {
    const facts = await engine.inspect(shortId);
    if (!facts || before.has(facts.id) || !/^sha256:[0-9a-f]{64}$/.test(facts.image)) continue;
    if (Object.keys(facts.labels).some((label) => label.startsWith('com.docker.compose.'))) continue;
    await engine.remove(facts.id);
  }
}

/** Removes what a failed job left behind: containers that came during it, and nothing else. */
export async function removeMade(engine: EnginePort, made: readonly ContainerFacts[]): Promise<void> {
  for (const facts of made) await engine.remove(facts.id);
}

function belongsTo(engine: string, key: string, facts: ContainerFacts): boolean {
  const identity = identityOf(engine, facts.labels);
  return identity !== undefined && keyOf(identity) === key;
}
