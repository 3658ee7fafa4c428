import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { Container, DevContainer, Disposable, ImageCheck, Snapshot } from '../../api';
import { DisposableStore } from '../../common/disposable';
import { hostTimers } from '../../common/scheduling';
import { windowWords } from '../../core/imageWords';
import type { Inventory, SnapshotChange } from '../../core/inventory';
import type { Layout } from '../../core/order';
import { Refresh } from '../../core/refresh';
import { appearanceOf, firstRows, shapeOf, type Appearance } from '../../core/rowLimit';
import type { Filter } from './filter';
import { NodeCache, type Node, type SectionNode } from './nodes';

/** So many changes are not redrawn one by one. */
const MANY = 500;
const MINUTE_MS = 60_000;

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
  readonly #changed = new EventEmitter<Node[] | undefined>();
  readonly #refresh: Refresh<Node>;
  /** Where each item was placed last. */
  readonly #placed = new Map<string, Node>();
  /** Rows whose tooltip was looked at lately. */
  readonly #aging = new Map<string, Disposable>();
  /** What changed and is yet to be shown. */
  readonly #changedKeys = new Set<string>();
  #turn: Disposable | undefined;
  #shape = '';
  /** The rows of a change that the editor has yet to ask for. */
  #laidOut: { readonly of: Snapshot; readonly rows: readonly Layout<T>[] } | undefined;
  #appearance: Appearance = 'open';

  constructor(
    id: string,
    protected readonly inventory: Inventory,
    protected readonly filter: Filter,
  ) {
    const options = { treeDataProvider: this, showCollapseAll: true, canSelectMany: true };
    this.view = this.parts.add(window.createTreeView<Node>(id, options));
    this.parts.add(this.#changed);
    this.#refresh = this.parts.add(
      new Refresh<Node>(hostTimers, {
        rows: (nodes) => this.#changed.fire(nodes),
        message: (text) => (this.view.message = text),
      }),
    );
    this.parts.add(inventory.onDidChange((change) => this.#updateLater(change)));
    this.parts.add(filter.onDidChange(() => this.relayout()));
  }

  get onDidChangeTreeData() {
    return this.#changed.event;
  }

  abstract getTreeItem(node: Node): TreeItem;
  /** The rows as they should be now. */
  protected abstract layout(): readonly Layout<T>[];
  /** How the images of all rows stand, whatever the filter hides. */
  protected abstract checks(): readonly (ImageCheck | undefined)[];
  /** How many items there are, whatever the filter hides. */
  protected abstract total(): number;
  /** The element of an item, below a section or on its own. */
  protected abstract node(item: T, parent: SectionNode | undefined, id: string): Node;
  /** What lies below an item's row. */
  protected abstract childrenOf(node: Node): Node[];

  async resolveTreeItem(item: TreeItem, node: Node): Promise<TreeItem> {
    const { tellsAge, tooltipOf } = await import('./tooltips');
    item.tooltip = tooltipOf(node);
    if (tellsAge(node)) this.#redrawLater(node.id);
    return item;
  }

  getParent(node: Node): Node | undefined {
    return node.parent;
  }

  getChildren(node?: Node): Node[] {
    if (node?.kind === 'section') return this.#nodes(node.section.children as readonly Layout<T>[], node);
    if (node) return this.childrenOf(node);
    const rows = this.#laidOut?.of === this.inventory.snapshot ? this.#laidOut.rows : this.layout();
    this.#laidOut = undefined;
    this.#appearance = appearanceOf(rows, this.total());
    this.#shape = shapeOf(rows);
    const nodes = this.#nodes(rows, undefined);
    this.cache.retain(new Set(nodes.map(({ id }) => id)));
    for (const key of this.#placed.keys()) if (!this.nodeOf(key)) this.#placed.delete(key);
    return nodes;
  }

  /** The user wants the rows otherwise. */
  relayout(): void {
    this.update({ keys: [], snapshot: this.inventory.snapshot });
  }

  dispose(): void {
    this.#turn?.dispose();
    for (const timer of this.#aging.values()) timer.dispose();
    this.parts.dispose();
  }

  /** The element of the item of this key, if it is there. */
  protected nodeOf(key: string): Node | undefined {
    const node = this.#placed.get(key);
    return node && this.cache.get(node.id);
  }

  /** Makes a row anew, if it is there. */
  protected redraw(key: string): void {
    const node = this.nodeOf(key);
    if (node) this.#refresh.rows([node]);
  }

  /** The editor keeps a tooltip as long as its row, and an age is true for a minute. */
  #redrawLater(id: string): void {
    if (this.#aging.has(id)) return;
    const redraw = (): void => {
      this.#aging.delete(id);
      const node = this.cache.get(id);
      if (node) this.#refresh.rows([node]);
    };
    this.#aging.set(id, hostTimers.after(MINUTE_MS, redraw));
  }

  /** In a turn of its own: the one that made a snapshot of thousands has held others up long enough. */
  #updateLater({ keys }: SnapshotChange): void {
    for (const key of keys) this.#changedKeys.add(key);
    this.#turn ??= hostTimers.after(0, () => {
      this.#turn = undefined;
      const all = [...this.#changedKeys];
      this.#changedKeys.clear();
      this.update({ keys: all, snapshot: this.inventory.snapshot });
    });
  }

  /** What is said above the rows, if anything. */
  protected say(message: string): void {
    this.#refresh.message(message);
  }

  protected update({ keys, snapshot }: SnapshotChange): void {
    const description = this.filter.text === '' ? windowWords(this.checks()) : `filter: ${this.filter.text}`;
    if (this.view.description !== description) this.view.description = description;
    // Thousands of rows are laid out once, when the editor asks for them, and not in the turn that made them.
    const rows = keys.length > MANY ? undefined : this.layout();
    this.#laidOut = rows && { of: snapshot, rows };
    if (rows && shapeOf(rows) === this.#shape) {
      this.#refresh.rows(this.#changedOf(rows, undefined, new Set(keys)));
    } else this.#refresh.all();
  }

  /** The rows that changed, and the headings above them, whose counts may be others now. */
  #changedOf(rows: readonly Layout<T>[], parent: SectionNode | undefined, keys: ReadonlySet<string>): Node[] {
    return firstRows(rows).shown.flatMap((row): Node[] => {
      if (row.kind === 'item') return keys.has(row.item.key) ? [this.#item(row.item, parent)] : [];
      const section = this.#section(row, parent);
      const below = this.#changedOf(row.children, section, keys);
      const isEngine = row.engine !== undefined && keys.has(row.engine.key);
      return below.length > 0 || isEngine ? [...below, section] : [];
    });
  }

  #nodes(rows: readonly Layout<T>[], parent: SectionNode | undefined): Node[] {
    const { shown, hidden } = firstRows(rows);
    const nodes = shown.map((row) =>
      row.kind === 'item' ? this.#item(row.item, parent) : this.#section(row, parent),
    );
    if (hidden === 0) return nodes;
    const id = `${parent?.id ?? ''}|more`;
    return [
      ...nodes,
      this.cache.keep({ kind: 'more', id, parent, hidden, isFiltered: this.filter.text !== '' }),
    ];
  }

  /**
   * Another element, of another id, below each heading: when a row moves, the editor forgets the element that stood
   * where the row was, and with the same one it would not know the moved row when a command is called on it.
   */
  #item(item: T, parent: SectionNode | undefined): Node {
    const node = this.node(item, parent, parent ? `${parent.id}|item|${item.key}` : item.key);
    this.#placed.set(item.key, node);
    return node;
  }

  #section(row: Extract<Layout<T>, { kind: 'section' }>, parent: SectionNode | undefined): SectionNode {
    const section = row as SectionNode['section'];
    const appearance = this.#appearance;
    // The editor keeps a known section as the user left it: one that a filter has found is another, and open, and
    // so is one that had no rows to be opened for.
    const id =
      row.children.length === 0 ? `${row.key}|empty` : appearance === 'found' ? `${row.key}|found` : row.key;
    return this.cache.keep({
      kind: 'section',
      id,
      parent,
      section,
      appearance,
      isFiltered: this.filter.text !== '',
    });
  }
}

/** One engine that does not answer; of several, each says so in its own row. */
export function engineTrouble(engines: Snapshot['engines']): string {
  const down = engines.length === 1 ? engines.find((engine) => engine.status === 'unavailable') : undefined;
  if (!down) return '';
  const since =
    down.staleSince === undefined
      ? ''
      : ` Showing what was known at ${new Date(down.staleSince).toLocaleTimeString()}.`;
  return `${down.name}: ${down.error ?? 'does not answer'}.`.replace(/\.\.$/, '.') + since;
}
