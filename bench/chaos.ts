import { chaos, createSleepers, killAndCompare } from '../test/support/chaos';
import { startCore, type Core } from '../test/support/core';
import { startDockerEngine, type TestEngine } from '../test/support/dockerEngine';
import { waitFor } from '../test/support/processes';
import { figure, percentile, type Figure } from './figures';

const KILLS = 50;
const OPERATIONS = { ops: 10_000, kills: 10, seed: 7, budgetMs: 300_000 };

/** The inventory beside an engine that is killed, frozen and kept busy; takes about ten minutes. */
export async function chaosFigures(): Promise<Figure[]> {
  const engine = await startDockerEngine();
  const core = await startCore({ dockerHost: engine.endpoint, folders: [] });
  try {
    return [await kills(engine, core), await operations(engine, core), ...(await freeze(engine, core))];
  } finally {
    await core.dispose();
    await engine.stop();
  }
}

async function kills(engine: TestEngine, core: Core): Promise<Figure> {
  await createSleepers(engine, 5, true);
  const took: number[] = [];
  for (let n = 0; n < KILLS; n++) took.push(await killAndCompare(engine, core, 10_000));
  return figure({
    name: 'engine killed: its first answer to the right snapshot, worst (p50 as baseline)',
    ...{ value: Math.max(...took), baseline: percentile(took, 0.5), unit: 'ms', n: KILLS },
    ...{ bound: 2_000, boundOf: 'value' },
  });
}

/** Rejects when a container is lost or a ghost. */
async function operations(engine: TestEngine, core: Core): Promise<Figure> {
  const { ops, kills: times, comparisons } = await chaos(engine, core, OPERATIONS);
  return figure({
    name: `containers lost or ghosts, ${ops} random operations, ${times} kills`,
    ...{ value: 0, unit: '', n: comparisons, bound: 0, boundOf: 'value' },
  });
}

async function freeze(engine: TestEngine, core: Core): Promise<Figure[]> {
  const status = () => core.engines.stores[0]?.state.status;
  engine.pause();
  const frozen = performance.now();
  try {
    await waitFor('the watchdog to bark', () => status() === 'unavailable', 60_000);
  } finally {
    engine.resume();
  }
  const noticed = performance.now();
  await waitFor('the engine to be back', () => status() === 'ready', 60_000);
  const back = performance.now();
  return [
    figure({
      name: 'hung engine noticed',
      ...{ value: (noticed - frozen) / 1000, unit: 's', n: 1, bound: 35, boundOf: 'value' },
    }),
    figure({
      name: 'hung engine back after it goes on',
      ...{ value: (back - noticed) / 1000, unit: 's', n: 1, bound: 5, boundOf: 'value' },
    }),
  ];
}
