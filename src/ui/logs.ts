import { LogLevel, window, type LogOutputChannel, type OutputChannel } from 'vscode';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import type { Inventory } from '../core/inventory';
import type { JobBoard } from '../core/jobBoard';
import type { LogLine } from '../core/ports';
import { oneLine } from '../core/words';

/** One output channel for each dev container that had a job, kept for the window's life. */
export class Logs implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #channels = new Map<string, OutputChannel>();

  constructor(
    private readonly own: LogOutputChannel,
    private readonly inventory: Inventory,
    board: JobBoard,
  ) {
    this.#parts.add(board.onDidLog(({ key, lines }) => this.#write(key, lines)));
  }

  /** Opens the dev container's channel, or our own when it has none, without taking the focus. */
  show(key?: string): void {
    const channel = key === undefined ? undefined : this.#channels.get(key);
    (channel ?? this.own).show(true);
  }

  /** Whether the dev container has a channel of its own. */
  has(key: string): boolean {
    return this.#channels.has(key);
  }

  /** Begins a job's part of the log. */
  begin(key: string, title: string): void {
    const channel = this.#channel(key);
    channel.appendLine(`${clock(Date.now())} [info] ${title}`);
  }

  dispose(): void {
    this.#parts.dispose();
    for (const channel of this.#channels.values()) channel.dispose();
  }

  #write(key: string, lines: readonly LogLine[]): void {
    const text = lines
      .filter((line) => this.#isWanted(line))
      .map(format)
      .join('');
    if (text) this.#channel(key).append(text);
  }

  /** The CLI's chatter stays out, unless our own log asks for as much. */
  #isWanted(line: LogLine): boolean {
    if (line.level === 'trace') return this.own.logLevel === LogLevel.Trace;
    if (line.level === 'debug')
      return this.own.logLevel !== LogLevel.Off && this.own.logLevel <= LogLevel.Debug;
    return true;
  }

  #channel(key: string): OutputChannel {
    const known = this.#channels.get(key);
    if (known) return known;
    const name = this.inventory.snapshot.devContainers.find((item) => item.key === key)?.name ?? key;
    const channel = window.createOutputChannel(`Dev Container: ${oneLine(name, 80)}`, 'log');
    this.#channels.set(key, channel);
    return channel;
  }
}

function format(line: LogLine): string {
  return `${clock(line.at)} [${line.level}] ${line.text}\n`;
}

/** `14:02:31.123`, the user's own time. */
function clock(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
