import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { baseImage } from '../test/support/baseImage';
import { figure, type Figure } from './figures';
import { heapUsed } from './support/heap';
import { watchEngine, type Watched } from './support/inventory';
import { startStub, type Stub } from './support/stub';

const CONTAINERS = 1_000;
const FLIPS = 1_000;
const FILE = '/w/.devcontainer/devcontainer.json';
const IDLE_MS = 60_000;
const MINUTES = 3;

/** What it costs to be there: memory, an idle minute, and whether anything grows. */
export async function soak(recording: string): Promise<Figure[]> {
  const stub = await startStub(recording, CONTAINERS);
  const before = heapUsed();
  const core = await watchEngine(stub.endpoint);
  try {
    core.disk.put(FILE, { image: baseImage });
    core.connect();
    await core.configs.setFolders(['/w']);
    await core.until((snapshot) => snapshot.containers.length === CONTAINERS);
    for (let n = 0; n < 100; n++) await rename(core, stub, n);
    const grown = (heapUsed() - before) / 1e6;
    return [
      figure({
        name: 'heap for 1,000 containers after 100 changes',
        ...{ value: grown, unit: 'MB', n: 1, bound: 25, boundOf: 'value' },
      }),
      ...(await idleMinutes(stub)),
      ...(await flips(core, stub)),
    ];
  } finally {
    core.dispose();
    await stub.stop();
  }
}

async function rename(core: Watched, stub: Stub, n: number): Promise<void> {
  const name = `soak-${n}`;
  stub.rename(n, name);
  await core.until((snapshot) => snapshot.containers.some((container) => container.name === name));
}

/** The requests of a minute in which nothing happens, and this process's share of one processor. */
async function idleMinutes(stub: Stub): Promise<Figure[]> {
  const requests: number[] = [];
  const shares: number[] = [];
  for (let n = 0; n < MINUTES; n++) {
    const asked = await stub.requests();
    const cpu = process.cpuUsage();
    await pause(IDLE_MS);
    const { user, system } = process.cpuUsage(cpu);
    shares.push(((user + system) / 1000 / IDLE_MS) * 100);
    requests.push((await stub.requests()) - asked);
  }
  return [
    figure({
      name: 'engine requests in an idle minute, 1,000 containers',
      ...{ value: Math.max(...requests), unit: '', n: MINUTES, bound: 5, boundOf: 'value' },
    }),
    figure({
      name: 'processor in an idle minute, 1,000 containers',
      // Others on the machine can only add to it, so the smallest is nearest to what is ours.
      ...{ value: Math.min(...shares), unit: '%', n: MINUTES, bound: 0.2, boundOf: 'value' },
    }),
  ]; // prettier-ignore
}

/** A dev container is started and stopped, and is dirty and clean, again and again: nothing grows. */
async function flips(core: Watched, stub: Stub): Promise<Figure[]> {
  // The first ones fill caches and compile code.
  await flip(core, stub, 100);
  const [heap, files] = [heapUsed(), openFiles()];
  await flip(core, stub, FLIPS);
  const grown = (heapUsed() - heap) / 1e6;
  return [
    figure({
      name: 'heap grown by 1,000 flips of state and of dirtiness',
      ...{ value: grown, unit: 'MB', n: FLIPS, bound: 5, boundOf: 'value' },
    }),
    figure({
      name: 'open files grown by the same',
      ...{ value: openFiles() - files, unit: 'files', n: FLIPS, bound: 0, boundOf: 'value' },
    }),
  ];
}

async function flip(core: Watched, stub: Stub, times: number): Promise<void> {
  const item = () => core.inventory.current().devContainers[0];
  for (let n = 0; n < times; n++) {
    const { state, dirty } = item() ?? {};
    stub.flip(0);
    core.disk.put(FILE, { image: dirty ? baseImage : 'another:2' });
    core.disk.touch(FILE);
    core.disk.reads.length = 0;
    const until = performance.now() + 10_000;
    while (item()?.state === state || item()?.dirty === dirty) {
      if (performance.now() > until) throw new Error(`flip ${n} is not seen: ${JSON.stringify(item())}`);
      await pause(1);
    }
  }
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}
