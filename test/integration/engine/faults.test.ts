import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../../src/core/ports';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { waitFor } from '../../support/processes';
import { connect, createContainer } from './support';

describe('an engine of its own', () => {
  let daemon: TestEngine;
  beforeAll(async () => {
    daemon = await startDockerEngine();
  });
  afterAll(() => daemon.stop());

  it('that is killed closes the event stream with a reason, is missing, and is back after its restart', async () => {
    const engine = await connect(daemon.endpoint);
    const stream = await engine.openEvents(() => undefined);
    await daemon.kill('SIGKILL');
    expect(await stream.closed).toMatchObject({ code: 'engineFailed' });
    await expect(engine.ping()).rejects.toMatchObject({ code: 'engineMissing' });
    await expect(engine.openEvents(() => undefined)).rejects.toMatchObject({ code: 'engineMissing' });
    await daemon.restart();
    await engine.ping();
    const events: EngineEvent[] = [];
    await engine.openEvents((event) => events.push(event));
    const id = await createContainer(daemon.endpoint);
    await vi.waitFor(() => expect(events).toEqual([{ containerId: id, action: 'create' }]));
  });

  it('that is told to end closes the event stream', async () => {
    const engine = await connect(daemon.endpoint);
    const stream = await engine.openEvents(() => undefined);
    await daemon.restart('SIGTERM');
    await expect(stream.closed).resolves.toSatisfy((error) => error === undefined || error instanceof Error);
    await engine.list();
  });

  it('that hangs is silent within the limits, and answers again when it goes on', async () => {
    const limits = { ping: 300, list: 400, inspect: 300, action: 300, headers: 200 };
    const engine = await connect(daemon.endpoint, { limits });
    const stream = await engine.openEvents(() => undefined);
    const id = await createContainer(daemon.endpoint);
    daemon.pause();
    try {
      await waitFor('every thread to stand still', () => isFrozen(daemon.pid));
      const calls = [
        engine.ping(),
        engine.list(),
        engine.inspect(id),
        engine.clockSkew(),
        engine.start(id),
        engine.stop(id),
        engine.rename(id, 'x'),
        engine.remove(id),
        engine.openEvents(() => undefined),
      ];
      const began = Date.now();
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engineSilent' } });
      }
      expect(Date.now() - began).toBeLessThan(2_000);
      const cancel = new AbortController();
      const list = engine.list(cancel.signal);
      cancel.abort();
      await expect(list).rejects.toMatchObject({ code: 'cancelled' });
      stream.dispose();
      expect(await stream.closed).toBeUndefined();
    } finally {
      daemon.resume();
    }
    await engine.ping();
  });
});

/** A signal to stop takes a moment to reach all threads of a process; one that runs on may still answer. */
async function isFrozen(pid: number | undefined): Promise<boolean> {
  const threads = await readdir(`/proc/${pid ?? 'none'}/task`);
  const stats = await Promise.all(threads.map((tid) => readFile(`/proc/${tid}/stat`, 'utf8')));
  return stats.every((stat) => stat.slice(stat.lastIndexOf(')')).startsWith(') T'));
}
