import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { asPs, chaos, createSleepers, dockerPs, killAndCompare } from '../../support/chaos';
import { startCore, type Core } from '../../support/core';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { watchHastily } from '../../support/hastyWatch';
import { waitFor } from '../../support/processes';

const kills = Number(process.env['SHIPSHAPE_CHAOS_KILLS'] ?? 3);
const ops = Number(process.env['SHIPSHAPE_CHAOS_OPS'] ?? 150);
const seed = Number(process.env['SHIPSHAPE_CHAOS_SEED'] ?? 1);

let engine: TestEngine;
let core: Core;
beforeAll(async () => {
  engine = await startDockerEngine();
  core = await startCore({ dockerHost: engine.endpoint, folders: [] });
});
afterAll(async () => {
  await core.dispose();
  await engine.stop();
});

it(
  `after kill -9 and a restart the snapshot is right within 2 s, ${kills} of ${kills} times`,
  async () => {
    await createSleepers(engine, 5, true);
    for (let n = 0; n < kills; n++) expect(await killAndCompare(engine, core, 2_000)).toBeLessThan(2_000);
  },
  60_000 + kills * 10_000,
);

it('after an engine was told to end, which stops what runs, and a restart the same holds', async () => {
  const [id] = await createSleepers(engine, 1, true);
  const state = () => core.inventory.current().containers.find((container) => container.id === id)?.state;
  await waitFor('it to run', () => state() === 'running');
  expect(await killAndCompare(engine, core, 2_000, 'SIGTERM')).toBeLessThan(2_000);
  expect(state()).toBe('exited');
});

it(
  `after ${ops} random operations with kills nothing is lost and nothing is a ghost (seed ${seed})`,
  async () => {
    const done = await chaos(engine, core, { ops, kills: Math.ceil(ops / 1_000), seed });
    expect(done.ops).toBe(ops);
    expect(asPs(core.inventory.current().containers)).toBe(await dockerPs(engine));
  },
  60_000 + ops * 200,
);

it('an engine that hangs is noticed by the watchdog, and is back soon after it goes on', async () => {
  const { store, dispose } = await watchHastily(engine.endpoint);
  onTestFinished(dispose);
  await waitFor('the first list', () => store.state.status === 'ready');
  engine.pause();
  try {
    // A tenth of what the real limits give it.
    await waitFor('the watchdog to bark', () => store.state.errorKind === 'silent', 3_500);
  } finally {
    engine.resume();
  }
  await waitFor('the engine to be back', () => store.state.status === 'ready', 5_000);
  expect(asPs(store.containers())).toBe(await dockerPs(engine));
});
