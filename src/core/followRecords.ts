import type { Disposable } from '../api';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { RecordStore } from './ports';

/**
 * Reads each record anew whenever it may have changed, one reading at a time: another window may have written.
 * Undefined where nobody tells of changes.
 */
export function followRecords(
  store: RecordStore,
  onRead: (records: ReadonlyMap<string, unknown>) => void,
  logger: Logger,
): Disposable | undefined {
  const end = new AbortController();
  const isOver = (): boolean => end.signal.aborted;
  /** Keys of records that may have changed; undefined stands for all. */
  const stale = new Set<string | undefined>();
  let isReading = false;
  const read = async (changed: string | undefined): Promise<void> => {
    stale.add(changed);
    if (isReading) return;
    isReading = true;
    try {
      while (stale.size > 0 && !isOver()) {
        const keys = [...stale];
        stale.clear();
        const records = await recordsOf(store, keys);
        if (!isOver()) onRead(records);
      }
    } catch (error) {
      logger.debug(messageOf(error));
    } finally {
      isReading = false;
    }
  };
  const watching = store.watch?.((key) => void read(key));
  if (!watching) return undefined;
  const dispose = (): void => {
    end.abort();
    watching.dispose();
  };
  return { dispose };
}

async function recordsOf(
  store: RecordStore,
  keys: readonly (string | undefined)[],
): Promise<ReadonlyMap<string, unknown>> {
  const records = new Map<string, unknown>();
  for (const key of keys) {
    if (key === undefined) return store.readAll();
    records.set(key, await store.read(key));
  }
  return records;
}
