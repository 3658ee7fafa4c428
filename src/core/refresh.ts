import type { Disposable } from '../api';
import { Throttle, type Timers } from '../common/scheduling';

/**
 * The editor passes a view's first change on at once, and holds back all that follow until 200 ms have gone by
 * without any: in a storm of changes it would show none. What is told after this time is a first one again.
 */
const EDITOR_HOLDS_MS = 201;

/** How the editor is told what of a view is to be shown anew. */
export interface RefreshTarget<N> {
  /** All rows, or these. */
  rows(nodes: N[] | undefined): void;
  /** The line above the rows. */
  message(text: string): void;
}

/** Gathers what changed in a view, and tells the editor of it as soon as that listens. */
export class Refresh<N> implements Disposable {
  readonly #nodes = new Set<N>();
  #isAll = false;
  #message = '';
  #told = '';
  readonly #tell: Throttle;

  constructor(
    timers: Timers,
    private readonly target: RefreshTarget<N>,
  ) {
    this.#tell = new Throttle(timers, EDITOR_HOLDS_MS, () => this.#tellNow());
  }

  /** Rows came, went or moved. */
  all(): void {
    this.#isAll = true;
    this.#tell.ask();
  }

  /** These rows say something else now. */
  rows(nodes: readonly N[]): void {
    if (nodes.length === 0) return;
    for (const node of nodes) this.#nodes.add(node);
    this.#tell.ask();
  }

  /** The line above the rows says this from now on. */
  message(text: string): void {
    if (text === this.#message) return;
    this.#message = text;
    this.#tell.ask();
  }

  dispose(): void {
    this.#tell.dispose();
  }

  #tellNow(): void {
    const nodes = this.#isAll ? undefined : [...this.#nodes];
    this.#isAll = false;
    this.#nodes.clear();
    // Rows first: to the editor the message is a change of the view like any other, and only the first is not held.
    if (nodes?.length !== 0) this.target.rows(nodes);
    if (this.#message === this.#told) return;
    this.#told = this.#message;
    this.target.message(this.#told);
  }
}
