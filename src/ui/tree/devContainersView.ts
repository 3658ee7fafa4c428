import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { DevContainer, Disposable } from '../../api';
import { DisposableStore } from '../../common/disposable';
import { relativeTo } from '../../core/identity';
import type { Inventory } from '../../core/inventory';
import type { JobBoard } from '../../core/jobBoard';
import { inOrder } from '../../core/order';
import { count } from '../../core/words';
import { NodeCache, type DevContainerNode, type Node } from './nodes';
import { rowOf, tooltipOf, type RowExtra } from './rows';

const VIEW = 'shipshape.devContainers';

/** The view of dev containers: rows made from the snapshot, and nothing asked of anyone while they are made. */
export class DevContainersView implements TreeDataProvider<Node>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = new EventEmitter<Node | undefined>();
  readonly #cache = new NodeCache();
  readonly #view: TreeView<Node>;
  readonly #logged = new Set<string>();
  #order: readonly string[] = [];

  constructor(
    private readonly inventory: Inventory,
    board: JobBoard,
  ) {
    this.#view = this.#parts.add(
      window.createTreeView<Node>(VIEW, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#parts.add(this.#changed);
    this.#parts.add(inventory.onDidChange(({ keys }) => this.#update(keys)));
    this.#parts.add(board.onDidLog(({ key }) => this.#markLogged(key)));
  }

  readonly onDidChangeTreeData = this.#changed.event;

  get visible(): boolean {
    return this.#view.visible;
  }

  readonly onDidChangeVisibility = (listener: (visible: boolean) => void): Disposable =>
    this.#view.onDidChangeVisibility(({ visible }) => listener(visible));

  getTreeItem(node: Node): TreeItem {
    return rowOf(node, this.#extra);
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    item.tooltip = tooltipOf(node);
    return item;
  }

  getParent(node: Node): Node | undefined {
    return 'parent' in node ? node.parent : undefined;
  }

  getChildren(node?: Node): Node[] {
    if (!node) {
      const items = inOrder(this.inventory.snapshot.devContainers);
      this.#order = items.map((item) => item.key);
      this.#cache.retain(new Set(this.#order));
      return items.map((item) => this.#node(item));
    }
    return node.kind === 'devContainer' ? this.#childrenOf(node) : [];
  }

  /** Selects the dev container's row, if the view is in sight. */
  async reveal(key: string): Promise<void> {
    const node = this.#cache.get(key);
    if (node && this.visible) await this.#view.reveal(node, { select: true, focus: false });
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #update(keys: readonly string[]): void {
    const { devContainers, engines } = this.inventory.snapshot;
    const attention = devContainers.filter((item) => item.dirty || item.failure).length;
    const verb = attention === 1 ? 'needs' : 'need';
    this.#view.badge =
      attention > 0
        ? { value: attention, tooltip: `${count(attention, 'dev container')} ${verb} attention` }
        : undefined;
    // An empty message takes none of the view's space; the type wants a text.
    this.#view.message = engineTrouble(engines, devContainers.length > 0) ?? '';
    const order = inOrder(devContainers).map((item) => item.key);
    if (order.length !== this.#order.length || order.some((key, i) => key !== this.#order[i])) {
      this.#changed.fire(undefined);
      return;
    }
    for (const item of devContainers) if (keys.includes(item.key)) this.#changed.fire(this.#node(item));
  }

  #node(item: DevContainer): DevContainerNode {
    return this.#cache.keep({
      kind: 'devContainer',
      id: item.key,
      item,
      containerDesc: { Id: item.containerId },
    });
  }

  #childrenOf(parent: DevContainerNode): Node[] {
    const { item } = parent;
    const changes = item.changes.map((change) =>
      this.#cache.keep({
        kind: 'change',
        id: `${parent.id}|change|${change.input}|${change.property ?? ''}`,
        parent,
        change,
      }),
    );
    return [...changes, ...this.#portsOf(parent)];
  }

  #portsOf(parent: DevContainerNode): Node[] {
    return (
      this.#container(parent.item)
        ?.ports.filter((port) => port.hostPort !== undefined)
        .map((port) =>
          this.#cache.keep({
            kind: 'port',
            id: `${parent.id}|port|${port.containerPort}/${port.protocol}|${port.hostIp ?? ''}|${port.hostPort ?? ''}`,
            parent,
            port,
          }),
        ) ?? []
    );
  }

  #container(item: DevContainer) {
    return this.inventory.facts(item.key)?.container;
  }

  #markLogged(key: string): void {
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    const node = this.#cache.get(key);
    if (node) this.#changed.fire(node);
  }

  readonly #extra: RowExtra = {
    hasChildren: (item) =>
      item.changes.length > 0 ||
      (this.#container(item)?.ports.some((port) => port.hostPort !== undefined) ?? false),
    hasLog: (key) => this.#logged.has(key),
    isCompose: (item) => this.#container(item)?.labels['com.docker.compose.project'] !== undefined,
    hint: (item) => this.#hint(item),
  };

  /** Where two dev containers would read alike, the part of the path that tells them apart. */
  #hint(item: DevContainer): string | undefined {
    const base = item.name.replace(/-\d+$/, '');
    const alike = this.inventory.snapshot.devContainers.filter(
      (other) => other.name.replace(/-\d+$/, '') === base,
    );
    if (alike.length < 2) return undefined;
    const sameFolder = alike.every((other) => other.workspaceFolder === item.workspaceFolder);
    if (sameFolder && item.configFile) return relativeTo(item.configFile, item.workspaceFolder);
    return item.workspaceFolder.split(/[\\/]/).slice(-3, -1).join('/');
  }
}

/** One line above the rows when they may be out of date; without rows the welcome text says it. */
function engineTrouble(engines: Inventory['snapshot']['engines'], hasRows: boolean): string | undefined {
  const down = engines.find((engine) => engine.status === 'unavailable');
  if (!down || !hasRows) return undefined;
  const since =
    down.staleSince === undefined
      ? ''
      : ` Showing what was known at ${new Date(down.staleSince).toLocaleTimeString()}.`;
  return `${down.name}: ${down.error ?? 'does not answer'}.`.replace(/\.\.$/, '.') + since;
}
