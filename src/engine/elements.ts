/** The elements of a JSON array out of a stream of bytes that is cut anywhere: a long list need not be parsed at once. */

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class ArrayElements {
  #parts: Buffer[] = [];
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #hasElements = false;

  /** The array is complete. */
  isOver = false;

  /**
   * The values that this chunk completes.
   * @throws SyntaxError when the text is no JSON array.
   */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (this.#depth === 0) {
        this.#between(byte);
        start = i + 1;
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
      if (
        this.#depth === 0 ? byte === CLOSE_BRACKET : this.#depth === 1 && !this.#inString && byte === COMMA
      ) {
        this.#parts.push(chunk.subarray(start, i));
        start = i + 1;
        this.#take(values, byte === COMMA);
      }
    }
    if (this.#depth > 0) this.#parts.push(chunk.subarray(start));
    return values;
  }

  /** Outside of the array there may be white space only. */
  #between(byte: number): void {
    if (byte === OPEN_BRACKET && !this.isOver) this.#depth = 1;
    else if (byte > 0x20) throw new SyntaxError('This is no JSON array.');
  }

  #take(values: unknown[], isMoreToCome: boolean): void {
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.isOver = !isMoreToCome;
    if (this.isOver && !this.#hasElements && text.trim() === '') return;
    this.#hasElements = true;
    values.push(JSON.parse(text));
  }
}
