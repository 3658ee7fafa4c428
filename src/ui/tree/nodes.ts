import type { Change, Container, DevContainer, Port } from '../../api';
import type { ComposeGroup } from '../../core/order';

/** A row of one of our views. Its id never holds state, so that selection and expansion survive. */
export type Node = DevContainerNode | ChangeNode | PortNode | ContainerNode | GroupNode;

export interface DevContainerNode {
  readonly kind: 'devContainer';
  readonly id: string;
  readonly item: DevContainer;
  /** What other extensions' commands look for on a container's row. */
  readonly containerDesc: { readonly Id: string | undefined };
}

export interface ChangeNode {
  readonly kind: 'change';
  readonly id: string;
  readonly parent: DevContainerNode;
  readonly change: Change;
}

export interface PortNode {
  readonly kind: 'port';
  readonly id: string;
  readonly parent: DevContainerNode;
  readonly port: Port;
}

export interface ContainerNode {
  readonly kind: 'container';
  readonly id: string;
  readonly item: Container;
  readonly parent: GroupNode | undefined;
  readonly containerDesc: { readonly Id: string };
}

export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly group: ComposeGroup;
}

/**
 * Keeps one element object for each id, whatever the snapshot: the editor then keeps selection and expansion.
 */
export class NodeCache {
  readonly #nodes = new Map<string, Node>();

  /** The element of this id with its fields brought up to date. */
  keep<T extends Node>(node: T): T {
    const known = this.#nodes.get(node.id);
    if (known?.kind === node.kind) return Object.assign<Node, T>(known, node);
    this.#nodes.set(node.id, node);
    return node;
  }

  get(id: string): Node | undefined {
    return this.#nodes.get(id);
  }

  /** Forgets elements that are not shown any more. */
  retain(ids: ReadonlySet<string>): void {
    for (const [id, node] of this.#nodes) {
      const root = 'parent' in node ? (node.parent?.id ?? id) : id;
      if (!ids.has(root)) this.#nodes.delete(id);
    }
  }
}
