import {
  commands,
  EventEmitter,
  Uri,
  ViewColumn,
  window,
  workspace,
  type TextDocumentContentProvider,
} from 'vscode';
import type { Change, DevContainer, Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { byFile, placeToOpen } from '../core/changes';
import type { Drift } from '../core/drift';
import { relativeTo } from '../core/identity';
import type { Inventory } from '../core/inventory';
import { labelledProperties } from '../core/madeFrom';
import { changeWords, oneLine } from '../core/words';
import { lineRange } from './ranges';

const SCHEME = 'shipshape-made-from';

/** What one of our documents shows: a file as the container was made from it, or the changes in words. */
interface Shown {
  readonly key: string;
  readonly containerId: string;
  /** None: the changes in words. */
  readonly file?: string;
  /** The file as it is now that it is gone: empty. */
  readonly isGone?: true;
}

/** Read-only documents with what containers were made from, and the editors that show them beside what is there today. */
export class MadeFromDocuments implements TextDocumentContentProvider, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new EventEmitter<Uri>());
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly inventory: Inventory,
    private readonly drift: Drift,
  ) {
    this.#parts.add(workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  /**
   * Shows what changed: one file in the diff editor, several in the multi-file one; what is in files of which nobody
   * knows the old text, or in none, as a list in words.
   */
  async show(item: DevContainer): Promise<void> {
    const files = [...byFile(item.changes).keys()];
    const known = files.filter((file) => this.#textOf(item, file) !== undefined);
    const unknown = item.changes.filter(({ file }) => file === undefined || !known.includes(file));
    const title = `${oneLine(item.name, 80)}: what the container was made from ↔ today`;
    const [only, another] = known;
    if (only !== undefined && another === undefined) {
      await commands.executeCommand('vscode.diff', this.#uri(item, only), this.#today(item, only), title);
    } else if (only !== undefined) {
      const resources = known.map((file) => [Uri.file(file), this.#uri(item, file), this.#today(item, file)]);
      await commands.executeCommand('vscode.changes', title, resources);
    }
    if (unknown.length > 0) await this.#showInWords(item, only === undefined ? unknown : undefined);
  }

  provideTextDocumentContent(uri: Uri): string {
    const { key, containerId, file, isGone } = JSON.parse(uri.query) as Shown;
    if (isGone) return '';
    const item = this.inventory.snapshot.devContainers.find((candidate) => candidate.key === key);
    if (item && file === undefined) return inWords(item);
    const gone = '// The container is gone, and with it what it was made from.\n';
    return (item && this.#textOf({ ...item, containerId }, file ?? '')) ?? gone;
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** The list, and where nothing else is to be seen, the first line that is known beside it: not every file is a text. */
  async #showInWords(item: DevContainer, changes: readonly Change[] | undefined): Promise<void> {
    const uri = this.#uri(item);
    // The list of an earlier look may be out of date.
    this.#changed.fire(uri);
    const list = await workspace.openTextDocument(uri);
    const { file, line } = changes?.map(placeToOpen).find((place) => place.line !== undefined) ?? {};
    const beside = changes ? ViewColumn.Active : ViewColumn.Beside;
    await window.showTextDocument(list, { preview: true, viewColumn: beside, preserveFocus: !changes });
    if (file === undefined) return;
    const options = { viewColumn: ViewColumn.Beside, selection: lineRange(line), preserveFocus: true };
    await commands.executeCommand('vscode.open', Uri.file(file), options);
  }

  /** What is not there any more cannot be opened. */
  #today(item: DevContainer, file: string): Uri {
    const isGone = item.changes.some((change) => change.file === file && change.namedAt !== undefined);
    return isGone ? this.#uri(item, file, { isGone }) : Uri.file(file);
  }

  #uri(item: DevContainer, file?: string, more: Pick<Shown, 'isGone'> = {}): Uri {
    const { key, containerId = '' } = item;
    const shown: Shown = { key, containerId, ...(file === undefined ? {} : { file }), ...more };
    const name = `/${containerId.slice(0, 12)}/Changes of ${oneLine(item.name, 80).replace(/\//g, ' ')}`;
    return Uri.from({
      scheme: SCHEME,
      // With another path than today's file the editor would call it renamed.
      path: file === undefined ? name : Uri.file(file).path,
      query: JSON.stringify(shown),
    });
  }

  /** The text that was kept, else what the container's own label tells. */
  #textOf(item: DevContainer, file: string): string | undefined {
    const { engine, containerId = '' } = item;
    const kept = this.drift.madeFromText(engine, containerId, file);
    if (kept !== undefined || file !== item.configFile) return kept;
    const record = this.drift.madeFrom(engine, containerId);
    if (record) return json(record.value);
    const container = this.inventory.facts(item.key)?.container;
    const noted = container && labelledProperties(container);
    if (!container || !noted) return undefined;
    return `// Not recorded by Shipshape; this is what the container itself tells.\n${json({ image: container.image, ...noted })}`;
  }
}

/** Each file with its changes, one a line. */
function inWords(item: DevContainer): string {
  const inFiles = [...byFile(item.changes)].map(([file, changes]) => [
    relativeTo(file, item.workspaceFolder),
    ...changes.map((change) => changeWords(change, changes)),
  ]);
  const inNone = item.changes
    .filter(({ file }) => file === undefined)
    .map((change) => [change.input, changeWords(change)]);
  const paragraphs = [...inFiles, ...inNone].map(([where = '', ...lines]) =>
    [oneLine(where), ...lines.map((line) => `  ${oneLine(line, 600)}`)].join('\n'),
  );
  return `What changed since the container of ${oneLine(item.name, 80)} was made\n\n${paragraphs.join('\n\n')}\n`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
