import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { isLive } from './identity';
import { settle, type Attempt, type LastSeen, type Settled } from './outcome';
import type { CliResult } from './ports';
import { lookAfter, removeMade } from './swap';

/** An engine that hangs or restarts is given half a minute to come back before the job gives up on it. */
const TRIES = 10;
const PAUSE_MS = 3_000;
/** How long after the end of a program an engine may take to do what that program asked it for. */
const LATE_MS = 3_000;

/** Settles a job, and waits for an engine that does not answer: until it does, nobody can say or mend what is left. */
export async function settlePatiently(
  attempt: Attempt,
  result: CliResult | Error,
  parts: {
    readonly store: EngineStore;
    readonly timers: Timers;
    readonly logger: Logger;
    readonly onWait: () => void;
    readonly last: LastSeen;
  },
): Promise<Settled> {
  const { store, timers, logger, onWait, last } = parts;
  const pause = (ms: number) => new Promise<void>((resolve) => timers.after(ms, resolve));
  for (let tries = 0; ; tries++) {
    try {
      const settled = await settle(attempt, result, timers.now(), last);
      if (!last.isCut || settled.outcome.outcome === 'succeeded') return settled;
      await pause(LATE_MS);
      const isAsItWas = await removeLatecomers(attempt, settled);
      return isAsItWas ? settled : await settle(attempt, result, timers.now(), last);
    } catch (error) {
      logger.warn(`${attempt.key}: ${messageOf(error)}`);
      if (tries >= TRIES) {
        // From here the journal takes over, once the engine is known to be back.
        store.fail(error);
        throw error;
      }
      onWait();
      await pause(PAUSE_MS);
    }
  }
}

/**
 * An engine that was asked for a container makes it, and removes one, also when whoever asked is dead by then. False when
 * the container that there was to be is gone, or has ended.
 */
async function removeLatecomers(
  { engine, key, before, replaced, revived }: Attempt,
  settled: Settled,
): Promise<boolean> {
  const { containerId } = settled.outcome;
  const known = new Set([...before, ...(containerId === undefined ? [] : [containerId])]);
  const { made } = await lookAfter(engine, key, known, undefined);
  await removeMade(engine, made, revived);
  if (containerId === undefined) return true;
  const now = await engine.inspect(containerId);
  return now !== undefined && (isLive(now) || !replaced?.wasRunning);
}
