import type { Disposable } from '../api';
import type { Timers } from '../common/scheduling';

export interface ImageScheduleParts {
  /** Hours between two checks; 0 is never. */
  readonly hours: () => number;
  /** Whether somebody uses the window. */
  readonly isInUse: () => boolean;
  /** When the last check began, over all windows, in milliseconds since 1970. */
  readonly memory: { get(): number | undefined; set(at: number): void };
  readonly check: () => Promise<unknown>;
  readonly timers: Timers;
  readonly random?: () => number;
}

/** Checks images now and then while the window is in use: one that is due meanwhile is made up for on return. */
export class ImageSchedule implements Disposable {
  #timer: Disposable | undefined;
  /** Not all machines of the world at once. */
  readonly #jitter: number;
  #isChecking = false;
  #isDisposed = false;

  constructor(private readonly parts: ImageScheduleParts) {
    this.#jitter = (parts.random ?? Math.random)() * JITTER_MS;
  }

  /** Call at the start, when the window comes into use, and when the setting changed. */
  plan(): void {
    this.#timer?.dispose();
    const { hours, isInUse, memory, timers } = this.parts;
    if (this.#isDisposed || this.#isChecking || hours() <= 0 || !isInUse()) return;
    const interval = Math.min(Math.max(hours(), MIN_HOURS), MAX_HOURS) * HOUR_MS;
    const now = timers.now();
    // A clock that was wrong must not put the next check off for ever.
    if ((memory.get() ?? now) > now) memory.set(now);
    const due = (memory.get() ?? now - interval) + interval + this.#jitter;
    const wait = due - now;
    if (wait <= 0) void this.#check();
    else this.#timer = timers.after(wait, () => this.plan());
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#isDisposed = true;
  }

  async #check(): Promise<void> {
    this.#isChecking = true;
    this.parts.memory.set(this.parts.timers.now());
    // What went wrong is shown with each image.
    await this.parts.check().catch(() => undefined);
    this.#isChecking = false;
    this.plan();
  }
}

const HOUR_MS = 3_600_000;
const MIN_HOURS = 6;
const MAX_HOURS = 24;
const JITTER_MS = 900_000;
