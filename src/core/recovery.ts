import type { Timers } from '../common/scheduling';
import type { Drift } from './drift';
import type { EngineStore } from './engineStore';
import type { JobBoard } from './jobBoard';
import type { Journal } from './journal';
import type { Recreate } from './recreate';

/** Between two looks at a CLI whose window is gone. */
const ORPHAN_PAUSE_MS = 1_000;
/** So often another window that works is looked at again: it may be dying just now. */
const LOOKS_AT_OTHERS = 5;

export interface RecoveryParts {
  readonly journal: Journal;
  readonly drift: Drift;
  readonly board: JobBoard;
  readonly recreate: Pick<Recreate, 'isRunning'>;
  readonly timers: Timers;
}

/**
 * What is done whenever an engine answers that did not before: unfinished jobs are put right, old records dropped.
 * A job whose window is gone but whose CLI still works is shown as running until it has ended.
 */
export async function recover(store: EngineStore, parts: RecoveryParts): Promise<void> {
  await putJobsRight(store, parts);
  const ids = new Set(store.containers().map(({ id }) => id));
  const isThere = async (id: string): Promise<boolean> => (await store.engine.inspect(id)) !== undefined;
  await parts.drift.forgetOthers(store.engine.key, ids, isThere);
}

async function putJobsRight(store: EngineStore, parts: RecoveryParts): Promise<void> {
  const { journal, board, recreate, timers } = parts;
  const shown = new Set<string>();
  for (let look = 1; ; look++) {
    const orphans = await journal.recover(store.engine, (key) => recreate.isRunning(key));
    for (const key of shown) if (!orphans.includes(key)) board.end(key);
    for (const key of orphans) {
      shown.add(key);
      if (board.get(key)) continue;
      board.set(key, {
        activity: 'recreating',
        phase: 'begun before the window was reloaded',
        startedAt: timers.now(),
      });
    }
    const isDone = look >= LOOKS_AT_OTHERS || !(await journal.isOtherAtWork(store.engine.key));
    if (orphans.length === 0 && isDone) break;
    await new Promise<void>((resolve) => timers.after(ORPHAN_PAUSE_MS, resolve));
  }
  if (shown.size > 0) await store.refresh().catch(() => undefined);
}
