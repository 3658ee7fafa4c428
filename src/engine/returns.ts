/** Noticing that an engine may be back, without asking it again and again. */
import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../api';
import type { Transport } from './hosts';

/**
 * Calls back when something happens to the engine's socket in its folder. Undefined where that cannot be watched: over
 * the network, for a named pipe, while there is no such folder.
 */
export function watchSocket(transport: Transport, listener: () => void): Disposable | undefined {
  if (transport.kind !== 'socket' || transport.path.startsWith('//')) return undefined;
  const name = path.basename(transport.path);
  let watcher: FSWatcher;
  try {
    watcher = watch(path.dirname(transport.path), { persistent: false }, (_, changed) => {
      if (changed === null || changed === name) listener();
    });
  } catch {
    return undefined;
  }
  // A folder that goes away, or too many watches: the backoff goes on.
  watcher.on('error', () => watcher.close());
  return { dispose: () => watcher.close() };
}
