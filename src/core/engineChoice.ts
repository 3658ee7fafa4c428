import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Engines } from './engines';
import type { JobBoard } from './jobBoard';
import { AS_DOCKER, type EngineOffer, type EnginePort, type EngineSource } from './ports';

export interface EngineChoiceParts {
  readonly engines: Engines;
  readonly source: EngineSource;
  /** Where the choice outlives the window. */
  readonly memory: { get(): unknown; set(ids: readonly string[]): void };
  readonly board: Pick<JobBoard, 'running' | 'onDidChange'>;
  readonly logger: Logger;
}

/** Owns which engines the user wants to see; unless told otherwise, the one that the docker command would use. */
export class EngineChoice implements Disposable {
  readonly #parts = new DisposableStore();
  /** Connects one after the other, so that the last word is the latest choice. */
  #connected: Promise<void> = Promise.resolve();
  #waitsForJobs = false;
  /** The choice that was last connected. */
  #shown = '';

  constructor(private readonly options: EngineChoiceParts) {
    this.#parts.add(
      options.board.onDidChange(() => {
        if (this.#waitsForJobs) this.#connectLater();
      }),
    );
  }

  /** Ids of the chosen engines, at least one. */
  get chosen(): readonly string[] {
    const kept = this.options.memory.get();
    const ids = Array.isArray(kept) ? kept.filter((id) => typeof id === 'string' && id !== '') : [];
    return ids.length > 0 ? [...new Set(ids as string[])] : [AS_DOCKER];
  }

  /** Shows these engines from now on; none means the docker command's own. */
  async choose(ids: readonly string[]): Promise<void> {
    this.options.memory.set(ids.length > 0 ? ids : [AS_DOCKER]);
    await this.connect();
  }

  /** Shows the chosen engines as they are to be found now. */
  connect(): Promise<void> {
    this.#connected = this.#connected.catch(() => undefined).then(() => this.#connect());
    return this.#connected;
  }

  /** Another window may have chosen others: nobody tells of it, so this is to be asked now and then. */
  recheck(): void {
    if (this.chosen.join('\n') !== this.#shown) this.#connectLater();
  }

  /** Connects anew whenever the docker command may have got another engine. */
  follow(): void {
    this.#parts.add(this.options.source.watch(() => this.#connectLater()));
  }

  /** All engines that can be chosen; those that were chosen and are not to be found come last. */
  async offers(): Promise<EngineOffer[]> {
    const found = await this.options.source.find();
    const lost = this.chosen.filter((id) => !found.some((offer) => offer.id === id));
    return [
      ...found,
      ...lost.map((id) => ({ id, name: id.replace(/^context:/, ''), endpoint: id, isDockers: false })),
    ];
  }

  /** Whether an engine answers: rejects with the reason when it does not. */
  async probe(id: string, signal: AbortSignal): Promise<void> {
    const [engine] = await this.options.source.open([id]);
    try {
      await engine?.ping(signal);
    } finally {
      engine?.dispose();
    }
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #connectLater(): void {
    this.connect().catch((error: unknown) => this.options.logger.warn(messageOf(error)));
  }

  async #connect(): Promise<void> {
    const { engines, source } = this.options;
    const { chosen } = this;
    this.#shown = chosen.join('\n');
    const ports = await source.open(chosen);
    if (this.#parts.isDisposed) {
      for (const port of ports) port.dispose();
      return;
    }
    // An engine with a running job stays as it is until the job is over: it has to be settled there.
    const busy = engines.stores.map(({ engine }) => engine).filter((engine) => this.#isBusy(engine));
    const used = ports.map((port) => {
      const old = busy.find(({ key }) => key === port.key);
      if (old?.isReachedLike?.(port) !== false) return port;
      port.dispose();
      return old;
    });
    const left = busy.filter(({ key }) => !ports.some((port) => port.key === key));
    this.#waitsForJobs = left.length > 0 || used.some((port) => !ports.includes(port));
    engines.use([...used, ...left]);
  }

  #isBusy({ key }: EnginePort): boolean {
    return this.options.board.running.some((job) => job.startsWith(`${key}|`));
  }
}
