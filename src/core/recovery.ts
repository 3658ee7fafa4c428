import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { Throttle, type Timers } from '../common/scheduling';
import type { Drift } from './drift';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import type { JobBoard } from './jobBoard';
import type { ElsewhereJob, Journal } from './journal';
import type { PreviousContainers } from './previous';
import type { Recreate } from './recreate';

/** Between two looks at the journal while another window is at work: nobody tells that a window has died. */
const LOOK_MS = 1_000;

export interface RecoveryParts {
  readonly engines: Pick<Engines, 'stores' | 'onDidConnect'>;
  readonly journal: Journal;
  readonly drift: Drift;
  readonly board: JobBoard;
  readonly previous: PreviousContainers;
  readonly recreate: Pick<Recreate, 'isRunning' | 'resume'>;
  readonly timers: Timers;
  readonly logger: Logger;
}

/**
 * Keeps this window in step with the jobs of others: shows what other windows are at work on, and finishes what one
 * that is gone has left. An engine that answers again is looked through too.
 */
export class Recovery implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #look: Throttle;
  /** Jobs of other windows that are on the board. */
  readonly #shown = new Set<string>();
  #next: Disposable | undefined;

  constructor(private readonly parts: RecoveryParts) {
    this.#look = this.#parts.add(
      new Throttle(
        parts.timers,
        LOOK_MS / 4,
        () => void this.#lookNow().catch((error: unknown) => parts.logger.warn(messageOf(error))),
      ),
    );
    this.#parts.add(parts.engines.onDidConnect((store) => void this.#welcome(store)));
  }

  /** Begins to listen to other windows. */
  start(): void {
    const watching = this.parts.journal.watch(() => this.#look.ask());
    if (watching) this.#parts.add(watching);
  }

  dispose(): void {
    this.#next?.dispose();
    this.#parts.dispose();
  }

  /** Old records of an engine that answers are dropped, after what was left unfinished there, which may need them. */
  async #welcome(store: EngineStore): Promise<void> {
    try {
      await (
        await this.#lookNow()
      ).finished;
      const ids = new Set(store.containers().map(({ id }) => id));
      const isThere = async (id: string): Promise<boolean> => (await store.engine.inspect(id)) !== undefined;
      await this.parts.drift.forgetOthers(store.engine.key, ids, isThere);
    } catch (error) {
      this.parts.logger.warn(messageOf(error));
    }
  }

  /** Resolves once it is known who works on what, with the end of what this window has to finish. */
  async #lookNow(): Promise<{ readonly finished: Promise<unknown> }> {
    const { engines, journal, recreate } = this.parts;
    const ready = engines.stores.filter(({ state }) => state.status === 'ready');
    const found = await Promise.all(
      ready.map(({ engine }) =>
        journal.recover(
          engine,
          (key) => recreate.isRunning(key),
          (entry) => recreate.resume(entry),
        ),
      ),
    );
    await this.#show(found.flatMap(({ elsewhere }) => elsewhere));
    return { finished: Promise.all(found.map(({ finished }) => finished)) };
  }

  async #show(jobs: readonly ElsewhereJob[]): Promise<void> {
    const { board, timers } = this.parts;
    const keys = new Set(jobs.map(({ key }) => key));
    for (const { key, kind } of jobs) {
      if (this.#shown.has(key) || board.get(key)) continue;
      this.#shown.add(key);
      const activity = kind === 'rollBack' ? 'rollingBack' : kind === 'recreate' ? 'recreating' : 'starting';
      board.set(key, { activity, phase: 'at work in another window', startedAt: timers.now() });
    }
    const over = [...this.#shown].filter((key) => !keys.has(key));
    if (over.length > 0) await this.#takeOver(over);
    this.#next?.dispose();
    this.#next = this.#shown.size > 0 ? timers.after(LOOK_MS, () => this.#look.ask()) : undefined;
  }

  /** What another window has found out of its job is on disk. */
  async #takeOver(keys: readonly string[]): Promise<void> {
    const { board, drift, previous, engines, recreate } = this.parts;
    await Promise.all([board.load(keys), drift.load(), previous.load()]);
    for (const key of keys) {
      this.#shown.delete(key);
      if (!recreate.isRunning(key)) board.end(key);
    }
    for (const store of engines.stores) store.invalidate();
    await Promise.all(engines.stores.map((store) => store.refresh().catch(() => undefined)));
  }
}
