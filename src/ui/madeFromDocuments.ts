import { commands, Uri, workspace, type TextDocumentContentProvider } from 'vscode';
import type { DevContainer, Disposable } from '../api';
import { baseName } from '../core/identity';
import type { Drift } from '../core/drift';
import { labelledProperties } from '../core/madeFrom';
import type { Inventory } from '../core/inventory';

const SCHEME = 'shipshape-made-from';

/** Read-only documents with the configurations that containers were made from, for the diff editor. */
export class MadeFromDocuments implements TextDocumentContentProvider, Disposable {
  readonly #registered = workspace.registerTextDocumentContentProvider(SCHEME, this);

  constructor(
    private readonly inventory: Inventory,
    private readonly drift: Drift,
  ) {}

  /** Opens what the container was made from beside today's file. False when nobody knows what it was made from. */
  async show(item: DevContainer): Promise<boolean> {
    if (!item.configFile || !item.containerId || this.#textOf(item) === undefined) return false;
    const name = baseName(item.configFile);
    const left = Uri.from({
      scheme: SCHEME,
      path: `/${item.containerId.slice(0, 12)}/${name}`,
      query: JSON.stringify({ key: item.key, containerId: item.containerId }),
    });
    const title = `${item.name}: ${name} the container was made from ↔ today`;
    await commands.executeCommand('vscode.diff', left, Uri.file(item.configFile), title);
    return true;
  }

  provideTextDocumentContent(uri: Uri): string {
    const { key, containerId } = JSON.parse(uri.query) as { key: string; containerId: string };
    const item = this.inventory.snapshot.devContainers.find((candidate) => candidate.key === key);
    const gone = '// The container is gone, and with it what it was made from.\n';
    return (item && this.#textOf({ ...item, containerId })) ?? gone;
  }

  dispose(): void {
    this.#registered.dispose();
  }

  /** The text we kept, else what the container's own label tells. */
  #textOf(item: DevContainer): string | undefined {
    const record = this.drift.madeFrom(item.engine, item.containerId ?? '');
    if (record) return record.text || json(record.value);
    const container = this.inventory.facts(item.key)?.container;
    const noted = container && labelledProperties(container);
    if (!container || !noted) return undefined;
    return `// Not recorded by Shipshape; this is what the container itself tells.\n${json({ image: container.image, ...noted })}`;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
