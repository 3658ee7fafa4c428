import { c1State, isDeceptive, isPlain, nextState, type EscapeState } from './terminalText';

/** Longer than any real one; what follows it is dropped with it. */
const MAX_PARAMETERS = 64;

/**
 * Lets through to a terminal what programs write for the eye, and nothing that acts: colours, movements of the cursor
 * and erasing pass; titles, links and the clipboard (OSC), device controls (DCS, APC, PM, SOS), modes and other
 * escapes are dropped; marks of writing direction become visible. The result does not depend on how the text was cut.
 */
export class TerminalFilter {
  #state: EscapeState = 'text';
  #parameters = '';

  push(chunk: string): string {
    let out = '';
    let plainFrom = -1;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.#state === 'text' && isPlain(code)) {
        // Runs of plain text are copied whole: adding them one by one would cost most of the time.
        if (plainFrom < 0) plainFrom = at;
        continue;
      }
      if (plainFrom >= 0) out += chunk.slice(plainFrom, at);
      plainFrom = -1;
      out += this.#state === 'text' || code === 0x0a ? this.#control(code) : this.#sequence(code);
    }
    return plainFrom >= 0 ? out + chunk.slice(plainFrom) : out;
  }

  /** Also a line end within a sequence: one that was never closed must not eat the lines after it. */
  #control(code: number): string {
    this.#state = 'text';
    this.#parameters = '';
    if (code === 0x1b) this.#state = 'escape';
    else if (code >= 0x80 && code <= 0x9f) this.#state = c1State(code);
    else if (code === 0x0a || code === 0x0d || code === 0x08) return String.fromCharCode(code);
    else if (isDeceptive(code)) return `\\u${code.toString(16).padStart(4, '0')}`;
    return '';
  }

  #sequence(code: number): string {
    if (this.#state === 'text') return '';
    const before = this.#state;
    this.#state = nextState(before, code);
    if (before !== 'csi') {
      this.#parameters = '';
      return '';
    }
    if (this.#state === 'csi') {
      if (this.#parameters.length <= MAX_PARAMETERS) this.#parameters += String.fromCharCode(code);
      return '';
    }
    const isWhole = this.#state === 'text' && code >= 0x40 && code <= 0x7e;
    const sequence = `${this.#parameters}${String.fromCharCode(code)}`;
    this.#parameters = '';
    return isWhole && isHarmless(sequence) ? `\x1b[${sequence}` : '';
  }
}

/** Colours; the cursor up, down, right, left, to a column, line or place; erasing, but not of what was scrolled away. */
function isHarmless(sequence: string): boolean {
  return sequence.length <= MAX_PARAMETERS && /^(?:[0-9;:]*m|[0-9;]*[A-HKdf]|[0-2]?J)$/.test(sequence);
}
