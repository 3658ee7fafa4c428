import { isLive, normalizeState } from './identity';
import type { ContainerFacts, EnginePort } from './ports';
import { setAsideNameFor } from './swap';

/** Containers that are being made anew from other images: all that it takes to finish that or to undo it. */
export interface Replacement {
  readonly version: 1;
  /** Key of the engine. */
  readonly engine: string;
  readonly members: readonly Replaced[];
  /** From here on the old ones are stopped and step aside. */
  readonly isSwapping?: true;
  /** The new ones run and are fit for use: the old ones may go. */
  readonly isDone?: true;
}

export interface Replaced {
  /** The old container: its id and its name, whatever it is called meanwhile. */
  readonly id: string;
  readonly name: string;
  /** The new container; undefined until the engine has told its id. */
  readonly newId?: string;
}

/** Finishes or undoes what a window that is gone left half done. */
export async function settleReplacement(engine: EnginePort, replacement: Replacement): Promise<void> {
  await (replacement.isDone ? finishReplacement : undoReplacement)(engine, replacement);
}

export async function finishReplacement(engine: EnginePort, { members }: Replacement): Promise<void> {
  for (const member of members) {
    // Somebody removed the new one: then the old one is all there is.
    const isThere = (await engine.inspect(newIdOf(member))) !== undefined;
    // An engine that died meanwhile may have left it stopped.
    await takeName(engine, isThere ? newIdOf(member) : member.id, member.name);
    if (isThere) await engine.remove(member.id);
  }
}

/** Puts the old containers back, running; only containers that this replacement made are removed. */
export async function undoReplacement(
  engine: EnginePort,
  { members, isSwapping }: Replacement,
): Promise<void> {
  const all = await engine.list();
  const left: Replaced[] = [];
  for (const member of members) {
    const newId = member.newId ?? all.find(({ name }) => name === besideName(member))?.id;
    if (await engine.inspect(member.id)) {
      if (newId !== undefined && newId !== member.id) await engine.remove(newId);
      left.push(member);
    } else if (newId !== undefined) {
      // Somebody removed the old one: the new one is all there is.
      await takeName(engine, newId, member.name);
    }
  }
  for (const { id, name } of left) {
    const old = await engine.inspect(id);
    // The engine may be about to stop it, though nobody waits for that any more: started before, it would be stopped.
    if (isSwapping && old?.name === name && isLive(old)) await engine.stop(id);
    await takeName(engine, id, name);
  }
}

/** Gives a container the name, unless it has it, and sees that it runs. */
async function takeName(engine: EnginePort, id: string, name: string): Promise<void> {
  const container = await engine.inspect(id);
  if (!container) return;
  if (container.name !== name) await engine.rename(id, name);
  if (normalizeState(container.state) !== 'running') await engine.start(id);
}

/** The name of the new container until the old one has given up its own: it tells whose it is. */
export function besideName(container: Pick<ContainerFacts, 'id' | 'name'>): string {
  return setAsideNameFor(container).replace(/_before_([0-9a-f]{8})$/, '_after_$1');
}

export function newIdOf({ newId }: Replaced): string {
  if (newId === undefined) throw new Error('The engine has not told the new container.');
  return newId;
}
