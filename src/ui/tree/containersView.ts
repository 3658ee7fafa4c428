import type { TreeItem } from 'vscode';
import type { Container, ImageCheck } from '../../api';
import type { Inventory, SnapshotChange } from '../../core/inventory';
import { countOf, layoutContainers, type Layout } from '../../core/order';
import { count } from '../../core/words';
import { settings } from '../settings';
import type { Filter } from './filter';
import type { Node, SectionNode } from './nodes';
import { rowOf } from './rows';
import { engineTrouble, RowsView } from './rowsView';

/** The view of all other containers. */
export class ContainersView extends RowsView<Container> {
  constructor(
    inventory: Inventory,
    filter: Filter,
    private readonly folders: () => readonly string[],
  ) {
    super('shipshape.containers', inventory, filter);
  }

  getTreeItem(node: Node): TreeItem {
    return rowOf(node);
  }

  protected layout(): readonly Layout<Container>[] {
    const options = {
      filter: this.filter.text,
      group: settings.groupContainers(),
      sort: settings.sortContainers(),
      folders: this.folders(),
    };
    return layoutContainers(this.inventory.snapshot, options);
  }

  protected override update(change: SnapshotChange): void {
    super.update(change);
    const others = change.snapshot.containers.filter(({ devContainer }) => devContainer === undefined).length;
    const isHidden = this.filter.text !== '' && others > 0 && countOf(this.layout()) === 0;
    // Without rows the view's welcome says what is wrong.
    const trouble = others > 0 ? engineTrouble(change.snapshot.engines) : '';
    this.say(isHidden ? `Nothing matches the filter. ${count(others, 'container')} hidden.` : trouble);
  }

  protected checks(): readonly (ImageCheck | undefined)[] {
    return this.inventory.snapshot.containers.map(({ devContainer, check }) =>
      devContainer === undefined ? check : undefined,
    );
  }

  protected total(): number {
    return this.inventory.snapshot.containers.length;
  }

  protected node(item: Container, parent: SectionNode | undefined, id: string): Node {
    return this.cache.keep({ kind: 'container', id, parent, item, containerDesc: { Id: item.id } });
  }

  protected childrenOf(): Node[] {
    return [];
  }
}
