import { readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { createSleepers } from '../test/support/chaos';
import { startDockerEngine } from '../test/support/dockerEngine';
import { commandLineOf, withDescendants } from '../test/support/processes';
import { figure, median, percentile, type Figure } from './figures';
import { Changes } from './support/changes';
import { record, startStub } from './support/stub';
import { startWindows, type Windows } from './support/window';

const SAMPLES = 60;
const BURST = 40;
const COLD_STARTS = 5;

/** What a person sees, and when: rows painted in the real workbench. */
export async function workbenchFigures(root: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  const engine = await startDockerEngine();
  const windows = await startWindows(root, engine.endpoint);
  const changes = new Changes(engine.socketPath);
  let recording: string;
  try {
    recording = await record(engine);
    const docker = new Docker({ socketPath: engine.socketPath });
    const [first = ''] = await createSleepers(engine, 10, false);
    await docker.getContainer(first).rename({ name: '0-first' });
    await changes.listen();
    figures.push(...(await inOneWindow(windows, changes, '10 containers, Docker')));
    await createSleepers(engine, 990, false);
    const where = '1000 containers, Docker';
    figures.push(...(await coldStarts(windows, '0-first', where, 600)));
    figures.push(...(await inOneWindow(windows, changes, where)));
  } finally {
    changes.stop();
    await windows.stop();
    await engine.stop();
  }
  return [...figures, ...(await onStub(root, recording))];
}

async function onStub(root: string, recording: string): Promise<Figure[]> {
  const stub = await startStub(recording, 10_000);
  const windows = await startWindows(root, stub.endpoint);
  try {
    // The stub's first container is a dev container, and stands in the other view.
    return await coldStarts(windows, 'container-1', '10000 containers, stub', 2_500);
  } finally {
    await windows.stop();
    await stub.stop();
  }
}

/** From the click on the icon of a view that nobody has opened yet to its painted rows. */
async function coldStarts(windows: Windows, first: string, where: string, bound: number): Promise<Figure[]> {
  const took: number[] = [];
  const blocked: number[] = [];
  for (let n = 0; n < COLD_STARTS; n++) {
    const window = await windows.open();
    try {
      // What the editor still does after its start is not to count.
      await pause(3_000);
      await window.host('/reset');
      await window.workbench.openView('Shipshape');
      took.push((await window.painted.row(first)) - (await window.painted.pressed()));
      await pause(500);
      blocked.push((await window.host('/')).blockedMs);
    } finally {
      await window.close();
    }
  }
  return [
    atMost(bound, 'ms', `click on the cold view to painted rows, ${where}`, median(took), COLD_STARTS),
    atMost(
      50,
      'ms',
      `extension host blocked at most, meanwhile, ${where}`,
      Math.max(...blocked),
      COLD_STARTS,
    ),
  ];
}

/** An hour at work in one window: single changes, a storm of them, and what they leave behind. */
async function inOneWindow(windows: Windows, changes: Changes, where: string): Promise<Figure[]> {
  const window = await windows.open();
  try {
    const before = await window.host('/heap');
    const processes = startedBy(before.pid).length;
    await window.workbench.openView('Shipshape');
    await window.painted.row('0-first');
    let name = await changes.create();
    const rename = async (): Promise<string> => (name = await changes.rename(name));
    const single = await changes.oneByOne(window.painted, SAMPLES, rename);
    const burst = await changes.inBurst(window.painted, BURST, 200, () => changes.create());
    const after = await window.host('/heap');
    const stayed = startedBy(before.pid).length - processes;
    return [
      atMost(150, 'ms', `raw event to painted row, p95, ${where}`, percentile(single, 0.95), SAMPLES),
      atMost(250, 'ms', `raw event to painted row, worst of a burst, ${where}`, Math.max(...burst), BURST),
      atMost(
        25,
        'MB',
        `extension host's heap grown by 100 changes and all before, ${where}`,
        (after.heap - before.heap) / 1e6,
      ),
      atMost(0, '', `processes of ours that stay, ${where}`, stayed),
    ];
  } finally {
    await changes.undo();
    await window.close();
  }
}

/** The processes below an extension host that are not the editor's own: its language servers come when they like. */
function startedBy(host: number): number[] {
  const editor = join(dirname(readlinkSync(`/proc/${host}/exe`)), 'extensions');
  return withDescendants([host]).filter((pid) => !commandLineOf(pid).some((part) => part.startsWith(editor)));
}

function atMost(bound: number, unit: string, name: string, value: number, n = 1): Figure {
  return figure({ name, value, unit, n, bound, boundOf: 'value' });
}
