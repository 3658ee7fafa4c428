import {
  EventEmitter,
  FileDecoration,
  ThemeColor,
  Uri,
  window,
  type Event,
  type FileDecorationProvider,
} from 'vscode';
import type { Disposable, Snapshot } from '../api';
import { DisposableStore } from '../common/disposable';
import { changedFiles } from '../core/changes';
import type { Inventory } from '../core/inventory';
import { changedFileWords } from '../core/words';

/** Marks files in the Explorer and on tabs that changed since a dev container was made from them. */
export class ChangedFileDecorations implements FileDecorationProvider, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new EventEmitter<Uri[]>());
  readonly onDidChangeFileDecorations: Event<Uri[]> = this.#changed.event;
  /** What is said of each file, by its URI. */
  #words: ReadonlyMap<string, string> = new Map();

  constructor(inventory: Inventory) {
    this.#parts.add(window.registerFileDecorationProvider(this));
    this.#parts.add(inventory.onDidChange(({ snapshot }) => this.#update(snapshot)));
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const words = uri.scheme === 'file' ? this.#words.get(uri.toString()) : undefined;
    if (words === undefined) return undefined;
    return new FileDecoration('DC', words, new ThemeColor('list.warningForeground'));
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** Tells of those only of which something else is said than before. */
  #update({ devContainers }: Snapshot): void {
    const before = this.#words;
    const after = new Map(
      [...changedFiles(devContainers)].map(([file, changed]) => [
        Uri.file(file).toString(),
        changedFileWords(changed),
      ]),
    );
    const all = [...new Set([...before.keys(), ...after.keys()])];
    const different = all.filter((uri) => before.get(uri) !== after.get(uri));
    this.#words = after;
    if (different.length > 0) this.#changed.fire(different.map((uri) => Uri.parse(uri)));
  }
}
