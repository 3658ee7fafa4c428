import { DisposableStore } from '../common/disposable';
import { ShipshapeError } from '../common/errors';
import type { Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { awaitHealth } from './health';
import { normalizeState } from './identity';
import type { CliFailure, ContainerFacts } from './ports';

/** A container without a health check counts as fit for use when it has run for so long, in milliseconds. */
const STEADY_MS = 3_000;

export interface ReadyOptions {
  readonly timers: Timers;
  /** How long its health check may take to speak, in milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Why a container that was started is not fit for use; undefined when it is healthy, or where it has no health check
 * when it goes on running for a while without being started again. Rejects as the engine does, or with `cancelled`.
 */
export async function awaitReady(
  store: EngineStore,
  id: string,
  options: ReadyOptions,
): Promise<CliFailure | undefined> {
  const unhealthy = await awaitHealth(store, id, { ...options, onWait: () => undefined });
  if (unhealthy) return unhealthy;
  const first = await store.refreshOne(id);
  if (!isRunning(first)) return ended(first);
  if (first.health === 'healthy') return undefined;
  await steadyOrEnded(store, id, options);
  const last = await store.refreshOne(id);
  if (!isRunning(last)) return ended(last);
  if (last.startedAt === first.startedAt) return undefined;
  return { kind: 'run', message: `The new container ends right after each start${exitWords(last)}.` };
}

/** Settles after a while, or as soon as the engine tells that it runs no more. */
async function steadyOrEnded(
  store: EngineStore,
  id: string,
  { timers, signal }: ReadyOptions,
): Promise<void> {
  const parts = new DisposableStore();
  try {
    await new Promise<void>((resolve, reject) => {
      parts.add(timers.after(STEADY_MS, resolve));
      parts.add(store.onDidChange(() => isRunning(store.find(id)) || resolve()));
      const onAbort = (): void => reject(new ShipshapeError('cancelled', 'Cancelled.'));
      signal.addEventListener('abort', onAbort, { once: true });
      parts.add({ dispose: () => signal.removeEventListener('abort', onAbort) });
      if (signal.aborted) onAbort();
    });
  } finally {
    parts.dispose();
  }
}

function isRunning(facts: ContainerFacts | undefined): facts is ContainerFacts {
  return facts !== undefined && normalizeState(facts.state) === 'running';
}

function ended(facts: ContainerFacts | undefined): CliFailure {
  const message = facts
    ? `The new container ended right after its start${exitWords(facts)}.`
    : 'The new container is gone.';
  return { kind: 'run', message };
}

function exitWords({ exitCode }: ContainerFacts): string {
  return exitCode === undefined ? '' : ` (exit code ${exitCode})`;
}
