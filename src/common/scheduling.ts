import type { Disposable } from '../api';
import { ShipshapeError } from './errors';

/** Milliseconds since 1970, and timers; handed in so that tests can drive time. */
export interface Timers {
  now(): number;
  /** Calls back once after `ms` milliseconds, unless disposed before. */
  after(ms: number, callback: () => void): Disposable;
}

/** The host's own clock. Its timers do not keep the process alive. */
export const hostTimers: Timers = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return { dispose: () => clearTimeout(timer) };
  },
};

/** Runs the task again and again with a pause of `ms` between the end of one run and the start of the next. */
export function every(timers: Timers, ms: number, task: () => Promise<void>): Disposable {
  let over = false;
  let timer: Disposable | undefined;
  const next = (): void => {
    if (over) return;
    timer = timers.after(ms, () => void task().then(next, next));
  };
  next();
  return {
    dispose: () => {
      over = true;
      timer?.dispose();
    },
  };
}

/** Does the steps in order, each in a turn of the event loop of its own, so that nobody waits for all of them. */
export async function inTurns(steps: readonly (() => void)[]): Promise<void> {
  for (const step of steps) {
    await new Promise((resolve) => setTimeout(resolve));
    step();
  }
}

/** Closed until it is opened once; whoever waits goes on then. */
export class Gate {
  #open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  open(): void {
    this.#open();
  }
}

/** Runs one task at a time; whoever asks meanwhile shares the run in flight. */
export class SingleFlight<T> {
  #inFlight: Promise<T> | undefined;

  get inFlight(): Promise<T> | undefined {
    return this.#inFlight;
  }

  run(task: () => Promise<T>): Promise<T> {
    this.#inFlight ??= task().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }
}

/** Settles like the promise, or rejects with `cancelled` when the caller's signal fires first; the work goes on. */
export async function waitFor<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw cancelled();
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

function cancelled(): ShipshapeError {
  return new ShipshapeError('cancelled', 'Cancelled.');
}

/**
 * Calls back at once, then at most once an interval as long as it is asked; the last ask is never dropped. The interval
 * begins when the callback has returned.
 */
export class Throttle implements Disposable {
  #isPending = false;
  #isBusy = false;
  #pause: Disposable | undefined;

  constructor(
    private readonly timers: Timers,
    private readonly intervalMs: number,
    private readonly callback: () => void,
  ) {}

  ask(): void {
    if (this.#isBusy) {
      this.#isPending = true;
      return;
    }
    this.#isBusy = true;
    try {
      this.callback();
    } finally {
      this.#pause = this.timers.after(this.intervalMs, () => this.#goOn());
    }
  }

  dispose(): void {
    this.#isBusy = true;
    this.#pause?.dispose();
  }

  #goOn(): void {
    this.#isBusy = false;
    if (!this.#isPending) return;
    this.#isPending = false;
    this.ask();
  }
}

/** Restarts its wait at each ask and calls back once it has been quiet. */
export class Quiet implements Disposable {
  #wait: Disposable | undefined;
  #disposed = false;

  constructor(
    private readonly timers: Timers,
    private readonly quietMs: number,
    private readonly callback: () => void,
  ) {}

  ask(): void {
    if (this.#disposed) return;
    this.#wait?.dispose();
    this.#wait = this.timers.after(this.quietMs, () => {
      this.#wait = undefined;
      this.callback();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#wait?.dispose();
  }
}

/**
 * Milliseconds to wait before try `attempt` (from 0): exponential with full jitter.
 * Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, baseMs: number, capMs: number, random = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** Lets at most `limit()` tasks run at once, the rest in the order they came. */
export class Slots {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly limit: () => number) {}

  /** Runs the task once a slot is free; rejects with `cancelled` when the signal fires before that. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal?: AbortSignal): Promise<void> {
    let enter: () => void = () => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    this.#waiting.push(enter);
    this.#admit();
    try {
      await waitFor(entered, signal);
    } catch (error) {
      const at = this.#waiting.indexOf(enter);
      if (at >= 0) this.#waiting.splice(at, 1);
      // The slot was handed to us just as we gave up: pass it on.
      else this.#leave();
      throw error;
    }
  }

  /** A free slot is the first waiter's from here on, so that nobody who comes later can overtake. */
  #admit(): void {
    while (this.#waiting.length > 0 && this.#running < Math.max(1, this.limit())) {
      this.#running++;
      this.#waiting.shift()?.();
    }
  }

  #leave(): void {
    this.#running--;
    this.#admit();
  }
}
