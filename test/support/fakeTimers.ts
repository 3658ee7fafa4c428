import type { Disposable } from '../../src/api';
import type { Timers } from '../../src/common/scheduling';

/** A clock that stands still until it is told to go on; timers fire in order of their time. */
export class FakeTimers implements Timers {
  #now = 1_000_000;
  #due: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): Disposable {
    const timer = { at: this.#now + ms, callback };
    this.#due.push(timer);
    return { dispose: () => void (this.#due = this.#due.filter((other) => other !== timer)) };
  }

  /** Lets the time pass, with all that falls due in it, and lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = this.#due.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#due = this.#due.filter((timer) => timer !== next);
      this.#now = next.at;
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** The machine sleeps: time goes on, and no timer with it; they are late by as much. */
  sleep(ms: number): void {
    this.#now += ms;
    for (const timer of this.#due) timer.at += ms;
  }

  get waiting(): number {
    return this.#due.length;
  }
}

/** Lets every promise that can settle by itself do so. */
export async function settle(turns = 100): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve();
}
