import { EventEmitter, Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import type { Disposable, UpdateReport } from '../api';
import { DisposableStore } from '../common/disposable';
import { reportTable } from '../core/updateWords';

const SCHEME = 'shipshape-update';
type Format = 'table' | 'json';

/** The report of the last update as read-only documents: a table to read, and JSON. */
export class UpdateDocuments implements TextDocumentContentProvider, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new EventEmitter<Uri>());
  readonly onDidChange = this.#changed.event;
  #reports: readonly UpdateReport[] = [];

  constructor() {
    this.#parts.add(workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  /** Asks for the format, unless the argument names it. */
  async show(reports: readonly UpdateReport[], argument: unknown): Promise<void> {
    const format = formatOf(argument) ?? (await ask());
    if (!format) return;
    this.#reports = reports;
    const uri = Uri.from({ scheme: SCHEME, path: `/Update Report.${format === 'json' ? 'json' : 'txt'}` });
    // An editor may still show that of an earlier update.
    this.#changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent({ path }: Uri): string {
    if (path.endsWith('.json')) return `${JSON.stringify(this.#reports, undefined, 2)}\n`;
    return this.#reports.length === 0
      ? 'No container was updated, and none is to be.\n'
      : reportTable(this.#reports);
  }

  dispose(): void {
    this.#parts.dispose();
  }
}

function formatOf(argument: unknown): Format | undefined {
  const { format } = (argument ?? {}) as { readonly format?: unknown };
  return format === 'table' || format === 'json' ? format : undefined;
}

async function ask(): Promise<Format | undefined> {
  const picks = [
    { label: 'Table', format: 'table' as const },
    { label: 'JSON', format: 'json' as const },
  ];
  return (await window.showQuickPick(picks, { title: 'Show the update report as' }))?.format;
}
