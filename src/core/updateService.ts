import { ShipshapeError } from '../common/errors';
import type { Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { isLive, SWARM_SERVICE_LABEL } from './identity';
import type { ServicesPort } from './pullPorts';
import type { ReplacementEnd } from './replaceContainers';
import type { Task } from './updateParts';

/** Between two looks at how far the swarm is: it tells nobody. */
const LOOK_MS = 500;
/** What the swarm itself waits before it calls a task stable comes on top of a container's own time. */
const SWARM_MS = 60_000;

/**
 * Has the swarm make a service from a newer image, one task after another. The swarm stops at a task that does not
 * run; then it is told to go back. All its tasks, on whatever nodes, are one unit.
 */
export async function updateService(
  name: string,
  tasks: readonly Task[],
  options: { readonly timers: Timers; readonly limitMs: number; readonly signal: AbortSignal },
): Promise<ReplacementEnd> {
  const [first] = tasks;
  const services = first?.store.engine.services;
  if (!first || !services) throw new ShipshapeError('invalidArgument', `${name} is on no swarm.`);
  const before = new Set(first.store.containers().map(({ id }) => id));
  const image = first.isPulled && first.report.to ? `${first.image}@${first.report.to}` : first.image;
  await services.update(name, { image, ...(first.login && { login: first.login }) }, options.signal);
  const failure = await endOf(services, name, options);
  if (failure === undefined) {
    await first.store.refresh();
    const made = tasksOf(first.store, name).filter(({ id }) => !before.has(id));
    return { outcome: 'replaced', containerIds: made.map(({ id }) => id) };
  }
  await services.update(name, 'previous').catch((error: unknown) => {
    // With a failure action of its own it is back already.
    if (!failure.isBack) throw error;
  });
  const isImageToBlame = !options.signal.aborted;
  return {
    outcome: 'rolledBack',
    error: new ShipshapeError('engineFailed', failure.message),
    isImageToBlame,
  };
}

/** Undefined when the update is through. */
async function endOf(
  services: ServicesPort,
  name: string,
  { timers, limitMs, signal }: { timers: Timers; limitMs: number; signal: AbortSignal },
): Promise<{ readonly message: string; readonly isBack: boolean } | undefined> {
  const deadline = timers.now() + limitMs + SWARM_MS;
  for (;;) {
    if (signal.aborted) return { message: 'Cancelled.', isBack: false };
    const { state, message } = await services.progress(name);
    if (state === 'completed') return undefined;
    if (state === 'failed') {
      return { message: message || 'The swarm gave the update up.', isBack: /rollback/i.test(message) };
    }
    if (timers.now() >= deadline) return { message: 'The swarm is not through in time.', isBack: false };
    await new Promise<void>((resolve) => timers.after(LOOK_MS, resolve));
  }
}

function tasksOf(store: EngineStore, name: string): ReturnType<EngineStore['containers']> {
  return store.containers().filter((each) => each.labels[SWARM_SERVICE_LABEL] === name && isLive(each));
}
