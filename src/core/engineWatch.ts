import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { backoffMs, every, type Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import type { EventStream } from './ports';

export interface WatchLimits {
  /** Between two pings while the stream is open. */
  readonly pingMs: number;
  /** Between two lists that make up for what events may have missed. */
  readonly safetyListMs: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A connection that lasted this long was a good one: the backoff starts anew. */
  readonly stableMs: number;
}

const WATCH_LIMITS: WatchLimits = {
  pingMs: 15_000,
  safetyListMs: 60_000,
  backoffBaseMs: 500,
  backoffCapMs: 5_000,
  stableMs: 60_000,
};

/**
 * Keeps a store in step with its engine: opens the event stream, lists once, applies what happened meanwhile, and
 * then fetches each container that an event names. After any break it waits and starts over, without ever giving
 * up; events that were missed are made up for by the new list, never by replay.
 */
export class EngineWatch implements Disposable {
  readonly #ended = new AbortController();
  readonly #pending = new Set<string>();
  readonly #busy = new Set<string>();
  #live = false;
  #running = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly store: EngineStore,
    private readonly timers: Timers,
    private readonly logger: Logger,
    private readonly limits: WatchLimits = WATCH_LIMITS,
  ) {}

  /** Starts watching; asking again does nothing. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  /** Ends the wait for the next try, if there is one: someone asked. */
  retryNow(): void {
    this.#wake();
  }

  dispose(): void {
    this.#ended.abort();
    this.#wake();
  }

  async #run(): Promise<void> {
    let attempt = 0;
    while (!this.#isOver()) {
      const began = this.timers.now();
      const why = await this.#watchOnce();
      if (this.#isOver()) return;
      this.logger.debug(`${this.store.engine.name}: connection over: ${why}`);
      attempt = this.timers.now() - began >= this.limits.stableMs ? 0 : attempt + 1;
      // The first try after a good connection is immediate: most breaks are restarts.
      if (attempt > 0)
        await this.#pause(backoffMs(attempt, this.limits.backoffBaseMs, this.limits.backoffCapMs));
    }
  }

  /** One connection, from opening the stream to its end; says why it ended. */
  async #watchOnce(): Promise<string> {
    const parts = new DisposableStore();
    try {
      const stream = parts.add(
        await this.store.engine.openEvents((event) => this.#onEvent(event.containerId), this.#ended.signal),
      );
      await this.store.measureSkew(this.#ended.signal);
      await this.store.refresh(this.#ended.signal);
      this.#live = true;
      this.#drain();
      return messageOf((await this.#whileAlive(stream, parts)) ?? 'the engine closed the stream');
    } catch (error) {
      if (!this.#isOver()) this.store.fail(error);
      return messageOf(error);
    } finally {
      this.#live = false;
      parts.dispose();
    }
  }

  /** Settles when the stream ends or the engine has gone silent. */
  #whileAlive(stream: EventStream, parts: DisposableStore): Promise<Error | undefined> {
    return new Promise((resolve) => {
      void stream.closed.then(resolve);
      let missed = 0;
      const ping = async (): Promise<void> => {
        try {
          await this.store.engine.ping(this.#ended.signal);
          missed = 0;
        } catch (error) {
          missed++;
          if (missed < 2 || this.#isOver()) return;
          this.store.fail(error);
          resolve(error instanceof Error ? error : new Error(messageOf(error)));
        }
      };
      parts.add(every(this.timers, this.limits.pingMs, ping));
      parts.add(every(this.timers, this.limits.safetyListMs, () => this.store.refresh()));
    });
  }

  #onEvent(id: string): void {
    this.#pending.add(id);
    if (this.#live) this.#drain();
  }

  /** Fetches each container that something happened to; one that changes while it is fetched is fetched again. */
  #drain(): void {
    for (const id of this.#pending) {
      if (this.#busy.has(id)) continue;
      if (this.#busy.size >= 8) return;
      this.#pending.delete(id);
      this.#busy.add(id);
      void this.#fetch(id).finally(() => {
        this.#busy.delete(id);
        this.#drain();
      });
    }
  }

  async #fetch(id: string): Promise<void> {
    try {
      await this.store.refreshOne(id);
    } catch (error) {
      if (error instanceof ShipshapeError && error.code === 'cancelled') return;
      // The stream's own end or the watchdog will say so if the engine is gone; until then the list makes up.
      this.logger.debug(`${this.store.engine.name}: ${id.slice(0, 12)}: ${messageOf(error)}`);
      this.store.invalidate();
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.timers.after(ms, resolve);
      this.#wake = () => {
        timer.dispose();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #isOver(): boolean {
    return this.#ended.signal.aborted;
  }
}
