import type { Disposable } from '../api';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { RecordStore } from './ports';

/**
 * Reads the records anew whenever one may have changed, one reading at a time: another window may have written.
 * Undefined where nobody tells of changes.
 */
export function followRecords(
  store: RecordStore,
  onRead: (records: ReadonlyMap<string, unknown>) => void,
  logger: Logger,
): Disposable | undefined {
  const end = new AbortController();
  const isOver = (): boolean => end.signal.aborted;
  let isStale = false;
  let isReading = false;
  const read = async (): Promise<void> => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    try {
      while (isStale && !isOver()) {
        isStale = false;
        const records = await store.readAll();
        if (!isOver()) onRead(records);
      }
    } catch (error) {
      logger.debug(messageOf(error));
    } finally {
      isReading = false;
    }
  };
  const watching = store.watch?.(() => void read());
  if (!watching) return undefined;
  const dispose = (): void => {
    end.abort();
    watching.dispose();
  };
  return { dispose };
}
