/** After a job: containers that live in the dev container's namespaces are brought into those it has now. */
import { hasCode, messageOf } from '../common/errors';
import { isLive } from './identity';
import { lossesIn } from './losses';
import type { Blueprint, ContainerFacts, EnginePort } from './ports';
import type { Sharer } from './sharers';
import { COPIES, setAsideNameFor } from './swap';
import { leftWords, sharedWords, sharerName } from './sharerWords';

export interface Rejoined {
  /** What became of each that did not stay as it was, in words. */
  readonly notes: readonly string[];
  /** Some still refer to a container that was replaced, and cannot start once it is gone. */
  readonly isOldNeeded: boolean;
}

/**
 * `to` is the container that the dev container is now. One that refers to it by id is restarted, since a namespace ends
 * with its owner; one of its Compose project that refers to its predecessor is made anew with its files and volumes.
 * Others are left as they are. Rejects only when the engine is gone; what cannot be done is said in the notes.
 */
export async function rejoin(
  engine: EnginePort,
  sharers: readonly Sharer[],
  to: ContainerFacts | undefined,
): Promise<Rejoined> {
  const notes: string[] = [];
  let isOldNeeded = false;
  for (const sharer of sharers) {
    try {
      const note = await rejoinOne(engine, sharer, to);
      if (note?.isLeft) isOldNeeded = true;
      if (note) notes.push(note.text);
    } catch (error) {
      if (hasCode(error, 'engineSilent') || hasCode(error, 'engineMissing')) throw error;
      isOldNeeded = true;
      notes.push(`${sharerName(sharer)} could not be brought along: ${messageOf(error)}`);
    }
  }
  return { notes, isOldNeeded };
}

interface Note {
  readonly text: string;
  readonly isLeft?: boolean;
}

async function rejoinOne(
  engine: EnginePort,
  sharer: Sharer,
  to: ContainerFacts | undefined,
): Promise<Note | undefined> {
  const facts = await engine.inspect(sharer.id);
  if (!facts) return goneWords(sharer);
  if (to?.id === sharer.owner) return restarted(engine, sharer, facts, to);
  if (to && sharer.mayBeMadeAgain) return madeAgain(engine, sharer, facts, to);
  return { text: leftWords(sharer, to), isLeft: true };
}

/** Whoever removed it knows what is to come in its place; Compose, that is, where it is of its project. */
function goneWords(sharer: Sharer): Note | undefined {
  const why = `since it shares ${sharedWords([sharer])}`;
  return sharer.mayBeMadeAgain
    ? { text: `${sharerName(sharer)} was made anew by Compose with its volumes, ${why}.` }
    : undefined;
}

/** One that was started after its owner is in the namespaces that there are. */
async function restarted(
  engine: EnginePort,
  sharer: Sharer,
  facts: ContainerFacts,
  to: ContainerFacts,
): Promise<Note | undefined> {
  const isInStep = isLive(facts) && (facts.startedAt ?? 0) >= (to.startedAt ?? 0);
  if (!sharer.wasRunning || !isLive(to) || isInStep) return undefined;
  await engine.stop(sharer.id);
  await engine.start(sharer.id);
  return { text: `${sharerName(sharer)} was restarted, since it shares ${sharedWords([sharer])}.` };
}

/**
 * The old one is set aside until the new one is there, and goes only then. Each step finds what an earlier try, ended
 * by a crash, has done.
 */
async function madeAgain(
  engine: EnginePort,
  sharer: Sharer,
  facts: ContainerFacts,
  to: ContainerFacts,
): Promise<Note> {
  const aside = setAsideNameFor(sharer);
  if (facts.name !== aside) {
    await engine.stop(sharer.id);
    await keepFiles(engine, sharer.id);
    await engine.rename(sharer.id, aside);
  }
  // An earlier try, or Compose, may have made it; then it is not ours to remove when it does not start.
  const there = (await engine.list()).find(({ id, name }) => name === sharer.name && id !== sharer.id);
  let made: string | undefined;
  try {
    const id = there?.id ?? (made = await makeIn(engine, sharer, facts, to));
    if (sharer.wasRunning && isLive(to)) await engine.start(id);
  } catch (error) {
    if (made !== undefined) await engine.remove(made);
    if (!there) await engine.rename(sharer.id, sharer.name);
    throw error;
  }
  await engine.remove(sharer.id);
  if (facts.image.startsWith(COPIES)) await engine.untag(facts.image);
  const kept = 'with its files and volumes';
  return { text: `${sharerName(sharer)} was made anew ${kept}, since it shares ${sharedWords([sharer])}.` };
}

/** Where it has files of its own; else its image has all of them. */
async function keepFiles(engine: EnginePort, id: string): Promise<void> {
  const [changes, details] = [await engine.changes(id), await engine.details(id)];
  if (lossesIn(changes ?? [], details?.mounts ?? []).files > 0) await engine.commit(id, copyOf(id));
}

async function makeIn(
  engine: EnginePort,
  { id, name, owner }: Sharer,
  { image, imageId }: ContainerFacts,
  to: ContainerFacts,
): Promise<string> {
  const blueprint = await engine.blueprint(id);
  if (!blueprint) throw new Error('It is gone.');
  const isNameRight = (await engine.imageId(image)) === imageId;
  const hasCopy = (await engine.imageId(copyOf(id))) !== undefined;
  const from = hasCopy ? copyOf(id) : isNameRight ? image : imageId;
  return engine.make(inNamespacesOf(to.id, blueprint, owner), name, from);
}

/** The blueprint with every mode of its host settings that names the old owner naming the new one. */
function inNamespacesOf(owner: string, blueprint: Blueprint, before: string): Blueprint {
  const modes = Object.entries((blueprint['HostConfig'] ?? {}) as Record<string, unknown>).map(
    ([mode, value]) => [mode, value === `container:${before}` ? `container:${owner}` : value],
  );
  return { ...blueprint, HostConfig: Object.fromEntries(modes) as unknown };
}

function copyOf(id: string): string {
  return `${COPIES}${id.slice(0, 12)}`;
}
