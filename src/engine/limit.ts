/** The time limits of calls, and one call with a limit and the caller's wish to stop. */
import { setMaxListeners } from 'node:events';
import type { Disposable } from '../api';
import { ShipshapeError } from '../common/errors';

/** Time limits in milliseconds. */
export interface Limits {
  readonly list: number;
  readonly inspect: number;
  /** What a container changed and how much it has written: the engine looks through its files for it. */
  readonly files: number;
  readonly ping: number;
  /** Start, rename, remove; stop has the container's own stop timeout on top. */
  readonly action: number;
  /** How long the event stream may send no headers before the engine is pinged. */
  readonly headers: number;
  /** Keeping a copy of a container's files. */
  readonly commit: number;
  /** How long the engine may tell nothing while it fetches an image. */
  readonly pullSilence: number;
  /** How long a removal that someone else has begun may take. */
  readonly removal: number;
}

export const defaultLimits: Limits = {
  list: 5_000,
  inspect: 10_000,
  files: 10_000,
  ping: 5_000,
  action: 60_000,
  commit: 600_000,
  pullSilence: 600_000,
  headers: 3_000,
  removal: 10_000,
};

/** The call took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';

  /** @param limitMs the limit, in milliseconds. */
  constructor(readonly limitMs: number) {
    super(`no answer within ${limitMs / 1000} s`);
  }
}

export function cancelled(): ShipshapeError {
  return new ShipshapeError('cancelled', 'Cancelled.');
}

/** Calls back when one of the signals fires, until it is disposed. */
export function onAbort(signals: readonly (AbortSignal | undefined)[], callback: () => void): Disposable {
  const present = signals.filter((signal) => signal !== undefined);
  for (const signal of present) {
    // Any number of calls may hang on one signal, which Node would take for a leak and warn about.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', callback);
  }
  return {
    dispose: () => {
      for (const signal of present) signal.removeEventListener('abort', callback);
    },
  };
}

/**
 * Runs `call` with a signal that fires at the limit or when one of `signals` does, and settles no later than that,
 * even if the call never does. Rejects with TimeLimitError, with `cancelled`, or with what the call rejects with.
 */
export async function withLimit<T>(
  limitMs: number,
  signals: readonly (AbortSignal | undefined)[],
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signals.some((signal) => signal?.aborted)) throw cancelled();
  const controller = new AbortController();
  let stop: (error: Error) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = (error) => {
      reject(error);
      controller.abort();
    };
  });
  const listening = onAbort(signals, () => stop(cancelled()));
  const timer = setTimeout(() => stop(new TimeLimitError(limitMs)), limitMs);
  try {
    return await Promise.race([stopped, call(controller.signal)]);
  } finally {
    clearTimeout(timer);
    listening.dispose();
  }
}
