import type { CliListener, CliProgress, LogLevel } from '../core/ports';
import { firstLine, levelOf, readRecord } from './cliRecord';
import type { LogRecord } from './cliRecord';
import { LineSplitter } from './lineSplitter';
import type { RawLine } from './lineSplitter';
import { progressOfChatter, progressOfHook, progressOfLine } from './cliProgress';
import { CommandRedactor, isDump, mask, METADATA_STEP, redactCommand, SecretMask } from './redaction';
import { ProbeDump } from './probeDump';
import { TerminalText } from './terminalText';

/** Longest line of the log in characters; what is beyond is dropped, and the line says so. */
const maxLineLength = 1024 * 1024;
/** Room for the note at the end of a line that was cut. */
const maxTextLength = maxLineLength + 200;

/** A line that is no record, with what it would be told with. */
interface StrayLine {
  readonly text: string;
  readonly note: string;
  readonly at: number;
  readonly number: number;
}

/**
 * Reads the CLI's log from stderr: JSON records one a line, with stray plain lines among them. Each readable line
 * and each sign of progress goes to the listener at once; command lines and dumps are rid of secrets first.
 */
export class CliLogParser {
  readonly #splitter = new LineSplitter(maxLineLength);
  /** Output of programs comes in pieces of lines, told apart by channel. */
  readonly #raw = new Map<string, { text: TerminalText; at: number; level: LogLevel }>();
  /** For stray lines: a command line in an error message can go over several. */
  readonly #stray = new CommandRedactor();
  readonly #dump = new ProbeDump<StrayLine>();
  #lastAt = 0;
  #lineNumber = 0;

  /** @param now stands in for the time of lines that carry none. */
  constructor(
    private readonly listener: CliListener,
    private readonly secrets: SecretMask = new SecretMask([]),
    private readonly now: () => number = Date.now,
  ) {}

  push(chunk: Uint8Array): void {
    for (const line of this.#splitter.push(chunk)) this.#line(line);
  }

  /** The stream is over: what has no end yet comes out as it is. */
  end(): void {
    for (const line of this.#splitter.end()) this.#line(line);
    this.#endDump();
    for (const channel of [...this.#raw.keys()]) this.#flush(channel);
  }

  #line(line: RawLine): void {
    this.#lineNumber++;
    const record = readRecord(line);
    this.#lastAt = typeof record?.timestamp === 'number' ? record.timestamp : this.now();
    const note = line.dropped > 0 ? ` … (line too long: ${line.dropped} more characters dropped)` : '';
    if (!record) {
      const stray = { text: line.text, note, at: this.#lastAt, number: this.#lineNumber };
      for (const each of this.#dump.push(stray)) this.#strayLine(each.line, each.isDump);
      return;
    }
    this.#endDump();
    this.#record(record, note);
  }

  #endDump(): void {
    const held = this.#dump.end();
    if (held) this.#strayLine(held, false);
  }

  #strayLine({ text, note, at, number }: StrayLine, isDump: boolean): void {
    if (/^(?:\s{4}at |[A-Za-z]{0,30}Error: )/.test(text)) this.#stray.reset();
    // Where in its own bundle the CLI was is of use to its authors only.
    const level = isDump || /^\s{4}at /.test(text) ? 'debug' : 'info';
    this.#emitText(level, this.#stray.line(text) + note, at, number);
  }

  #record(record: LogRecord, note: string): void {
    this.#stray.reset();
    const text = typeof record.text === 'string' ? record.text + note : '';
    const channel = typeof record.channel === 'string' ? record.channel : '';
    const level = levelOf(record.level);
    if (record.type !== 'raw') this.#flush(channel);
    switch (record.type) {
      case 'raw':
        // The end of the line is among what was dropped.
        this.#emitRaw(channel, level, note === '' ? text : `${text}\n`);
        break;
      case 'start':
      case 'stop':
        // Only the first line: here-documents with whole environments stand below it.
        this.#emitText(record.type === 'start' ? 'debug' : 'trace', redactCommand(firstLine(text)));
        if (record.type === 'start') this.#tell(progressOfChatter(text));
        break;
      case 'progress':
        this.#tell(progressOfHook(record.name, record.status));
        break;
      default:
        this.#emitText(level, withoutSecrets(text));
    }
  }

  #emitRaw(channel: string, level: LogLevel, text: string): void {
    let raw = this.#raw.get(channel);
    if (!raw) this.#raw.set(channel, (raw = { text: new TerminalText(maxTextLength), at: 0, level }));
    raw.at = this.#lastAt;
    raw.level = level;
    const lines = raw.text.push(text);
    for (const line of lines) this.#emit(level, line);
    const { unfinished } = raw.text;
    if (lines.length > 0 && unfinished === '') return;
    this.listener.onUnfinished?.(this.secrets.hide(withoutMetadata(unfinished)));
  }

  #flush(channel: string): void {
    const raw = this.#raw.get(channel);
    for (const line of raw?.text.flush() ?? []) this.#emit(raw?.level ?? 'info', line);
  }

  #emitText(level: LogLevel, text: string, at = this.#lastAt, number = this.#lineNumber): void {
    const terminal = new TerminalText(maxTextLength);
    for (const line of [...terminal.push(text), ...terminal.flush()]) this.#emit(level, line, at, number);
  }

  #emit(level: LogLevel, line: string, at = this.#lastAt, number = this.#lineNumber): void {
    const text = this.secrets.hide(withoutMetadata(withoutStepMark(line))).trimEnd();
    if (text === '') return;
    // First what begins, then its first line.
    this.#tell(progressOfLine(text));
    this.listener.onLine({ at, level, text, line: number });
  }

  #tell(progress: CliProgress | undefined): void {
    if (progress) this.listener.onProgress(progress, this.#lastAt);
  }
}

/** A text of the CLI's inner talk, as it may be shown. */
export function withoutSecrets(text: string): string {
  if (isDump(text)) return `(${text.length} characters of environment or configuration are not shown)`;
  const redactor = new CommandRedactor();
  return text
    .split('\n')
    .map((line) => redactor.line(line))
    .join('\n');
}

/** Hooks may mark their steps: the mark goes, the step's name stays. */
function withoutStepMark(line: string): string {
  if (line.startsWith('::endstep::')) return '';
  return line.startsWith('::step::') ? line.slice('::step::'.length) : line;
}

/** The last step of a build sets a label that holds the whole configuration. */
function withoutMetadata(line: string): string {
  const at = line.indexOf(METADATA_STEP);
  return at < 0 ? line : `${line.slice(0, at)}${METADATA_STEP}${mask}`;
}
