import type { Timers } from '../common/scheduling';

/** Answers by key: shared while they are asked for, kept while there is room; who asks says how old one may be. */
export class ImageAnswers<T> {
  readonly #known = new Map<string, { readonly value: T; readonly at: number }>();
  readonly #asked = new Map<string, Promise<T>>();

  /** @param isKept whether an answer may serve again; one that is thrown never does. */
  constructor(
    private readonly timers: Timers,
    private readonly isKept: (value: T) => boolean = () => true,
  ) {}

  /** An answer that came at `notBefore` (milliseconds since 1970) or later; else the one that `ask` gives. */
  async get(key: string, notBefore: number, ask: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known && known.at >= notBefore) return known.value;
    return this.#asked.get(key) ?? this.#ask(key, ask);
  }

  put(key: string, value: T): void {
    if (!this.isKept(value)) return;
    this.#known.delete(key);
    this.#known.set(key, { value, at: this.timers.now() });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KEPT) break;
      this.#known.delete(oldest);
    }
  }

  /** What is known of these keys is no longer true, nor what is being asked. */
  drop(isStale: (key: string) => boolean): void {
    for (const map of [this.#known, this.#asked]) {
      for (const key of map.keys()) if (isStale(key)) map.delete(key);
    }
  }

  #ask(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = ask();
    this.#asked.set(key, asked);
    const isCurrent = (): boolean => this.#asked.get(key) === asked;
    asked.then(
      (value) => {
        if (isCurrent()) this.put(key, value);
        if (isCurrent()) this.#asked.delete(key);
      },
      () => {
        if (isCurrent()) this.#asked.delete(key);
      },
    );
    return asked;
  }
}

/** The engine first and closed off, so that the keys of all answers about one engine begin alike. */
export function engineKeyOf(engine: string, ...rest: readonly string[]): string {
  return `${engine}\n${rest.join('\n')}`;
}

const MAX_KEPT = 5_000;
