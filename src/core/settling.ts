import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { settle, type Attempt, type Settled } from './outcome';
import type { CliResult } from './ports';

/** An engine that hangs or restarts is given half a minute to come back before the job gives up on it. */
const TRIES = 10;
const PAUSE_MS = 3_000;

/** Settles a job, and waits for an engine that does not answer: until it does, nobody can say or mend what is left. */
export async function settlePatiently(
  attempt: Attempt,
  result: CliResult | Error,
  parts: {
    readonly store: EngineStore;
    readonly timers: Timers;
    readonly logger: Logger;
    readonly onWait: () => void;
    /** The hook that ran when the CLI ended, if one did. */
    readonly runningHook?: string;
  },
): Promise<Settled> {
  const { store, timers, logger, onWait, runningHook } = parts;
  for (let tries = 0; ; tries++) {
    try {
      return await settle(attempt, result, timers.now(), runningHook);
    } catch (error) {
      logger.warn(`${attempt.key}: ${messageOf(error)}`);
      if (tries >= TRIES) {
        // From here the journal takes over, once the engine is known to be back.
        store.fail(error);
        throw error;
      }
      onWait();
      await new Promise<void>((resolve) => timers.after(PAUSE_MS, resolve));
    }
  }
}
