import { hasCode, messageOf, ShipshapeError } from '../common/errors';
import type { EngineStore } from './engineStore';
import { isLive } from './identity';
import type { CliFailure, ContainerFacts, EnginePort } from './ports';
import {
  besideName,
  finishReplacement,
  newIdOf,
  undoReplacement,
  type Replaced,
  type Replacement,
} from './replacement';
import type { Replacements } from './replacements';
import { sharersOf } from './sharers';
import { setAsideNameFor } from './swap';

/** A container that is to be made anew, and from which image. */
export interface Wanted {
  readonly container: ContainerFacts;
  readonly image: string;
  /** Labels that are to be others than before. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ReplacementParts {
  readonly replacements: Pick<Replacements, 'guard'>;
  /** Why the new container, which was started, is not fit for use; undefined when it is. */
  readonly awaitReady: (containerId: string) => Promise<CliFailure | undefined>;
  readonly signal: AbortSignal;
}

export type ReplacementEnd =
  /** The new containers, in the order in which they were asked for. */
  | { readonly outcome: 'replaced'; readonly containerIds: readonly string[] }
  /** `failed`: the old ones ran all the time. `isImageToBlame`: a new one did not start, or was not fit for use. */
  | { readonly outcome: 'failed' | 'rolledBack'; readonly error: Error; readonly isImageToBlame: boolean };

/**
 * Makes plain containers anew from other images, with everything else that was asked for them: all of them or none. The
 * new ones are made first, which is where most mistakes show; the old ones stop, step aside, and go once all new ones
 * are fit for use. Else the old ones are back, with their ids and their files. Rejects, with nothing touched, for a
 * container that cannot be replaced so; and when neither can be reached: what is written down is finished or undone
 * later.
 */
export async function replaceContainers(
  store: EngineStore,
  wanted: readonly Wanted[],
  { replacements, awaitReady, signal }: ReplacementParts,
): Promise<ReplacementEnd> {
  const { engine } = store;
  await store.refresh(signal);
  const now = await Promise.all(wanted.map(({ container }) => replaceable(store, container.id, signal)));
  const members = now.map(({ id, name }) => ({ id, name }));
  return replacements.guard({ version: 1, engine: engine.key, members }, async (note) => {
    let replacement: Replacement = { version: 1, engine: engine.key, members };
    let hasStarted = false;
    const write = async (more: Partial<Replacement>): Promise<void> =>
      note((replacement = { ...replacement, ...more }));
    try {
      for (const [index, each] of wanted.entries()) {
        if (signal.aborted) throw new ShipshapeError('cancelled', 'Cancelled.');
        const newId = await makeBeside(engine, each);
        const known = replacement.members.map((member, at) => (at === index ? { ...member, newId } : member));
        await write({ members: known });
      }
      await write({ isSwapping: true });
      await stepAside(engine, replacement.members);
      hasStarted = true;
      for (const member of replacement.members) await engine.start(newIdOf(member));
      await allReady(replacement.members, awaitReady);
    } catch (error) {
      await undoReplacement(engine, replacement);
      const isOurs = ['cancelled', 'engineMissing', 'engineSilent'] as const;
      return {
        outcome: replacement.isSwapping ? 'rolledBack' : 'failed',
        error: error instanceof Error ? error : new Error(messageOf(error)),
        isImageToBlame: hasStarted && !isOurs.some((code) => hasCode(error, code)),
      };
    }
    await write({ isDone: true });
    await finishReplacement(engine, replacement);
    return { outcome: 'replaced', containerIds: replacement.members.map(newIdOf) };
  });
}

async function makeBeside(engine: EnginePort, { container, image, labels }: Wanted): Promise<string> {
  const blueprint = await engine.blueprint(container.id);
  if (!blueprint) throw gone(container.name);
  return engine.make(blueprint, besideName(container), image, {
    leavesImageOut: true,
    ...(labels && { labels }),
  });
}

/** The last made first: it may need those before it. */
async function stepAside(engine: EnginePort, members: readonly Replaced[]): Promise<void> {
  for (const { id } of [...members].reverse()) await engine.stop(id);
  for (const member of members) {
    await engine.rename(member.id, setAsideNameFor(member));
    await engine.rename(newIdOf(member), member.name);
  }
}

async function allReady(
  members: readonly Replaced[],
  awaitReady: ReplacementParts['awaitReady'],
): Promise<void> {
  const failures = await Promise.all(members.map((member) => awaitReady(newIdOf(member))));
  const failure = failures.find((each) => each !== undefined);
  if (failure) throw new ShipshapeError('engineFailed', failure.message);
}

/** The container as it is now, running; refuses one that would be lost, or that others live in. */
async function replaceable(store: EngineStore, id: string, signal: AbortSignal): Promise<ContainerFacts> {
  const container = await store.refreshOne(id, signal);
  if (!container) throw gone(id.slice(0, 12));
  const refuse = (why: string): ShipshapeError =>
    new ShipshapeError('invalidArgument', `${container.name} ${why}`);
  if (!isLive(container)) throw refuse('is not running: only running containers are updated.');
  if (container.isRemovedWhenStopped) {
    throw refuse('was started with --rm: the engine deletes it when it stops. Start it anew by hand.');
  }
  const [sharer] = await sharersOf(store, container, signal);
  if (!sharer) return container;
  throw refuse(`cannot be replaced by itself: ${sharer.name} lives in its namespaces and would lose them.`);
}

function gone(name: string): ShipshapeError {
  return new ShipshapeError('notFound', `The container ${name} is gone.`);
}
