import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { Emitter } from '../common/event';
import type { Logger } from '../common/logger';
import { Gate, type Timers } from '../common/scheduling';
import { EngineStore } from './engineStore';
import { EngineWatch } from './engineWatch';
import type { EnginePort } from './ports';

interface Watched {
  readonly store: EngineStore;
  readonly watch: EngineWatch;
  readonly listening: Disposable;
}

/** The engines that are shown, each with its store and the watch that keeps it in step. Owns them. */
export class Engines implements Disposable {
  readonly #watched = new Map<string, Watched>();
  readonly #changed = new Emitter<void>();
  readonly #connected = new Emitter<EngineStore>();
  readonly #imagesChanged = new Emitter<EngineStore>();
  readonly #chosen = new Gate();

  constructor(
    private readonly timers: Timers,
    private readonly logger: Logger,
  ) {}

  /** The set of engines, or something of one of them, is different now. */
  readonly onDidChange = this.#changed.event;
  /** An engine answers that did not before. */
  readonly onDidConnect = this.#connected.event;
  /** Names may mean other images of this engine than before. */
  readonly onDidChangeImages = this.#imagesChanged.event;

  get stores(): readonly EngineStore[] {
    return [...this.#watched.values()].map(({ store }) => store);
  }

  find(key: string): EngineStore | undefined {
    return this.#watched.get(key)?.store;
  }

  /** Settles once each engine, or the one of this key, has answered or failed for the first time. */
  async ready(key?: string): Promise<void> {
    await this.#chosen.opened;
    const asked = this.stores.filter(({ engine }) => key === undefined || engine.key === key);
    await Promise.all(asked.map((store) => store.ready));
  }

  /**
   * Shows these engines and no others, in this order; one that is shown already goes on as it is, unless it is reached
   * in another way now.
   */
  use(ports: readonly EnginePort[]): void {
    const before = new Map(this.#watched);
    this.#watched.clear();
    for (const port of ports) {
      const old = before.get(port.key);
      const goesOn = old?.store.engine.isReachedLike?.(port) === false ? undefined : old;
      const known = this.#watched.get(port.key) ?? goesOn;
      if (!known) this.#add(port);
      else this.#watched.set(port.key, known);
      if (known && known.store.engine !== port) port.dispose();
    }
    const kept = new Set(this.#watched.values());
    for (const watched of before.values()) if (!kept.has(watched)) end(watched);
    this.#chosen.open();
    this.#changed.fire();
  }

  /** Lists every engine anew; those that do not answer say so in their state. */
  async refresh(signal?: AbortSignal): Promise<void> {
    await Promise.allSettled(
      [...this.#watched.values()].map(({ store, watch }) => {
        watch.retryNow();
        return store.refresh(signal);
      }),
    );
  }

  dispose(): void {
    for (const watched of this.#watched.values()) end(watched);
    this.#watched.clear();
    this.#changed.dispose();
    this.#connected.dispose();
    this.#imagesChanged.dispose();
    this.#chosen.open();
  }

  #add(port: EnginePort): void {
    const store = new EngineStore(port, this.timers, this.logger);
    const watch = new EngineWatch(store, this.timers, this.logger);
    let wasReady = false;
    const listening = new DisposableStore();
    listening.add(store.onDidChangeImages(() => this.#imagesChanged.fire(store)));
    const onChange = (): void => {
      const isReady = store.state.status === 'ready';
      if (isReady && !wasReady) this.#connected.fire(store);
      wasReady = isReady;
      this.#changed.fire();
    };
    listening.add(store.onDidChange(onChange));
    this.#watched.set(port.key, { store, watch, listening });
    watch.start();
  }
}

function end({ store, watch, listening }: Watched): void {
  listening.dispose();
  watch.dispose();
  store.dispose();
  store.engine.dispose();
}
