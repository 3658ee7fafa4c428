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
/** How long after the end of a program a busy engine may take to do what that program asked it for. */
const LATE_MS = 10_000;
const LOOK_MS = 1_000;

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
      const mayMakeMore = last.isCut === true && !(await hasMade(attempt));
      const settled = await settle(attempt, result, timers.now(), last);
      if (!mayMakeMore || settled.outcome.outcome === 'succeeded') return settled;
      const isAsItWas = await removeLatecomers(attempt, settled, () => pause(LOOK_MS));
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

/** A container is the last that the CLI asks for: all before it is done. */
async function hasMade({ engine, key, before, revived }: Attempt): Promise<boolean> {
  const { made } = await lookAfter(engine, key, before, undefined);
  return made.some(({ id }) => id !== revived?.id);
}

/**
 * An engine that was asked for a container makes it, and removes one, also when whoever asked is dead by then. Looks until
 * something came of it, or for as long as it may take. False when the container that there was to be is gone, or has ended.
 */
async function removeLatecomers(
  { engine, key, before, replaced, revived }: Attempt,
  settled: Settled,
  pause: () => Promise<void>,
): Promise<boolean> {
  const { containerId } = settled.outcome;
  const known = new Set([...before, ...(containerId === undefined ? [] : [containerId])]);
  for (let waited = 0; waited < LATE_MS; waited += LOOK_MS) {
    await pause();
    const { made } = await lookAfter(engine, key, known, undefined);
    await removeMade(engine, made, revived);
    const now = containerId === undefined ? undefined : await engine.inspect(containerId);
    const isAsItWas = now !== undefined && (isLive(now) || !replaced?.wasRunning);
    if (containerId !== undefined && !isAsItWas) return false;
    if (made.length > 0) return true;
  }
  return true;
}
