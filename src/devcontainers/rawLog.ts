import { withoutSecrets } from './cliLog';
import { firstLine, levelOf, readRecord, type LogRecord } from './cliRecord';
import { LineSplitter, type RawLine } from './lineSplitter';
import { CommandRedactor, redactCommand, type SecretMask } from './redaction';
import { StreamMask } from './streamMask';
import { TerminalFilter } from './terminalFilter';

/** Longest line of the log in characters; what is beyond is dropped. */
const MAX_LINE = 1024 * 1024;

/**
 * Turns the CLI's log into what a terminal may show: the output of programs with its colours and progress bars, command
 * lines rid of secrets. The CLI's talk to itself stays out, as it does of the channel.
 */
export class RawLog {
  readonly #splitter = new LineSplitter(MAX_LINE);
  readonly #stray = new CommandRedactor();
  readonly #filter = new TerminalFilter();
  readonly #mask: StreamMask;
  #isLineOpen = false;

  constructor(secrets: SecretMask) {
    this.#mask = new StreamMask(secrets.values);
  }

  /** @returns text for a terminal, with its line ends. */
  push(chunk: Uint8Array): string {
    return this.#show(this.#splitter.push(chunk));
  }

  end(): string {
    const rest = this.#show(this.#splitter.end()) + forTerminal(this.#mask.end());
    return `${rest}\x1b[0m`;
  }

  #show(lines: readonly RawLine[]): string {
    const text = lines.map((line) => this.#line(line)).join('');
    return forTerminal(this.#mask.push(this.#filter.push(text)));
  }

  #line(line: RawLine): string {
    const record = readRecord(line);
    if (record) this.#stray.reset();
    const text = record ? shown(record) : strayText(this.#stray, line.text);
    if (text === undefined) return '';
    const isOutput = record?.type === 'raw';
    const before = this.#isLineOpen && !isOutput ? '\n' : '';
    this.#isLineOpen = isOutput ? !text.endsWith('\n') : false;
    return before + text;
  }
}

function shown({ type, level, text }: LogRecord): string | undefined {
  const isChatter = ['trace', 'debug'].includes(levelOf(level));
  if (isChatter || typeof text !== 'string' || text === '') return undefined;
  if (type === 'raw') return text;
  if (type === 'text') return ended(withoutSecrets(text));
  if (type !== 'start' || !text.startsWith('Run: ')) return undefined;
  return `\x1b[2m$ ${redactCommand(firstLine(text.slice('Run: '.length)))}\x1b[0m\n`;
}

function strayText(redactor: CommandRedactor, text: string): string | undefined {
  if (/^(?:\s{4}at |[A-Za-z]{0,30}Error: )/.test(text)) redactor.reset();
  if (/^\s{4}at /.test(text)) return undefined;
  const line = redactor.line(text);
  return line === '' ? undefined : `${line}\n`;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** A terminal goes down at a line feed, and back only at a carriage return. */
function forTerminal(text: string): string {
  return text.replaceAll('\n', '\r\n');
}
