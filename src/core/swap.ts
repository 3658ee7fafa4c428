import { hasCode, ShipshapeError } from '../common/errors';
import {
  COMPOSE_PROJECT_LABEL,
  composeMade,
  identityOf,
  isLive,
  keyOf,
  normalizeState,
  pickActive,
  type ComposeMade,
} from './identity';
import type { Blueprint, ContainerFacts, EnginePort } from './ports';
import type { KeptContainer } from './previous';

/** The container that a job replaces, as it was before. */
export interface Replaced {
  readonly id: string;
  readonly name: string;
  /** Its name while it is set aside; undefined where it is removed instead. */
  readonly setAsideName?: string;
  readonly wasRunning: boolean;
  /** Where it is removed: how it was made, and the image that has its files from that moment on. */
  readonly copy?: { readonly image: string; readonly blueprint: Blueprint };
}

/** What an engine holds of one dev container after a job, told apart. */
export interface Aftermath {
  /** The container that was to be replaced, if it is still there. */
  readonly old?: ContainerFacts;
  /** Else the container that was there before, if there was one and still is. */
  readonly there?: ContainerFacts;
  /** Containers that came during the job, newest first. */
  readonly made: readonly ContainerFacts[];
  /** The container that was to be replaced can be had again: it is there, or a copy of it. */
  readonly canGoBack: boolean;
}

const NAME_LENGTH = 120;

/** Images that hold the files of a container while it is replaced begin like this. */
export const COPIES = 'shipshape/copy:';

/** A name for a container that steps aside; it tells people what it is, and us which one. */
export function setAsideNameFor(container: Pick<ContainerFacts, 'id' | 'name'>): string {
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
  const blueprint = isCompose ? await engine.blueprint(container.id) : undefined;
  return {
    id: container.id,
    name: container.name,
    // Paused counts: a paused container that was stopped can only go on by running.
    wasRunning: isLive(container),
    ...(isCompose ? {} : { setAsideName: setAsideNameFor(container) }),
    ...(blueprint ? { copy: { image: `${COPIES}${container.id.slice(0, 12)}`, blueprint } } : {}),
  };
}

/** Looks at the engine itself: the CLI's word for what it did is not enough. `before` are the ids from before. */
export async function lookAfter(
  engine: EnginePort,
  key: string,
  before: ReadonlySet<string>,
  replaced: Replaced | undefined,
  adopted?: ComposeMade & { readonly since: number | undefined },
): Promise<Aftermath> {
  const all = await engine.list();
  const ours = all.filter(
    (facts) => belongsTo(engine.key, key, facts) || (adopted && isLike(adopted, facts)),
  );
  const made = ours.filter((facts) => !before.has(facts.id)).sort((a, b) => b.createdAt - a.createdAt);
  const old = replaced ? await engine.inspect(replaced.id) : undefined;
  const there = replaced ? undefined : pickActive(ours.filter((facts) => before.has(facts.id)));
  const canGoBack = old !== undefined || (await hasCopy(engine, replaced));
  return { made, canGoBack, ...(old ? { old } : {}), ...(there ? { there } : {}) };
}

/**
 * Puts the old container back under its name, running if it was; where it is gone, a container made like it from the
 * copy of its files. Undefined when there is none either. `mayStop`: the engine may be stopping it at this moment.
 */
export async function putBack(
  engine: EnginePort,
  replaced: Replaced,
  mayStop = false,
): Promise<ContainerFacts | undefined> {
  const old = await engine.inspect(replaced.id);
  if (!old) return restore(engine, replaced);
  // It steps aside before it is stopped; where it has no name for that, nobody can tell.
  const isToStop = mayStop && old.name === (replaced.setAsideName ?? old.name) && isLive(old);
  // Started before that stop is over it would be stopped again.
  if (isToStop) await engine.stop(replaced.id);
  try {
    if (old.name !== replaced.name) await engine.rename(replaced.id, replaced.name);
  } catch (error) {
    // Someone else has the name: a container that runs under another one is better than none.
    if (hasCode(error, 'engineSilent') || hasCode(error, 'engineMissing')) throw error;
  }
  if (replaced.wasRunning && (isToStop || normalizeState(old.state) !== 'running'))
    await engine.start(replaced.id);
  return engine.inspect(replaced.id);
}

async function restore(engine: EnginePort, replaced: Replaced): Promise<ContainerFacts | undefined> {
  const { copy, name, wasRunning } = replaced;
  if (!copy || !(await hasCopy(engine, replaced))) return undefined;
  const id = await engine.make(copy.blueprint, name, copy.image);
  if (wasRunning) await engine.start(id);
  return engine.inspect(id);
}

/** Whether the image with the old container's files is there. */
async function hasCopy(engine: EnginePort, replaced: Replaced | undefined): Promise<boolean> {
  return replaced?.copy !== undefined && (await engine.imageId(replaced.copy.image)) !== undefined;
}

/**
 * Removes what the classic builder left of a build that failed or was cancelled: containers of unnamed images that
 * came during the job. The ids are from a log, where anything may stand, so each is checked.
 */
export async function removeBuildLeftovers(
  engine: EnginePort,
  { before, since = 0 }: { readonly before: ReadonlySet<string>; readonly since?: number },
  shortIds: readonly string[],
): Promise<void> {
  for (const shortId of shortIds) {
    const facts = await engine.inspect(shortId);
    if (
      !facts ||
      before.has(facts.id) ||
      facts.createdAt < since ||
      !/^sha256:[0-9a-f]{64}$/.test(facts.image)
    )
      continue;
    if (Object.keys(facts.labels).some((label) => label.startsWith('com.docker.compose.'))) continue;
    await engine.remove(facts.id);
  }
}

/**
 * Removes what a failed job left behind: containers that came during it, and nothing else. One that was kept from before
 * and that the job brought back steps aside again.
 */
export async function removeMade(
  engine: EnginePort,
  made: readonly ContainerFacts[],
  revived?: KeptContainer,
): Promise<void> {
  for (const { id, name } of made) {
    if (id !== revived?.id) {
      await engine.remove(id);
      continue;
    }
    await engine.stop(id);
    if (name !== revived.setAsideName) await engine.rename(id, revived.setAsideName);
  }
}

/** A service that was scaled has others from before, which nobody replaces. */
function isLike(
  { id, project, service, since = 0 }: ComposeMade & { readonly since: number | undefined },
  facts: ContainerFacts,
): boolean {
  if (facts.id === id) return true;
  const made = composeMade(facts);
  return facts.createdAt > since && made?.project === project && made.service === service;
}

function belongsTo(engine: string, key: string, facts: ContainerFacts): boolean {
  const identity = identityOf(engine, facts.labels);
  return identity !== undefined && keyOf(identity) === key;
}
