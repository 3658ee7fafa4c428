import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { createSleepers, rawList } from '../test/support/chaos';
import { startDockerEngine } from '../test/support/dockerEngine';
import { figure, median, percentile, type Figure } from './figures';
import { soak } from './inventorySoak';
import { readEvents, watchEngine } from './support/inventory';
import { record, startStub } from './support/stub';

const SAMPLES = 60;
const LISTS = 7;
/** Longer than the pause between two snapshots of a storm. */
const CALM_MS = 130;

/** What the inventory of one engine costs, on real Docker up to 1,000 containers and on a stub up to 10,000. */
export async function inventoryFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const engine = await startDockerEngine();
  let recording: string;
  try {
    recording = await record(engine);
    const docker = new Docker({ socketPath: engine.socketPath });
    let there = 0;
    for (const count of [10, 100, 1_000]) {
      const ids = await createSleepers(engine, count - there, false);
      there = count;
      const rename = (n: number, name: string): void =>
        void docker.getContainer(ids[n % ids.length] ?? '').rename({ name });
      const where = `${count} containers, Docker`;
      figures.push(eventFigure(where, await eventLatency(engine, count, rename), 25));
      figures.push(...(await firstSnapshot(engine, count, where)));
    }
  } finally {
    await engine.stop();
  }
  const small = await onStub(recording, 1_000, figures, 25);
  await onStub(recording, 10_000, figures, small * 1.5);
  figures.push(...(await soak(recording)));
  return figures;
}

/** Gives the latency's p95. */
async function onStub(recording: string, count: number, figures: Figure[], bound: number): Promise<number> {
  const stub = await startStub(recording, count);
  try {
    const where = `${count} containers, stub`;
    const latency = await eventLatency(stub, count, (n, name) => stub.rename((n * 37) % count, name));
    figures.push(eventFigure(where, latency, bound));
    figures.push(...(await firstSnapshot(stub, count, where)));
    return latency.ours;
  } finally {
    await stub.stop();
  }
}

interface Latency {
  readonly ours: number;
  readonly raw: number;
}

function eventFigure(where: string, { ours, raw }: Latency, bound: number): Figure {
  const name = `raw event to snapshot, p95, ${where} (baseline: act to raw event)`;
  return figure({ name, value: ours, baseline: raw, unit: 'ms', n: SAMPLES, bound, boundOf: 'value' });
}

/** From the arrival of an event at a bare reader to the snapshot that shows what it told. */
async function eventLatency(
  at: { endpoint: string; socketPath: string },
  count: number,
  rename: (n: number, name: string) => void,
): Promise<Latency> {
  const core = await watchEngine(at.endpoint);
  const arrived = new Map<string, number>();
  const stopReading = await readEvents(at.socketPath, (text) => {
    const now = performance.now();
    for (const [name] of text.matchAll(/bench-[0-9-]+/g)) if (!arrived.has(name)) arrived.set(name, now);
  });
  const ours: number[] = [];
  const raw: number[] = [];
  try {
    core.connect();
    await core.until((snapshot) => snapshot.containers.length >= count);
    for (let n = 0; n < SAMPLES + 5; n++) {
      await pause(CALM_MS);
      const name = `bench-${count}-${n}`;
      const began = performance.now();
      rename(n, name);
      await core.until((snapshot) => snapshot.containers.some((container) => container.name === name));
      const shown = performance.now();
      while (!arrived.has(name)) await pause(1);
      const told = arrived.get(name) ?? shown;
      if (n < 5) continue;
      ours.push(Math.max(0, shown - told));
      raw.push(told - began);
    }
  } finally {
    stopReading();
    core.dispose();
  }
  return { ours: percentile(ours, 0.95), raw: percentile(raw, 0.95) };
}

/** From the choice of an engine to the snapshot with all its containers, beside the bare list, in turns. */
async function firstSnapshot(
  at: { endpoint: string; socketPath: string },
  count: number,
  where: string,
): Promise<Figure[]> {
  const ours: number[] = [];
  const raw: number[] = [];
  const streams: number[] = [];
  const blocked: number[] = [];
  const lag = monitorEventLoopDelay({ resolution: 1 });
  for (let n = 0; n <= LISTS; n++) {
    const bare = await rawList(at.socketPath);
    const asked = performance.now();
    const stopReading = await readEvents(at.socketPath, () => undefined);
    const stream = performance.now() - asked;
    stopReading();
    const core = await watchEngine(at.endpoint);
    await pause(50);
    lag.reset();
    lag.enable();
    const began = performance.now();
    core.connect();
    await core.until((snapshot) => snapshot.containers.length >= count);
    const took = performance.now() - began;
    await pause(20);
    lag.disable();
    core.dispose();
    if (n === 0) continue;
    ours.push(took);
    raw.push(bare);
    streams.push(stream);
    blocked.push(lag.max / 1e6 - 1);
  }
  // No list is asked for before the stream is open, which takes as long as listing ten containers does.
  const bound =
    count >= 1_000
      ? { bound: 1.3, boundOf: 'ratio' as const }
      : { bound: 1.3 * (median(streams) + median(raw)), boundOf: 'value' as const };
  return [
    figure({
      name: `first snapshot, ${where} (baseline: the bare list)`,
      ...{ value: median(ours), baseline: median(raw), unit: 'ms', n: LISTS },
      ...bound,
    }),
    figure({
      name: `event loop blocked at most, ${where}`,
      ...{ value: Math.max(...blocked), unit: 'ms', n: LISTS, bound: 50, boundOf: 'value' },
    }),
  ];
}
