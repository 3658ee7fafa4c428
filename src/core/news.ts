import type { DevContainer, Disposable } from '../api';
import { Emitter } from '../common/event';
import { Quiet, type Timers } from '../common/scheduling';
import { mattering } from './changes';
import type { Inventory } from './inventory';

/** A set of changes is told once its file has been quiet for this long. */
const QUIET_MS = 2_000;

/** Where it is kept what the user was told already. */
export interface Told {
  get(key: string): string | undefined;
  set(key: string, signature: string): void;
}

/** What News asks about a dev container. */
export interface Audience {
  /** It belongs to a folder that is open here. */
  isOfWorkspace(item: DevContainer): boolean;
  /** The user does not want to hear of it. */
  isIgnored(item: DevContainer): boolean;
}

/**
 * Decides when the user hears of dirty dev containers: once for each set of changes, when all is quiet, all that are
 * due at once, never during a job, and of containers that do not run only for this workspace.
 */
export class News implements Disposable {
  readonly #due = new Emitter<readonly DevContainer[]>();
  readonly #quiet: Quiet;
  readonly #listening: Disposable;
  #seen = '';

  constructor(
    private readonly inventory: Pick<Inventory, 'snapshot' | 'onDidChange'>,
    private readonly told: Told,
    private readonly audience: Audience,
    timers: Timers,
    quietMs = QUIET_MS,
  ) {
    this.#quiet = new Quiet(timers, quietMs, () => this.#tell());
    this.#listening = inventory.onDidChange(() => this.#look());
  }

  /** These dev containers no longer match their configurations, and the user does not know yet. */
  readonly onDidBecomeDue = this.#due.event;

  /** The user is typing in a configuration: wait on. */
  postpone(): void {
    if (this.#waiting().length > 0) this.#quiet.ask();
  }

  dispose(): void {
    this.#listening.dispose();
    this.#quiet.dispose();
    this.#due.dispose();
  }

  #look(): void {
    const waiting = this.#waiting();
    const seen = waiting.map((item) => item.key + signatureOf(item)).join('\n');
    // A snapshot that says nothing new about changes must not put off what is due.
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (waiting.length > 0) this.#quiet.ask();
  }

  #tell(): void {
    const due = this.#waiting();
    this.#seen = '';
    if (due.length === 0) return;
    for (const item of due) this.told.set(item.key, signatureOf(item));
    this.#due.fire(due);
  }

  #waiting(): DevContainer[] {
    return this.inventory.snapshot.devContainers.filter(
      (item) =>
        item.dirty &&
        !item.problem &&
        item.activity === 'idle' &&
        (item.state === 'running' || this.audience.isOfWorkspace(item)) &&
        this.told.get(item.key) !== signatureOf(item) &&
        !this.audience.isIgnored(item),
    );
  }
}

/** Equal for the same container with the same changes that matter. */
function signatureOf(item: DevContainer): string {
  const changes = mattering(item.changes).map(({ input, property, to }) => [input, property, to]);
  return JSON.stringify([item.containerId?.slice(0, 12), changes]);
}
