import type { Disposable } from '../api';
import type { Timers } from '../common/scheduling';

/**
 * The wait between two tries of a connection, which ends early when someone asks or the engine may be back. Both count
 * during a try as well: a socket that comes while we try in vain must not be missed.
 */
export class NextTry implements Disposable {
  #wake: () => void = () => undefined;
  #isWoken = false;
  #watching: Disposable | undefined;

  /** @param listen calls back when the engine may be back; undefined where that cannot be noticed. */
  constructor(
    private readonly timers: Timers,
    private readonly listen: (callback: () => void) => Disposable | undefined,
  ) {}

  /** There was a reason not to wait since the try began. */
  get isWoken(): boolean {
    return this.#isWoken;
  }

  /** A try begins. */
  begin(): void {
    this.#isWoken = false;
  }

  /** Ends the wait, or lets none follow the try that is under way. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Waits this long, in milliseconds, or until `wake`. */
  async wait(ms: number): Promise<void> {
    const before = this.#watching;
    await new Promise<void>((resolve) => {
      const timer = this.timers.after(ms, resolve);
      this.#wake = () => {
        timer.dispose();
        resolve();
      };
      // Anew each time, because the folder of a socket may have come, or gone and come again.
      this.#watching = this.listen(() => this.wake());
      before?.dispose();
    });
    this.#wake = () => undefined;
  }

  /** The try was a success: nobody waits for the engine to be back. */
  dispose(): void {
    this.#watching?.dispose();
    this.#watching = undefined;
    this.#wake();
  }
}
