import { answerWithin, type AskParts } from './answers';
import { lossesIn, type Losses } from './losses';
import type { EnginePort } from './ports';
import { COPIES } from './swap';

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
  parts: AskParts,
): Promise<Losses | undefined> {
  const short = containerId.slice(0, 12);
  const losses = await answerWithin(parts, FILES_MS, `What would be lost with ${short}`, (signal) =>
    filesAndVolumes(engine, containerId, signal),
  );
  if (!losses || losses.files === 0) return losses;
  const writtenBytes = await answerWithin(parts, SIZE_MS, `How much has been written in ${short}`, (signal) =>
    engine.writtenBytes(containerId, signal),
  );
  return writtenBytes === undefined ? losses : { ...losses, writtenBytes };
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
  const losses = lossesIn(changes, details.mounts);
  return details.imageReference.startsWith(COPIES) ? { ...losses, isOfCopy: true } : losses;
}
