import { ShipshapeError } from '../common/errors';
import { DisposableStore } from '../common/disposable';
import type { Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { normalizeState } from './identity';
import type { CliFailure, ContainerFacts } from './ports';

/**
 * Waits until a container's health check has spoken; undefined when it is healthy or has no check, else why it cannot
 * be used. The engine's events tell; a container that ends is not waited for. Rejects with `cancelled`.
 */
export async function awaitHealth(
  store: EngineStore,
  id: string,
  options: {
    readonly timers: Timers;
    /** In milliseconds. */
    readonly limitMs: number;
    readonly signal: AbortSignal;
    readonly onWait: () => void;
  },
): Promise<CliFailure | undefined> {
  const { timers, limitMs, signal, onWait } = options;
  const first = verdictOn(await store.refreshOne(id));
  if (first !== 'open') return first;
  onWait();
  const parts = new DisposableStore();
  try {
    return await new Promise<CliFailure | undefined>((resolve, reject) => {
      const look = (): void => {
        const verdict = verdictOn(store.find(id));
        if (verdict !== 'open') resolve(verdict);
      };
      parts.add(store.onDidChange(look));
      const late = `The new container is not healthy after ${Math.round(limitMs / 1000)} s.`;
      parts.add(timers.after(limitMs, () => resolve({ kind: 'run', message: late })));
      const onAbort = (): void => reject(new ShipshapeError('cancelled', 'Cancelled.'));
      signal.addEventListener('abort', onAbort, { once: true });
      parts.add({ dispose: () => signal.removeEventListener('abort', onAbort) });
      if (signal.aborted) onAbort();
      look();
    });
  } finally {
    parts.dispose();
  }
}

function verdictOn(facts: ContainerFacts | undefined): CliFailure | 'open' | undefined {
  // That it ended or is gone, the job's end says better.
  if (!facts || normalizeState(facts.state) !== 'running' || facts.health === undefined) return undefined;
  if (facts.health === 'starting') return 'open';
  if (facts.health === 'healthy') return undefined;
  return { kind: 'run', message: 'The new container is unhealthy: its health check fails.' };
}
