import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { heapUsed } from '../support/heap';

/** What the probe tells of the extension host it lives in. */
export interface HostState {
  readonly pid: number;
  /** The longest time that the event loop stood still since the last `/reset`, in milliseconds. */
  readonly blockedMs: number;
  /** Bytes on the heap; for `/heap` only those that somebody holds, since looking costs time. */
  readonly heap: number;
  readonly rss: number;
}

/** An extension beside ours in the same host, with nothing but a socket that tells how the host is. */
export function activate(): void {
  const socketPath = process.env['SHIPSHAPE_PROBE'] ?? '';
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  // A host that the last window left behind may still have it.
  rmSync(socketPath, { force: true });
  createServer(({ url }, response) => {
    if (url === '/reset') lag.reset();
    const blockedMs = Math.max(0, lag.max / 1e6 - 1);
    const heap = url === '/heap' ? heapUsed() : process.memoryUsage().heapUsed;
    const state: HostState = { pid: process.pid, blockedMs, heap, rss: process.memoryUsage.rss() };
    response.end(JSON.stringify(state));
  }).listen(socketPath);
}
