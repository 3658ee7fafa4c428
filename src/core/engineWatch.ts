import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { backoffMs, every, type Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { isOnThisMachine } from './identity';
import { NextTry } from './nextTry';
import type { EngineEvent, EventStream } from './ports';

export interface WatchLimits {
  /** How long a connection may take until people are told; it is given its time all the same. */
  readonly answerMs: number;
  /** Between two pings while the stream is open. */
  readonly pingMs: number;
  /** Between two lists that make up for what events may have missed. */
  readonly safetyListMs: number;
  readonly backoffBaseMs: number;
  /** The longest wait for an engine on this machine, whose return is mostly noticed before. */
  readonly localCapMs: number;
  /** The longest wait for one that is reached over the network (S2-06). */
  readonly remoteCapMs: number;
  /** The longest wait for an engine that hangs: each try takes its time as it is. */
  readonly silentCapMs: number;
  /** A connection that lasted this long was a good one: the backoff starts anew. */
  readonly stableMs: number;
  /** A ping that is late by this much tells that the process slept, and the machine with it. */
  readonly sleptMs: number;
}

const WATCH_LIMITS: WatchLimits = {
  answerMs: 3_000,
  pingMs: 15_000,
  safetyListMs: 60_000,
  backoffBaseMs: 500,
  localCapMs: 5_000,
  remoteCapMs: 30_000,
  silentCapMs: 1_000,
  stableMs: 60_000,
  sleptMs: 60_000,
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
  /** Tries since the last good connection. */
  #attempt = 0;
  #listSoon: () => void = () => undefined;
  readonly #next: NextTry;

  constructor(
    private readonly store: EngineStore,
    private readonly timers: Timers,
    private readonly logger: Logger,
    private readonly limits: WatchLimits = WATCH_LIMITS,
  ) {
    this.#next = new NextTry(timers, (callback) => store.engine.onMayReturn?.(callback));
  }

  /** Starts watching; asking again does nothing. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  /** Ends the wait for the next try, if there is one: someone asked. */
  retryNow(): void {
    this.#next.wake();
  }

  dispose(): void {
    this.#ended.abort();
    this.#next.dispose();
  }

  async #run(): Promise<void> {
    this.#attempt = 0;
    while (!this.#isOver()) {
      const began = this.timers.now();
      this.#next.begin();
      const why = await this.#watchOnce();
      if (this.#isOver()) return;
      this.logger.debug(`${this.store.engine.name}: connection over: ${messageOf(why)}`);
      this.#attempt = this.timers.now() - began >= this.limits.stableMs ? 0 : this.#attempt + 1;
      // The first try after a good connection is immediate: most breaks are restarts.
      if (this.#attempt > 0 && !this.#next.isWoken)
        await this.#next.wait(backoffMs(this.#attempt, this.limits.backoffBaseMs, this.#capMs(why)));
      if (this.#next.isWoken) this.#attempt = 0;
    }
  }

  #capMs(why: Error): number {
    if (why instanceof ShipshapeError && why.code === 'engineSilent') return this.limits.silentCapMs;
    return isOnThisMachine(this.store.engine.endpoint) ? this.limits.localCapMs : this.limits.remoteCapMs;
  }

  /** One connection, from opening the stream to its end; says why it ended. */
  async #watchOnce(): Promise<Error> {
    const parts = new DisposableStore();
    const { signal } = this.#ended;
    // The list that follows tells more than what an earlier connection had left to ask.
    this.#pending.clear();
    const late = parts.add(this.timers.after(this.limits.answerMs, () => this.store.fail(this.#lateness())));
    try {
      const stream = parts.add(await this.store.engine.openEvents((event) => this.#onEvent(event), signal));
      this.store.invalidate();
      await this.store.refresh(signal);
      late.dispose();
      this.#next.dispose();
      // Not beside the list: a real engine works longer on it than on a short list, and rows come first.
      void this.store.measureSkew(signal);
      // What happened to images while there was no stream, nobody told.
      this.store.noteImages();
      const over = this.#whileAlive(stream, parts);
      this.#live = true;
      this.#drain();
      return (await over) ?? new Error('the engine closed the stream');
    } catch (error) {
      if (!this.#isOver()) this.store.fail(error);
      return error instanceof Error ? error : new Error(messageOf(error));
    } finally {
      this.#live = false;
      this.#listSoon = () => undefined;
      parts.dispose();
    }
  }

  #lateness(): ShipshapeError {
    const { endpoint } = this.store.engine;
    return new ShipshapeError(
      'engineSilent',
      `The engine at ${endpoint} does not answer: if it does not come by itself, restart it or choose another.`,
    );
  }

  /** Settles when the stream ends, the engine has gone silent, or the machine has slept. */
  #whileAlive(stream: EventStream, parts: DisposableStore): Promise<Error | undefined> {
    const { timers, limits } = this;
    return new Promise((resolve) => {
      void stream.closed.then(resolve);
      let lastPing = timers.now();
      const ping = async (): Promise<void> => {
        if (timers.now() - lastPing > limits.pingMs + limits.sleptMs) {
          resolve(new Error('the machine has slept'));
          return;
        }
        const error = (await this.#misses()) && (await this.#misses());
        lastPing = timers.now();
        if (!error || this.#isOver()) return;
        this.store.fail(error);
        resolve(error);
      };
      parts.add(every(timers, limits.pingMs, ping));
      this.#keepListing(parts);
    });
  }

  async #misses(): Promise<Error | undefined> {
    try {
      await this.store.engine.ping(this.#ended.signal);
      this.store.hear();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  /** Lists now and then, and soon after something could not be fetched, with growing pauses while that fails. */
  #keepListing(parts: DisposableStore): void {
    const { timers, limits } = this;
    let failures = 0;
    let soon: Disposable | undefined;
    const list = async (): Promise<void> => {
      soon?.dispose();
      soon = undefined;
      try {
        this.store.invalidate();
        await this.store.refresh(this.#ended.signal);
        failures = 0;
      } catch {
        if (!parts.isDisposed) this.#listSoon();
      }
    };
    this.#listSoon = () => {
      const wait = Math.min(limits.backoffBaseMs * 2 ** failures++, limits.safetyListMs);
      soon ??= timers.after(wait, () => void list());
    };
    parts.add(every(timers, limits.safetyListMs, list));
    // Someone else's list may fail as well; what it said of the engine's state is not to stay.
    const onChange = (): void => {
      if (this.store.state.status === 'unavailable') this.#listSoon();
    };
    parts.add(this.store.onDidChange(onChange));
    parts.add({ dispose: () => soon?.dispose() });
  }

  #onEvent(event: EngineEvent): void {
    if ('image' in event) {
      this.store.noteImages();
      return;
    }
    this.#pending.add(event.containerId);
    this.#drain();
  }

  /** Fetches each container that something happened to; one that changes while it is fetched is fetched again. */
  #drain(): void {
    if (!this.#live) return;
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
      // The stream's own end or the watchdog will say so if the engine is gone; else a list makes up for it.
      this.logger.debug(`${this.store.engine.name}: ${id.slice(0, 12)}: ${messageOf(error)}`);
      this.#listSoon();
    }
  }

  #isOver(): boolean {
    return this.#ended.signal.aborted;
  }
}
