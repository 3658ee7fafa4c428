import { EventEmitter, Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';

const SCHEME = 'shipshape-losses';

/** One read-only document with all that recreating would lose; each look replaces the one before. */
export class LossDocument implements TextDocumentContentProvider, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new EventEmitter<Uri>());
  readonly onDidChange = this.#changed.event;
  readonly #uri = Uri.from({ scheme: SCHEME, path: '/What Is Lost' });
  #text = '';

  constructor() {
    this.#parts.add(workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  async show(text: string): Promise<void> {
    this.#text = text;
    // An editor may still show that of an earlier look.
    this.#changed.fire(this.#uri);
    await window.showTextDocument(await workspace.openTextDocument(this.#uri), { preview: true });
  }

  provideTextDocumentContent(): string {
    return this.#text || 'Recreate again to see what would be lost.\n';
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
