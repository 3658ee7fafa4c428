import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { Container, Disposable } from '../../api';
import { DisposableStore } from '../../common/disposable';
import type { Inventory } from '../../core/inventory';
import { grouped } from '../../core/order';
import { NodeCache, type ContainerNode, type GroupNode, type Node } from './nodes';
import { rowOf, tooltipOf, type RowExtra } from './rows';

const VIEW = 'shipshape.containers';
const NO_EXTRA: RowExtra = {
  hasChildren: () => false,
  hasLog: () => false,
  hint: () => undefined,
  isCompose: () => false,
};

/** The view of all other containers, Compose projects as groups. */
export class ContainersView implements TreeDataProvider<Node>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = new EventEmitter<Node | undefined>();
  readonly #cache = new NodeCache();
  readonly #view: TreeView<Node>;
  #shown = '';

  constructor(private readonly inventory: Inventory) {
    this.#view = this.#parts.add(
      window.createTreeView<Node>(VIEW, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#parts.add(this.#changed);
    this.#parts.add(inventory.onDidChange(({ keys }) => this.#update(new Set(keys))));
  }

  readonly onDidChangeTreeData = this.#changed.event;

  get visible(): boolean {
    return this.#view.visible;
  }

  getTreeItem(node: Node): TreeItem {
    return rowOf(node, NO_EXTRA);
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    item.tooltip = tooltipOf(node);
    return item;
  }

  getParent(node: Node): Node | undefined {
    return 'parent' in node ? node.parent : undefined;
  }

  getChildren(node?: Node): Node[] {
    if (node) return node.kind === 'group' ? node.group.containers.map((item) => this.#node(item, node)) : [];
    const { groups, rest } = grouped(this.inventory.snapshot.containers);
    this.#shown = this.#shape();
    this.#cache.retain(new Set([...groups, ...rest].map(({ key }) => key)));
    return [...groups.map((group) => this.#group(group)), ...rest.map((item) => this.#node(item))];
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #update(keys: ReadonlySet<string>): void {
    if (this.#shape() !== this.#shown) {
      this.#changed.fire(undefined);
      return;
    }
    const { groups, rest } = grouped(this.inventory.snapshot.containers);
    for (const group of groups) {
      if (group.containers.some((item) => keys.has(item.key))) this.#changed.fire(this.#group(group));
    }
    for (const item of rest) if (keys.has(item.key)) this.#changed.fire(this.#node(item));
  }

  /** Which rows there are, in what order; as long as it stays, single rows can be redrawn. */
  #shape(): string {
    const { groups, rest } = grouped(this.inventory.snapshot.containers);
    return JSON.stringify([
      groups.map((g) => [g.key, ...g.containers.map(({ key }) => key)]),
      rest.map(({ key }) => key),
    ]);
  }

  #group(group: GroupNode['group']): GroupNode {
    return this.#cache.keep({ kind: 'group', id: group.key, group });
  }

  #node(item: Container, parent?: GroupNode): ContainerNode {
    return this.#cache.keep({
      kind: 'container',
      id: item.key,
      item,
      containerDesc: { Id: item.id },
      parent,
    });
  }
}
