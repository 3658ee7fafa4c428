import { LogLevel, window, type LogOutputChannel, type OutputChannel } from 'vscode';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import type { Inventory } from '../core/inventory';
import type { JobBoard } from '../core/jobBoard';
import { lineText } from '../core/logText';
import type { LogLevel as LineLevel, LogLine } from '../core/ports';
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
    channel.appendLine(lineText({ at: Date.now(), level: 'info', text: title }));
  }

  /** The CLI's chatter stays out, unless our own log asks for as much. */
  isWanted(level: LineLevel): boolean {
    if (level === 'trace') return this.own.logLevel === LogLevel.Trace;
    if (level === 'debug') return this.own.logLevel !== LogLevel.Off && this.own.logLevel <= LogLevel.Debug;
    return true;
  }

  dispose(): void {
    this.#parts.dispose();
    for (const channel of this.#channels.values()) channel.dispose();
  }

  #write(key: string, lines: readonly LogLine[]): void {
    const text = lines
      .filter(({ level }) => this.isWanted(level))
      .map((line) => `${lineText(line)}\n`)
      .join('');
    if (text) this.#channel(key).append(text);
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
