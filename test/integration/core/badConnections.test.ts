import { existsSync, readdirSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { asPs, createSleepers, dockerPs, untilEqual } from '../../support/chaos';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { startEngineProxy, type EngineProxy } from '../../support/engineProxy';
import { watchHastily } from '../../support/hastyWatch';
import { waitFor } from '../../support/processes';
import { temporaryFolder } from '../engine/support';

let engine: TestEngine;
let proxy: EngineProxy;
beforeAll(async () => {
  engine = await startDockerEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  proxy = await startEngineProxy(engine.socketPath);
  onTestFinished(() => proxy.stop());
});

async function watching(endpoint: string) {
  const { store, dispose } = await watchHastily(endpoint);
  onTestFinished(dispose);
  await waitFor('the first list', () => store.state.status === 'ready');
  return store;
}

it.each(['tcp', 'ssh'])(
  'half-open over %s is noticed by the watchdog, given up, and made anew',
  async (scheme) => {
    if (scheme === 'ssh') await fakeSsh(`exec docker -H ${proxy.endpoint} system dial-stdio`);
    const store = await watching(scheme === 'ssh' ? 'ssh://far' : proxy.endpoint);
    proxy.stall();
    await createSleepers(engine, 1, false);
    await waitFor('the watchdog to bark', () => store.state.errorKind === 'silent', 3_500);
    proxy.mend();
    await waitFor('the engine to be back', () => store.state.status === 'ready', 5_000);
    await untilEqual(engine, () => store.containers(), 2_000);
    await waitFor('the dead connections to be given up', () => proxy.stalled === 0);
  },
);

it('more happens while nobody hears it than an engine replays, and nothing of it is missed', async () => {
  const [kept = '', gone = '', started = ''] = await createSleepers(engine, 3, false);
  const store = await watching(proxy.endpoint);
  proxy.cut();
  await waitFor('the break to be noticed', () => store.state.status === 'unavailable');
  const docker = new Docker({ socketPath: engine.socketPath });
  await docker.getContainer(gone).remove();
  await docker.getContainer(started).start();
  const [created] = await createSleepers(engine, 1, false);
  // The engine remembers 256 events: those of above are none of them any more.
  for (let n = 0; n < 400; n++) await docker.getContainer(kept).rename({ name: `n${n}` });
  proxy.mend();
  await waitFor('the engine to be back', () => store.state.status === 'ready', 5_000);
  await untilEqual(engine, () => store.containers(), 2_000);
  const known = asPs(store.containers());
  expect(known).toBe(await dockerPs(engine));
  expect(known).toContain(`${kept} n399 created`);
  expect(known).toContain(`${started} `);
  expect(known).toContain(created);
  expect(known).not.toContain(gone);
});

it('a storm of restarts, and of containers that take over a name, ends with what is there', async () => {
  const store = await watching(engine.endpoint);
  const docker = new Docker({ socketPath: engine.socketPath });
  const storm = async (name: string): Promise<void> => {
    for (let n = 0; n < 6; n++) {
      const [id = ''] = await createSleepers(engine, 1, false);
      const container = docker.getContainer(id);
      await container.rename({ name });
      await container.start();
      await container.restart({ t: 0 });
      if (n < 5) await container.remove({ force: true });
    }
  };
  await Promise.all(['one', 'two', 'three'].map(storm));
  await untilEqual(engine, () => store.containers(), 2_000);
  const named = store.containers().filter(({ name }) => ['one', 'two', 'three'].includes(name));
  expect(named.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'one running',
    'three running',
    'two running',
  ]);
});

it.skipIf(!existsSync('/proc/self/fd'))('two hundred changes leave no file open (fault 74)', async () => {
  const [id = ''] = await createSleepers(engine, 1, true);
  const container = new Docker({ socketPath: engine.socketPath }).getContainer(id);
  const store = await watching(proxy.endpoint);
  const flip = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      await container.pause();
      await waitFor('the pause', () => store.find(id)?.state === 'paused');
      await container.unpause();
      await waitFor('its end', () => store.find(id)?.state === 'running');
    }
  };
  const openFiles = (): number => readdirSync('/proc/self/fd').length;
  // The first ones open what is then kept.
  await flip(5);
  const before = openFiles();
  await flip(100);
  await waitFor('no more files than before', () => openFiles() <= before);
});

async function fakeSsh(command: string): Promise<void> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'ssh'), `#!/bin/sh\n${command}\n`);
  await chmod(join(folder, 'ssh'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}
