import { EventEmitter, ThemeIcon, window, type Pseudoterminal, type Terminal } from 'vscode';
import type { DevContainer, Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import type { JobBoard } from '../core/jobBoard';
import type { LogFollower, LogReader } from '../core/ports';
import { oneLine } from '../core/words';
import type { RunsParts } from './runParts';

/** Terminals that show the output of a dev container's running or last job with its colours, and take no input. */
export class LogTerminals implements Disposable {
  readonly #listening = new DisposableStore();
  /** The terminal of each log that is shown. */
  readonly #terminals = new Map<string, Terminal>();

  constructor(private readonly parts: Pick<RunsParts, 'board' | 'history' | 'reader'>) {
    this.#listening.add(
      window.onDidCloseTerminal((closed) => {
        for (const [file, terminal] of this.#terminals) if (terminal === closed) this.#terminals.delete(file);
      }),
    );
  }

  async show(item: DevContainer): Promise<void> {
    const name = oneLine(item.name, 80);
    const file = this.parts.board.logFile(item.key) ?? (await this.#lastLog(item.key));
    if (file === undefined) {
      void window.showInformationMessage(`${name} has no log yet: nothing was created or recreated here.`);
      return;
    }
    const terminal = this.#terminals.get(file) ?? this.#make(name, item.key, file);
    this.#terminals.set(file, terminal);
    terminal.show(true);
  }

  dispose(): void {
    this.#listening.dispose();
    for (const terminal of this.#terminals.values()) terminal.dispose();
  }

  async #lastLog(key: string): Promise<string | undefined> {
    return (await this.parts.history.runs(key)).find(({ logFile }) => logFile !== undefined)?.logFile;
  }

  #make(name: string, key: string, file: string): Terminal {
    const { board, reader } = this.parts;
    return window.createTerminal({
      name: `Log: ${name}`,
      iconPath: new ThemeIcon('output'),
      pty: new LogPseudoterminal(board, key, file, reader),
      // After a reload it would come back empty.
      isTransient: true,
    });
  }
}

class LogPseudoterminal implements Pseudoterminal {
  readonly #text = new EventEmitter<string>();
  readonly onDidWrite = this.#text.event;
  #following: LogFollower | undefined;
  #listening: Disposable | undefined;

  constructor(
    private readonly board: JobBoard,
    private readonly key: string,
    private readonly file: string,
    private readonly reader: LogReader,
  ) {}

  open(): void {
    this.#following = this.reader.follow(this.file, (text) => this.#text.fire(text));
    this.#listening = this.board.onDidChange((key) => key === this.key && this.#finishWhenOver());
    this.#finishWhenOver();
  }

  close(): void {
    this.#listening?.dispose();
    this.#following?.dispose();
    this.#text.dispose();
  }

  /** A later job of the same dev container has a log of its own. */
  #finishWhenOver(): void {
    if (this.board.get(this.key) && this.board.logFile(this.key) === this.file) return;
    this.#listening?.dispose();
    this.#listening = undefined;
    void this.#following
      ?.finish()
      .then(() => this.#text.fire('\r\n\x1b[2mThe job is over; this is the end of its log.\x1b[0m\r\n'));
  }
}
