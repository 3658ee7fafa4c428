import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import { lossesIn, type Losses } from './losses';
import type { EnginePort } from './ports';

/** How long the engine may take to say what a container changed: for 100,000 files it needs some 3 s. In milliseconds. */
export const FILES_MS = 10_000;
/** The same for the size, which is worth less. */
export const SIZE_MS = 3_000;

const NOTHING: Losses = { files: 0, places: [], paths: [], volumes: [] };

/**
 * What would be lost with this container, none for one that is gone; undefined when the engine does not tell in time, or
 * `signal` ended it. Never rejects. The size is left out where it takes too long.
 */
export async function lossesWith(
  engine: EnginePort,
  containerId: string,
  parts: { readonly timers: Timers; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Losses | undefined> {
  const short = containerId.slice(0, 12);
  const losses = await answerOf(parts, FILES_MS, `What would be lost with ${short}`, (signal) =>
    filesAndVolumes(engine, containerId, signal),
  );
  if (!losses || losses.files === 0) return losses;
  const writtenBytes = await answerOf(parts, SIZE_MS, `How much has been written in ${short}`, (signal) =>
    engine.writtenBytes(containerId, signal),
  );
  return writtenBytes === undefined ? losses : { ...losses, writtenBytes };
}

/** What is asked, or undefined after so many milliseconds, or once it fails, which the log says. */
async function answerOf<T>(
  { timers, logger, signal }: Parameters<typeof lossesWith>[2],
  ms: number,
  what: string,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const cancel = new AbortController();
  let end: () => void = () => undefined;
  const over = new Promise<undefined>((resolve) => {
    end = () => {
      cancel.abort();
      resolve(undefined);
    };
  });
  const timer = timers.after(ms, end);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const asking = ask(cancel.signal).catch((error: unknown) => {
    if (!signal.aborted) logger.warn(`${what} is not known: ${messageOf(error)}`);
    return undefined;
  });
  try {
    return await Promise.race([over, asking]);
  } finally {
    timer.dispose();
    signal.removeEventListener('abort', end);
  }
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
