import type { Change, Container, DevContainer, Port } from '../../api';
import type { Section } from '../../core/order';
import type { Appearance } from '../../core/rowLimit';

/** A row of one of our views. Its id never holds state, so that selection and expansion survive. */
export type Node =
  | DevContainerNode
  | ChangeNode
  | MoreChangesNode
  | PortNode
  | DuplicateNode
  | ContainerNode
  | SectionNode
  | MoreNode;

export interface DevContainerNode {
  readonly kind: 'devContainer';
  readonly id: string;
  readonly parent: SectionNode | undefined;
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

/** Stands for the changes that are too many to be listed. */
export interface MoreChangesNode {
  readonly kind: 'moreChanges';
  readonly id: string;
  readonly parent: DevContainerNode;
  readonly n: number;
}

export interface PortNode {
  readonly kind: 'port';
  readonly id: string;
  readonly parent: DevContainerNode;
  readonly port: Port;
}

/** Another container with the identity of its dev container. */
export interface DuplicateNode {
  readonly kind: 'duplicate';
  readonly id: string;
  readonly parent: DevContainerNode;
  readonly item: Container;
  readonly containerDesc: { readonly Id: string };
}

export interface ContainerNode {
  readonly kind: 'container';
  readonly id: string;
  readonly parent: SectionNode | DevContainerNode | undefined;
  readonly item: Container;
  readonly containerDesc: { readonly Id: string };
}

/** A heading: an engine, a Compose project, or what the user groups by. */
export interface SectionNode {
  readonly kind: 'section';
  readonly id: string;
  readonly parent: SectionNode | undefined;
  readonly section: Section<DevContainer> | Section<Container>;
  readonly appearance: Appearance;
  /** What the filter hides is not among its rows. */
  readonly isFiltered: boolean;
}

/** The last row of a level that has more rows than are shown. */
export interface MoreNode {
  readonly kind: 'more';
  readonly id: string;
  readonly parent: SectionNode | undefined;
  readonly hidden: number;
  readonly isFiltered: boolean;
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

  /** Forgets elements whose outermost row is not shown any more. */
  retain(ids: ReadonlySet<string>): void {
    for (const [id, node] of this.#nodes) if (!ids.has(rootOf(node).id)) this.#nodes.delete(id);
  }
}

function rootOf(node: Node): Node {
  return node.parent ? rootOf(node.parent) : node;
}
