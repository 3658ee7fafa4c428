/**
 * Turns what a program wrote for a terminal into lines of plain text. Escape sequences (ECMA-48: CSI, OSC, DCS, APC,
 * PM, SOS, charset selects) go, a carriage return starts the line anew, bidirectional controls become visible.
 * It keeps its place between chunks, so that the result does not depend on how the text was cut.
 */
export class TerminalText {
  #state: EscapeState = 'text';
  #line = '';
  #returned = false;
  #dropped = 0;

  /** @param maxLength a line's characters beyond it are dropped, and the line says so. */
  constructor(private readonly maxLength = 1024 * 1024) {}

  /** @returns the lines that this chunk completed, without their ends. */
  push(chunk: string): string[] {
    const lines: string[] = [];
    let plainFrom = -1;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.#state === 'text' && isPlain(code)) {
        // Runs of plain text are copied whole: adding them one by one would cost most of the time.
        if (plainFrom < 0) plainFrom = at;
        continue;
      }
      if (plainFrom >= 0) this.#append(chunk.slice(plainFrom, at));
      plainFrom = -1;
      if (code === 0x0a) {
        // Also within a sequence: one that was never closed must not eat the lines after it.
        this.#state = 'text';
        lines.push(this.#take());
      } else if (this.#state !== 'text') this.#state = nextState(this.#state, code);
      else this.#control(code);
    }
    if (plainFrom >= 0) this.#append(chunk.slice(plainFrom));
    return lines;
  }

  /** The line that has no end yet, where it is short: what a prompt can be. */
  get unfinished(): string {
    return this.#line.length > 500 || this.#returned ? '' : this.#line;
  }

  /** @returns the line that has no end yet, if there is one, and starts afresh. */
  flush(): string[] {
    this.#state = 'text';
    return this.#line === '' && this.#dropped === 0 ? [] : [this.#take()];
  }

  #control(code: number): void {
    if (code === 0x1b) this.#state = 'escape';
    else if (code === 0x0d) this.#returned = true;
    else if (code >= 0x80 && code <= 0x9f) this.#state = c1State(code);
    else if (isDeceptive(code)) this.#append(`\\u${code.toString(16).padStart(4, '0')}`);
    // What is left are C0 controls and DEL, which mean nothing in a log.
  }

  #append(text: string): void {
    if (this.#returned) {
      this.#line = '';
      this.#dropped = 0;
      this.#returned = false;
    }
    const room = Math.max(0, this.maxLength - this.#line.length);
    this.#line += room >= text.length ? text : text.slice(0, room);
    this.#dropped += Math.max(0, text.length - room);
  }

  #take(): string {
    const line =
      this.#dropped > 0 ? `${this.#line} … (${this.#dropped} more characters dropped)` : this.#line;
    this.#line = '';
    this.#dropped = 0;
    this.#returned = false;
    return line;
  }
}

/** Plain text of a whole piece, its lines joined by `\n`. */
export function plainText(text: string): string {
  const terminal = new TerminalText();
  return [...terminal.push(text), ...terminal.flush()].join('\n');
}

/** Where in an escape sequence a text is. */
export type EscapeState = 'text' | 'escape' | 'intermediate' | 'csi' | 'string';

/** Where it is after one more character. */
export function nextState(state: Exclude<EscapeState, 'text'>, code: number): EscapeState {
  // CAN and SUB end any sequence.
  if (code === 0x18 || code === 0x1a) return 'text';
  switch (state) {
    case 'escape':
      return afterEscape(code);
    case 'intermediate':
      if (code === 0x1b) return 'escape';
      return code >= 0x20 && code <= 0x2f ? 'intermediate' : 'text';
    case 'csi':
      if (code === 0x1b) return 'escape';
      return code >= 0x40 && code <= 0x7e ? 'text' : 'csi';
    case 'string':
      // The string terminator ESC \ is an escape of its own, and any other one ends the string just as well.
      if (code === 0x1b) return 'escape';
      return code === 0x07 || code === 0x9c ? 'text' : 'string';
  }
}

function afterEscape(code: number): EscapeState {
  if (code === 0x1b) return 'escape';
  if (code === 0x5b) return 'csi';
  if (isStringStart(code)) return 'string';
  return code >= 0x20 && code <= 0x2f ? 'intermediate' : 'text';
}

/** P, X, ], ^ and _ after ESC: DCS, SOS, OSC, PM and APC. */
function isStringStart(code: number): boolean {
  return code === 0x50 || code === 0x58 || code === 0x5d || code === 0x5e || code === 0x5f;
}

/** The one-character forms of the same sequences. */
export function c1State(code: number): EscapeState {
  if (code === 0x9b) return 'csi';
  return isStringStart(code - 0x40) ? 'string' : 'text';
}

/** Nothing but itself: no control, no mark of writing direction. */
export function isPlain(code: number): boolean {
  if (code < 0x20) return code === 0x09;
  return code < 0x7f || (code > 0x9f && !isDeceptive(code));
}

/** Controls of writing direction, which can make text look like another, and Unicode's own line ends. */
export function isDeceptive(code: number): boolean {
  if (code === 0x061c) return true;
  if (code < 0x200e || code > 0x2069) return false;
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202e) || code >= 0x2066;
}
