/** Lines out of a stream of bytes that is cut anywhere. */
import { StringDecoder } from 'node:string_decoder';

/** Splits at `\n`; what follows the last one waits for more. Invalid UTF-8 becomes U+FFFD. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #limit: number;
  readonly #onTooLong: () => void;
  #parts: string[] = [];
  #length = 0;
  #skipping = false;

  /**
   * @param limit longest line in UTF-16 units; a longer one is left out as a whole.
   * @param onTooLong is told of each line that is left out.
   */
  constructor(limit: number, onTooLong: () => void) {
    this.#limit = limit;
    this.#onTooLong = onTooLong;
  }

  /** The lines that this chunk completes, without their ends. */
  push(chunk: Buffer): string[] {
    const [first = '', ...others] = this.#decoder.write(chunk).split('\n');
    const lines: string[] = [];
    this.#add(first);
    for (const next of others) {
      if (!this.#skipping) lines.push(this.#parts.join(''));
      this.#reset();
      this.#add(next);
    }
    return lines;
  }

  #add(part: string): void {
    if (this.#skipping) return;
    this.#length += part.length;
    if (this.#length <= this.#limit) {
      if (part !== '') this.#parts.push(part);
      return;
    }
    this.#reset();
    this.#skipping = true;
    this.#onTooLong();
  }

  #reset(): void {
    this.#parts = [];
    this.#length = 0;
    this.#skipping = false;
  }
}
