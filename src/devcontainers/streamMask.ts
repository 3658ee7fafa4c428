import { mask, METADATA_STEP } from './redaction';

/**
 * Masks secrets, and the configuration in a build's last step, in a stream. What may be the beginning of one is held
 * back until it is known, so that the result does not depend on how the text was cut.
 */
export class StreamMask {
  readonly #hidden: readonly string[];
  readonly #firsts: RegExp;
  #held = '';
  #isSkipping = false;

  /** @param secrets the longest first. */
  constructor(secrets: readonly string[]) {
    this.#hidden = [METADATA_STEP, ...secrets].sort((a, b) => b.length - a.length);
    const firsts = [...new Set(this.#hidden.map((text) => text.charCodeAt(0)))];
    const escaped = firsts.map((code) => `\\u${code.toString(16).padStart(4, '0')}`);
    this.#firsts = new RegExp(`[${escaped.join('')}]`, 'g');
  }

  push(chunk: string): string {
    const text = this.#held + chunk;
    this.#held = '';
    return this.#mask(text, false);
  }

  /** The stream is over: what was held back is what it is. */
  end(): string {
    const text = this.#held;
    this.#held = '';
    return this.#mask(text, true);
  }

  #mask(text: string, isEnd: boolean): string {
    let out = '';
    for (let at = 0; at < text.length;) {
      if (this.#isSkipping) {
        const end = text.indexOf('\n', at);
        if (end < 0) break;
        this.#isSkipping = false;
        at = end;
      }
      this.#firsts.lastIndex = at;
      const next = this.#firsts.exec(text)?.index ?? text.length;
      out += text.slice(at, next);
      at = next;
      if (at === text.length) break;
      if (!isEnd && this.#mayGoOn(text.slice(at, at + (this.#hidden[0]?.length ?? 0)))) {
        this.#held = text.slice(at);
        break;
      }
      const found = this.#hidden.find((hidden) => text.startsWith(hidden, at));
      if (found === METADATA_STEP) this.#isSkipping = true;
      out += found === undefined ? text.charAt(at) : found === METADATA_STEP ? `${found}${mask}` : mask;
      at += found?.length ?? 1;
    }
    return out;
  }

  #mayGoOn(rest: string): boolean {
    return this.#hidden.some((hidden) => hidden.length > rest.length && hidden.startsWith(rest));
  }
}
