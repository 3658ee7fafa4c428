import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import { lossesIn, type Losses } from './losses';
import type { EnginePort } from './ports';

/** How long a recreate waits for the engine to say what would be lost, in milliseconds. */
export const PATIENCE_MS = 3_000;

const NOTHING: Losses = { files: 0, places: [], paths: [], volumes: [] };

/**
 * What would be lost with this container, none for one that is gone; undefined when the engine does not tell in time.
 * Never rejects, and never takes longer than PATIENCE_MS. The size is left out where it alone takes too long.
 */
export async function lossesWith(
  engine: EnginePort,
  containerId: string,
  { timers, logger }: { readonly timers: Timers; readonly logger: Logger },
): Promise<Losses | undefined> {
  const cancel = new AbortController();
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const timer = timers.after(PATIENCE_MS, () => {
    cancel.abort();
    end();
  });
  let losses: Losses | undefined;
  const asking = async (): Promise<void> => {
    losses = await filesAndVolumes(engine, containerId, cancel.signal);
    if (losses.files === 0) return;
    const writtenBytes = await engine.writtenBytes(containerId, cancel.signal);
    if (writtenBytes !== undefined) losses = { ...losses, writtenBytes };
  };
  const warn = (error: unknown): void => {
    const what = losses ? 'How much has been written in' : 'What would be lost with';
    logger.warn(`${what} ${containerId.slice(0, 12)} is not known: ${messageOf(error)}`);
  };
  await Promise.race([over, asking().catch(warn)]);
  timer.dispose();
  return losses;
}

async function filesAndVolumes(
  engine: EnginePort,
  containerId: string,
  signal: AbortSignal,
): Promise<Losses> {
  const [changes, details] = await Promise.all([
    engine.changes(containerId, signal),
    engine.details(containerId, signal),
  ]);
  if (!changes || !details) return NOTHING;
  // Without the mounts, volumes would be missing from the answer as if there were none.
  if (!details.mounts) throw new Error('The engine does not tell what is mounted.');
  return lossesIn(changes, details.mounts);
}
