import type { CliProgress, LogLine } from '../core/ports';

/** As much of a run's log as is needed to say afterwards why it failed. */
export class LogMemory {
  /** Without the CLI's talk to itself. */
  readonly #readable = new Ring<string>(20);
  readonly #recent = new Ring<LogLine>(400);
  readonly #steps = new Ring<string>(1000);

  line(line: LogLine): void {
    if (line.level !== 'trace') this.#recent.add(line);
    if (line.level !== 'trace' && line.level !== 'debug') this.#readable.add(line.text);
  }

  progress(progress: CliProgress): void {
    if (progress.kind === 'build' && progress.instruction !== undefined)
      this.#steps.add(progress.instruction);
  }

  tail(): string[] {
    return this.#readable.items();
  }

  recent(): string[] {
    return this.#recent.items().map(({ text }) => text);
  }

  /** Where in the full log, from 1, the last line stands that looks like the first of these that any looks like. */
  placeOf(...patterns: readonly RegExp[]): number | undefined {
    const lines = this.#recent.items();
    for (const pattern of patterns) {
      const found = lines.findLast(({ text }) => pattern.test(text.slice(0, 4000)));
      if (found) return found.line;
    }
    return undefined;
  }

  steps(): string[] {
    return this.#steps.items();
  }
}

/** Keeps the last `size` items. */
class Ring<T> {
  #items: T[] = [];

  constructor(private readonly size: number) {}

  add(item: T): void {
    this.#items.push(item);
    // Cut now and then, not at each item: moving the rest costs.
    if (this.#items.length >= 2 * this.size) this.#items = this.#items.slice(-this.size);
  }

  items(): T[] {
    return this.#items.slice(-this.size);
  }
}
