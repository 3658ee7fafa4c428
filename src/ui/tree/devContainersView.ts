import { commands, workspace, type TreeItem } from 'vscode';
import type { Container, DevContainer, ImageCheck, Snapshot } from '../../api';
import { mattering } from '../../core/changes';
import { isInside, relativeTo } from '../../core/identity';
import type { Inventory, SnapshotChange } from '../../core/inventory';
import type { JobBoard } from '../../core/jobBoard';
import { countOf, layoutDevContainers, siblingsOf, type Layout } from '../../core/order';
import { attentionWords, count } from '../../core/words';
import { settings } from '../settings';
import type { Filter } from './filter';
import type { DevContainerNode, Node, SectionNode } from './nodes';
import { OPEN_ROW, rowOf, type RowExtra } from './rows';
import { engineTrouble, RowsView } from './rowsView';

/** Without rows, a welcome text says the same. */
const UNTRUSTED = 'This workspace is not trusted: dev containers are listed, but not created or recreated.';
/** More changes than these are not listed one by one. */
const SHOWN_CHANGES = 50;

/** The view of dev containers. */
export class DevContainersView extends RowsView<DevContainer> {
  readonly #logged = new Set<string>();

  constructor(
    inventory: Inventory,
    filter: Filter,
    board: JobBoard,
    private readonly folders: () => readonly string[],
  ) {
    super('shipshape.devContainers', inventory, filter);
    this.parts.add(commands.registerCommand(OPEN_ROW, () => openRow(this.view.selection.at(-1))));
    this.parts.add(board.onDidLog(({ key }) => this.#markLogged(key)));
    this.parts.add(workspace.onDidGrantWorkspaceTrust(() => this.relayout()));
  }

  getTreeItem(node: Node): TreeItem {
    return rowOf(node, this.#extra);
  }

  /** Selects the dev container's row, if the view is in sight. */
  async reveal(key: string): Promise<void> {
    const node = this.nodeOf(key);
    if (node && this.view.visible) await this.view.reveal(node, { select: true, focus: false });
  }

  protected layout(): readonly Layout<DevContainer>[] {
    return layoutDevContainers(this.inventory.snapshot, {
      filter: this.filter.text,
      group: settings.groupDevContainers(),
      sort: settings.sortDevContainers(),
      folders: this.folders(),
    });
  }

  protected checks(): readonly (ImageCheck | undefined)[] {
    return this.inventory.snapshot.devContainers.map(({ image }) => image);
  }

  protected total(): number {
    return this.inventory.snapshot.devContainers.length;
  }

  protected node(item: DevContainer, parent: SectionNode | undefined, id: string): DevContainerNode {
    const containerDesc = { Id: item.containerId };
    return this.cache.keep({ kind: 'devContainer', id, parent, item, containerDesc });
  }

  protected childrenOf(node: Node): Node[] {
    if (node.kind !== 'devContainer') return [];
    return [
      ...this.#changesOf(node),
      ...this.#portsOf(node),
      ...this.#siblingsOf(node),
      ...this.#duplicatesOf(node),
    ];
  }

  protected override update(change: SnapshotChange): void {
    const { devContainers } = change.snapshot;
    const { n, words } = attentionWords(devContainers);
    if (this.view.badge?.value !== (n || undefined))
      this.view.badge = n > 0 ? { value: n, tooltip: words } : undefined;
    super.update(change);
    this.say(this.#message(change.snapshot));
  }

  /** One line above the rows: that the filter hides them all, that they may be out of date, or why nothing runs. */
  #message(snapshot: Snapshot): string {
    if (snapshot.devContainers.length === 0) return '';
    const isHidden = this.filter.text !== '' && countOf(this.layout()) === 0;
    if (isHidden)
      return `Nothing matches the filter. ${count(snapshot.devContainers.length, 'dev container')} hidden.`;
    return engineTrouble(snapshot.engines) || (workspace.isTrusted ? '' : UNTRUSTED);
  }

  /** What makes it dirty first, then what needs nothing. */
  #changesOf(parent: DevContainerNode): Node[] {
    const { changes } = parent.item;
    const matter = mattering(changes);
    const sorted = [...matter, ...changes.filter((change) => !matter.includes(change))];
    const seen = new Map<string, number>();
    const rows = sorted.slice(0, SHOWN_CHANGES).map((change): Node => {
      const id = `${parent.id}|change|${change.input}|${change.property ?? ''}`;
      const nth = (seen.get(id) ?? 0) + 1;
      seen.set(id, nth);
      return this.cache.keep({ kind: 'change', id: nth === 1 ? id : `${id}|${nth}`, parent, change });
    });
    const n = sorted.length - rows.length;
    if (n > 0) rows.push(this.cache.keep({ kind: 'moreChanges', id: `${parent.id}|moreChanges`, parent, n }));
    return rows;
  }

  #portsOf(parent: DevContainerNode): Node[] {
    const published =
      this.#containerOf(parent.item)?.ports.filter((port) => port.hostPort !== undefined) ?? [];
    return published.map((port) => {
      const id = `${parent.id}|port|${port.containerPort}/${port.protocol}|${port.hostIp ?? ''}|${port.hostPort ?? ''}`;
      return this.cache.keep({ kind: 'port', id, parent, port });
    });
  }

  #siblingsOf(parent: DevContainerNode): Node[] {
    return siblingsOf(this.inventory.snapshot.containers, parent.item.containerId).map((item) =>
      this.cache.keep({
        kind: 'container',
        id: `${parent.id}|${item.key}`,
        parent,
        item,
        containerDesc: { Id: item.id },
      }),
    );
  }

  #duplicatesOf(parent: DevContainerNode): Node[] {
    const { duplicates = [], previous } = parent.item;
    const ids = new Set([
      ...duplicates,
      ...(previous?.containerId === undefined ? [] : [previous.containerId]),
    ]);
    return this.#containers()
      .filter(({ id }) => ids.has(id))
      .map((item) => {
        const id = `${parent.id}|duplicate|${item.key}`;
        return this.cache.keep({ kind: 'duplicate', id, parent, item, containerDesc: { Id: item.id } });
      });
  }

  #containers(): readonly Container[] {
    return this.inventory.snapshot.containers;
  }

  #containerOf(item: DevContainer) {
    return this.inventory.facts(item.key)?.container;
  }

  #markLogged(key: string): void {
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    this.redraw(key);
  }

  readonly #extra: RowExtra = {
    hasChildren: (item) => {
      const container = this.#containerOf(item);
      if (item.changes.length > 0 || item.duplicates || item.previous?.containerId) return true;
      if (container?.ports.some((port) => port.hostPort !== undefined)) return true;
      return siblingsOf(this.#containers(), item.containerId).length > 0;
    },
    hasLog: (key) => this.#logged.has(key),
    isCompose: (item) => this.#containerOf(item)?.labels['com.docker.compose.project'] !== undefined,
    hint: (item) => this.#hint(item),
  };

  /** Where two dev containers would read alike, the part of the path that tells them apart. */
  #hint(item: DevContainer): string | undefined {
    const base = item.name.replace(/-\d+$/, '');
    const alike = this.inventory.snapshot.devContainers.filter(
      (other) => other.engine === item.engine && other.name.replace(/-\d+$/, '') === base,
    );
    if (alike.length < 2) return undefined;
    const isSameFolder = alike.every((other) => other.workspaceFolder === item.workspaceFolder);
    if (isSameFolder && item.configFile) return relativeTo(item.configFile, item.workspaceFolder);
    const open = this.folders().find((folder) => isInside(item.workspaceFolder, folder));
    // Inside an open folder its path from there tells most; elsewhere the end of the whole path.
    if (open === undefined) return item.workspaceFolder.split(/[\\/]/).slice(-2).join('/');
    return open === item.workspaceFolder ? './' : relativeTo(item.workspaceFolder, open);
  }
}

async function openRow(node: Node | undefined): Promise<void> {
  if (node?.kind === 'devContainer') await commands.executeCommand('shipshape.openConfig', node);
  if (node?.kind === 'moreChanges') await commands.executeCommand('shipshape.showChanges', node.parent);
}
