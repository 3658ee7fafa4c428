/** The elements of a JSON array out of a stream of bytes that is cut anywhere: a long list need not be parsed at once. */

/** Where one container ends and the next begins, as every engine writes it. */
const SEAM = Buffer.from('},{"Id":');
const OPEN_BRACKET = 0x5b;

/**
 * Cuts at seams and lets JSON.parse judge: what stands before a seam and a bracket behind it make an array only if the
 * seam lies between two elements, neither deeper nor in a string. Text without seams is parsed at its end.
 */
export class ArrayElements {
  /** What follows the bracket or the last cut. */
  #parts: Buffer[] = [];
  #length = 0;
  #hasBegun = false;
  /** After a seam that was none it waits for as much text again, so that no text is parsed again and again. */
  #enough = 0;

  /**
   * Values that this chunk completes.
   * @throws SyntaxError when the text is no JSON array.
   */
  push(chunk: Buffer): readonly unknown[] {
    const text = this.#hasBegun ? chunk : this.#begin(chunk);
    const seam = this.#length + text.length < this.#enough ? -1 : text.lastIndexOf(SEAM);
    const values = seam < 0 ? undefined : parsed(`[${this.#upTo(text.subarray(0, seam + 1))}]`);
    if (values) {
      this.#parts = [];
      this.#length = 0;
    } else if (seam >= 0) this.#enough = 2 * (this.#length + text.length);
    const rest = values ? text.subarray(seam + 2) : text;
    this.#parts.push(rest);
    this.#length += rest.length;
    return values ?? [];
  }

  /**
   * The values that are left once the text is over.
   * @throws SyntaxError when the text is no JSON array.
   */
  end(): readonly unknown[] {
    return JSON.parse(`${this.#hasBegun ? '[' : ''}${this.#upTo()}`) as unknown[];
  }

  #upTo(last?: Buffer): string {
    return Buffer.concat(last ? [...this.#parts, last] : this.#parts).toString();
  }

  /** Before the array there may be white space only. */
  #begin(chunk: Buffer): Buffer {
    const start = chunk.findIndex((byte) => byte > 0x20);
    if (start < 0) return chunk.subarray(chunk.length);
    if (chunk[start] !== OPEN_BRACKET) throw new SyntaxError('This is no JSON array.');
    this.#hasBegun = true;
    return chunk.subarray(start + 1);
  }
}

function parsed(text: string): unknown[] | undefined {
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return undefined;
  }
}
