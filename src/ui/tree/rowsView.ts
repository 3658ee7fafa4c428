import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { Container, DevContainer, Disposable } from '../../api';
import { DisposableStore } from '../../common/disposable';
import type { Inventory, SnapshotChange } from '../../core/inventory';
import type { Layout } from '../../core/order';
import type { Filter } from './filter';
import { NodeCache, type Node, type SectionNode } from './nodes';
import { tooltipOf } from './tooltips';

/**
 * A view of rows made from the snapshot. Nothing is asked of anyone while rows are made, and only rows that changed
 * are made anew: all of them only when rows come, go or move.
 */
export abstract class RowsView<T extends DevContainer | Container>
  implements TreeDataProvider<Node>, Disposable
{
  protected readonly parts = new DisposableStore();
  protected readonly view: TreeView<Node>;
  protected readonly cache = new NodeCache();
  readonly #changed = new EventEmitter<Node | undefined>();
  #shape = '';

  constructor(
    id: string,
    protected readonly inventory: Inventory,
    protected readonly filter: Filter,
  ) {
    const options = { treeDataProvider: this, showCollapseAll: true, canSelectMany: true };
    this.view = this.parts.add(window.createTreeView<Node>(id, options));
    this.parts.add(this.#changed);
    this.parts.add(inventory.onDidChange((change) => this.update(change)));
    this.parts.add(filter.onDidChange(() => this.relayout()));
  }

  get onDidChangeTreeData() {
    return this.#changed.event;
  }

  abstract getTreeItem(node: Node): TreeItem;
  /** The rows as they should be now. */
  protected abstract layout(): readonly Layout<T>[];
  /** The element of an item, below a section or on its own. */
  protected abstract node(item: T, parent: SectionNode | undefined): Node;
  /** What lies below an item's row. */
  protected abstract childrenOf(node: Node): Node[];

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    item.tooltip = tooltipOf(node);
    return item;
  }

  getParent(node: Node): Node | undefined {
    return node.parent;
  }

  getChildren(node?: Node): Node[] {
    if (node?.kind === 'section') return this.#nodes(node.section.children as readonly Layout<T>[], node);
    if (node) return this.childrenOf(node);
    const rows = this.layout();
    this.#shape = shapeOf(rows);
    const nodes = this.#nodes(rows, undefined);
    this.cache.retain(new Set(nodes.map(({ id }) => id)));
    return nodes;
  }

  /** The user wants the rows otherwise. */
  relayout(): void {
    this.update({ keys: [], snapshot: this.inventory.snapshot });
  }

  dispose(): void {
    this.parts.dispose();
  }

  /** Makes a row anew, if it is there. */
  protected redraw(key: string): void {
    const node = this.cache.get(key);
    if (node) this.#changed.fire(node);
  }

  protected update({ keys }: SnapshotChange): void {
    const rows = this.layout();
    this.view.description = this.filter.text === '' ? '' : `filter: ${this.filter.text}`;
    if (shapeOf(rows) !== this.#shape) {
      this.#changed.fire(undefined);
      return;
    }
    this.#redrawChanged(rows, undefined, new Set(keys));
  }

  /** Redraws what changed, and the headings above it, whose counts may be others now. */
  #redrawChanged(
    rows: readonly Layout<T>[],
    parent: SectionNode | undefined,
    keys: ReadonlySet<string>,
  ): boolean {
    let any = false;
    for (const row of rows) {
      if (row.kind === 'item') {
        if (!keys.has(row.item.key)) continue;
        any = true;
        this.#changed.fire(this.node(row.item, parent));
      } else {
        const section = this.#section(row, parent);
        const isEngine = row.engine !== undefined && keys.has(row.engine.key);
        if (!this.#redrawChanged(row.children, section, keys) && !isEngine) continue;
        any = true;
        this.#changed.fire(section);
      }
    }
    return any;
  }

  #nodes(rows: readonly Layout<T>[], parent: SectionNode | undefined): Node[] {
    return rows.map((row) =>
      row.kind === 'item' ? this.node(row.item, parent) : this.#section(row, parent),
    );
  }

  #section(row: Extract<Layout<T>, { kind: 'section' }>, parent: SectionNode | undefined): SectionNode {
    const section = row as SectionNode['section'];
    return this.cache.keep({ kind: 'section', id: row.key, parent, section });
  }
}

/** Which rows there are, in what order; as long as it stays the same, single rows can be redrawn. */
function shapeOf<T extends { readonly key: string }>(rows: readonly Layout<T>[]): string {
  return rows
    .map((row) => (row.kind === 'item' ? row.item.key : `${row.key}(${shapeOf(row.children)})`))
    .join('\n');
}
