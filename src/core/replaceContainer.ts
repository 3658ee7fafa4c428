import { messageOf, ShipshapeError } from '../common/errors';
import { containerKey, isLive, normalizeState } from './identity';
import type { CliFailure, ContainerFacts, EnginePort } from './ports';
import { setAsideNameFor } from './swap';

/** A container that is being made anew from a newer image: all that it takes to finish that or to undo it. */
export interface Replacement {
  readonly version: 1;
  /** Key of the engine. */
  readonly engine: string;
  /** The old container: its id and its name, whatever it is called meanwhile. */
  readonly id: string;
  readonly name: string;
  /** The new container; undefined until the engine has told its id. */
  readonly newId?: string;
  /** The new one runs and is fit for use: the old one may go. */
  readonly isDone?: true;
}

export interface ReplacementParts {
  /** Writes the replacement down before its next step; undefined once nothing is left to do. */
  note(key: string, replacement: Replacement | undefined): Promise<void>;
  /** Why the new container, which was started, is not fit for use; undefined when it is. */
  awaitReady(containerId: string): Promise<CliFailure | undefined>;
}

export type ReplacementEnd =
  | { readonly outcome: 'replaced'; readonly containerId: string }
  | { readonly outcome: 'rolledBack'; readonly error: Error };

/**
 * Makes a plain container anew from another image, with everything else that was asked for it. The new one is made
 * first, which is where most mistakes show; the old one stops, steps aside, and goes once the new one is fit for use.
 * Else the old one is back, with its id and its files. Rejects, with nothing touched, for a container that cannot be
 * replaced so; and when neither can be reached: what is written down is finished or undone later.
 */
export async function replaceContainer(
  engine: EnginePort,
  container: ContainerFacts,
  image: string,
  parts: ReplacementParts,
): Promise<ReplacementEnd> {
  const now = await replaceable(engine, container.id);
  const key = containerKey(engine.key, now.id);
  let replacement: Replacement = { version: 1, engine: engine.key, id: now.id, name: now.name };
  const note = async (more: Partial<Replacement>): Promise<void> => {
    replacement = { ...replacement, ...more };
    await parts.note(key, replacement);
  };
  await note({});
  try {
    await note({ newId: await makeBeside(engine, now, image) });
    await swap(engine, replacement);
    const failure = await parts.awaitReady(newIdOf(replacement));
    if (failure) throw new ShipshapeError('engineFailed', failure.message);
  } catch (error) {
    await undoReplacement(engine, replacement);
    await parts.note(key, undefined);
    return { outcome: 'rolledBack', error: error instanceof Error ? error : new Error(messageOf(error)) };
  }
  await note({ isDone: true });
  await finishReplacement(engine, replacement);
  await parts.note(key, undefined);
  return { outcome: 'replaced', containerId: newIdOf(replacement) };
}

/** Finishes or undoes what a window that is gone left half done. */
export async function settleReplacement(engine: EnginePort, replacement: Replacement): Promise<void> {
  await (replacement.isDone ? finishReplacement : undoReplacement)(engine, replacement);
}

async function finishReplacement(engine: EnginePort, replacement: Replacement): Promise<void> {
  const made = await engine.inspect(newIdOf(replacement));
  // Somebody removed the new one: then the old one is all there is.
  if (made) await engine.remove(replacement.id);
  else await undoReplacement(engine, replacement);
}

/** Puts the old container back, running; only a container that this replacement made is removed. */
async function undoReplacement(engine: EnginePort, replacement: Replacement): Promise<void> {
  const { id, name } = replacement;
  const old = await engine.inspect(id);
  const newId =
    replacement.newId ?? (await engine.list()).find((each) => each.name === besideName(replacement))?.id;
  if (!old) {
    // Somebody removed the old one: the new one is all there is.
    if (newId !== undefined) await takeName(engine, newId, name);
    return;
  }
  if (newId !== undefined && newId !== id) await engine.remove(newId);
  await takeName(engine, id, name);
}

/** Gives a container the name, unless it has it, and sees that it runs. */
async function takeName(engine: EnginePort, id: string, name: string): Promise<void> {
  const container = await engine.inspect(id);
  if (!container) return;
  if (container.name !== name) await engine.rename(id, name);
  if (normalizeState(container.state) !== 'running') await engine.start(id);
}

async function makeBeside(engine: EnginePort, container: ContainerFacts, image: string): Promise<string> {
  const blueprint = await engine.blueprint(container.id);
  if (!blueprint) throw gone(container.name);
  return engine.make(blueprint, besideName(container), image, { leavesImageOut: true });
}

async function swap(engine: EnginePort, replacement: Replacement): Promise<void> {
  const { id, name } = replacement;
  const newId = newIdOf(replacement);
  await engine.stop(id);
  await engine.rename(id, setAsideNameFor(replacement));
  await engine.rename(newId, name);
  await engine.start(newId);
}

/** The container as it is now, running; refuses one that would be lost, or that others live in. */
async function replaceable(engine: EnginePort, id: string): Promise<ContainerFacts> {
  const container = await engine.inspect(id);
  if (!container) throw gone(id.slice(0, 12));
  const refuse = (why: string): ShipshapeError =>
    new ShipshapeError('invalidArgument', `${container.name} ${why}`);
  if (!isLive(container)) throw refuse('is not running: only running containers are updated.');
  if (container.isRemovedWhenStopped) {
    throw refuse('was started with --rm: the engine deletes it when it stops. Start it anew by hand.');
  }
  for (const other of await engine.list()) {
    if (other.id === id || other.createdAt + 1_000 < container.createdAt) continue;
    const { namespaces } = (await engine.inspect(other.id)) ?? {};
    if (!Object.values(namespaces ?? {}).includes(id)) continue;
    throw refuse(`cannot be replaced by itself: ${other.name} lives in its namespaces and would lose them.`);
  }
  return container;
}

/** The name of the new container until the old one has given up its own: it tells whose it is. */
function besideName(container: Pick<ContainerFacts, 'id' | 'name'>): string {
  return setAsideNameFor(container).replace(/_before_([0-9a-f]{8})$/, '_after_$1');
}

function newIdOf({ newId }: Replacement): string {
  if (newId === undefined) throw new Error('The engine has not told the new container.');
  return newId;
}

function gone(name: string): ShipshapeError {
  return new ShipshapeError('notFound', `The container ${name} is gone.`);
}
