import { StringDecoder } from 'node:string_decoder';

export interface RawLine {
  readonly text: string;
  /** Characters that were dropped because the line was too long. */
  readonly dropped: number;
}

/** Cuts a stream of UTF-8 into lines; invalid bytes become U+FFFD, and no line grows beyond `maxLength`. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #parts: string[] = [];
  #length = 0;
  #dropped = 0;

  constructor(private readonly maxLength = 1024 * 1024) {}

  /** @returns the lines that this chunk completed. */
  push(chunk: Uint8Array): RawLine[] {
    return this.#split(this.#decoder.write(chunk));
  }

  /** @returns what is left at the end of the stream: a last line without an end. */
  end(): RawLine[] {
    const lines = this.#split(this.#decoder.end());
    return this.#length > 0 || this.#dropped > 0 ? [...lines, this.#take()] : lines;
  }

  #split(text: string): RawLine[] {
    const lines: RawLine[] = [];
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#append(text.slice(from, at));
      lines.push(this.#take());
      from = at + 1;
    }
    this.#append(text.slice(from));
    return lines;
  }

  #append(text: string): void {
    const kept = text.slice(0, Math.max(0, this.maxLength - this.#length));
    if (kept !== '') this.#parts.push(kept);
    this.#length += kept.length;
    this.#dropped += text.length - kept.length;
  }

  #take(): RawLine {
    const line = { text: this.#parts.join(''), dropped: this.#dropped };
    this.#parts = [];
    this.#length = 0;
    this.#dropped = 0;
    return line;
  }
}
