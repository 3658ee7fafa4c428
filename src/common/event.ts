import type { Disposable, Event } from '../api';

/** Calls listeners in the order they came; a listener that throws does not keep the others from hearing. */
export class Emitter<T> {
  readonly #listeners = new Set<(e: T) => unknown>();
  readonly #onListenerError: (error: unknown) => void;

  /** @param onListenerError is told what a listener threw. */
  constructor(onListenerError: (error: unknown) => void = () => undefined) {
    this.#onListenerError = onListenerError;
  }

  readonly event: Event<T> = (listener): Disposable => {
    // A wrapper per subscription, so that the same function may listen twice.
    const entry = (e: T): unknown => listener(e);
    this.#listeners.add(entry);
    return { dispose: () => void this.#listeners.delete(entry) };
  };

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  fire(e: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(e);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
