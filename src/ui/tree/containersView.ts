import type { TreeItem } from 'vscode';
import type { Container } from '../../api';
import type { Inventory } from '../../core/inventory';
import { layoutContainers, type Layout } from '../../core/order';
import { settings } from '../settings';
import type { Filter } from './filter';
import type { Node, SectionNode } from './nodes';
import { rowOf } from './rows';
import { RowsView } from './rowsView';

/** The view of all other containers, Compose projects as sections. */
export class ContainersView extends RowsView<Container> {
  constructor(inventory: Inventory, filter: Filter) {
    super('shipshape.containers', inventory, filter);
  }

  getTreeItem(node: Node): TreeItem {
    return rowOf(node);
  }

  protected layout(): readonly Layout<Container>[] {
    const options = {
      filter: this.filter.text,
      group: settings.groupContainers(),
      sort: 'name',
      folders: [],
    } as const;
    return layoutContainers(this.inventory.snapshot, options);
  }

  protected node(item: Container, parent: SectionNode | undefined): Node {
    return this.cache.keep({ kind: 'container', id: item.key, parent, item, containerDesc: { Id: item.id } });
  }

  protected childrenOf(): Node[] {
    return [];
  }
}
