import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';

/** With what something is asked that may stay unknown; the user's `signal` ends it. */
export interface AskParts {
  readonly timers: Timers;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What is asked, or undefined after so many milliseconds, or once it fails, which the log says. Never rejects. */
export async function answerWithin<T>(
  { timers, logger, signal }: AskParts,
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
