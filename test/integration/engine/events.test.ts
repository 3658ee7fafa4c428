import { expect, inject, it, vi } from 'vitest';
import type { ContainerEvent } from '../../../src/core/ports';
import { connect, createContainer, createLabelled, docker, unique } from './support';

const host = inject('dockerHost');

it('the life of a container comes as events, in order and without those of execs', async () => {
  const engine = await connect(host);
  const events: ContainerEvent[] = [];
  await engine.openEvents((event) => 'containerId' in event && events.push(event));
  const id = await createContainer(
    host,
    '--health-cmd',
    'true',
    '--health-interval',
    '1s',
    '--stop-timeout',
    '1',
  );
  const actions = () => events.filter((event) => event.containerId === id).map((event) => event.action);
  await engine.start(id);
  await docker(host, 'exec', id, 'true');
  await vi.waitFor(() => expect(actions()).toContain('health_status'), 10_000);
  await docker(host, 'pause', id);
  await docker(host, 'unpause', id);
  await engine.rename(id, unique('renamed'));
  await engine.stop(id);
  await engine.remove(id);
  await vi.waitFor(() => expect(actions()).toContain('destroy'));
  expect(actions()).toEqual([
    'create',
    'start',
    'health_status',
    'pause',
    'unpause',
    'rename',
    'die',
    'stop',
    'destroy',
  ]);
});

it('a container with two megabytes of labels has events as well', async () => {
  const engine = await connect(host);
  const events: ContainerEvent[] = [];
  await engine.openEvents((event) => 'containerId' in event && events.push(event));
  const id = await createLabelled(host, { a: '\u{1F600}'.repeat(256 * 1024), b: 'x'.repeat(1024 * 1024) });
  await engine.remove(id);
  const mine = () => events.filter((event) => event.containerId === id).map((event) => event.action);
  await vi.waitFor(() => expect(mine()).toEqual(['create', 'destroy']), 5_000);
});

it('dispose ends the stream quietly and closes its socket', async () => {
  const engine = await connect(host);
  const streams = await Promise.all(Array.from({ length: 20 }, () => engine.openEvents(() => undefined)));
  const open = openSockets();
  for (const stream of streams) stream.dispose();
  for (const stream of streams) expect(await stream.closed).toBeUndefined();
  await vi.waitFor(() => expect(openSockets()).toBeLessThanOrEqual(open - 20));
});

it('the signal, or the end of the engine port, ends the stream as well', async () => {
  const engine = await connect(host);
  const controller = new AbortController();
  const bySignal = await engine.openEvents(() => undefined, controller.signal);
  const byEngine = await engine.openEvents(() => undefined);
  controller.abort();
  expect(await bySignal.closed).toBeUndefined();
  engine.dispose();
  expect(await byEngine.closed).toBeUndefined();
});

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
}
