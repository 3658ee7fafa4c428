import type { Uri } from 'vscode';
import type { DevContainer, Disposable } from '../api';
import { LogTerminals } from './logTerminals';
import { RunDocuments } from './runDocuments';
import type { RunsParts } from './runParts';

/** What dev containers were through and are going through; loaded when somebody asks for it. */
export class Runs implements Disposable {
  readonly #documents: RunDocuments;
  readonly #terminals: LogTerminals;

  constructor(parts: RunsParts) {
    this.#documents = new RunDocuments(parts);
    this.#terminals = new LogTerminals(parts);
  }

  /** Asks for one of the last runs and opens its log. */
  choose(item: DevContainer): Promise<void> {
    return this.#documents.choose(item);
  }

  /** Opens the log of the run that failed in this line of it; false when that run is not kept. */
  openAt(item: DevContainer, logLine: number): Promise<boolean> {
    return this.#documents.openAt(item, logLine);
  }

  /** Opens the log of the last run; false when there is none. */
  openLast(item: DevContainer): Promise<boolean> {
    return this.#documents.openLast(item);
  }

  /** Shows the output of the running or last job with its colours. */
  showInTerminal(item: DevContainer): Promise<void> {
    return this.#terminals.show(item);
  }

  /** The text of one of our documents. */
  text(uri: Uri): Promise<string> {
    return this.#documents.text(uri);
  }

  dispose(): void {
    this.#terminals.dispose();
  }
}
