import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { DevContainer } from '../src/api';
import type { TestEngine } from '../test/support/dockerEngine';
import { baseImage } from '../test/support/baseImage';
import { startCore, snapshotWhere } from '../test/support/core';
import { waitFor } from '../test/support/processes';
import { inotifyWatches } from '../test/support/inotify';
import { figure, percentile, type Figure } from './figures';

const DEV_CONTAINERS = 100;
const INPUTS = 20;
const SAVES = 40;

/** From the save of one of many inputs to the snapshot that names it, and what watching them costs. */
export async function inputLatency(engine: TestEngine): Promise<Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'shipshape-bench-'));
  const folders = Array.from({ length: DEV_CONTAINERS }, (_, n) => join(root, `project${n}`));
  await Promise.all(folders.map(writeProject));
  const docker = new Docker({ socketPath: engine.socketPath });
  const containers = [];
  for (const folder of folders) containers.push(await docker.createContainer(containerOf(folder)));
  const before = inotifyWatches();
  const core = await startCore({ dockerHost: engine.endpoint, folders });
  try {
    // Each is taken as made from what there is, once the engine has told of its settings.
    const isJudged = ({ dirty, engine, containerId = '' }: DevContainer): boolean =>
      dirty || core.drift.madeFrom(engine, containerId) !== undefined;
    await waitFor('a record of each', () => core.inventory.current().devContainers.every(isJudged), 30_000);
    const { devContainers } = core.inventory.current();
    const dirty = devContainers.filter((item) => item.dirty).length;
    await core.inputWatcher.ready();
    const watches = (inotifyWatches() - before) / DEV_CONTAINERS;
    const ours: number[] = [];
    for (let n = 0; n < SAVES; n++) {
      const folder = folders[(n * 37) % folders.length] ?? root;
      const file = `input${n % (INPUTS - 2)}`;
      const began = performance.now();
      const seen = snapshotWhere(core, (snapshot) =>
        snapshot.devContainers.some(
          (item) => item.workspaceFolder === folder && item.changes.some(({ input }) => input.endsWith(file)),
        ),
      );
      await writeFile(join(folder, '.devcontainer', file), `saved ${n}`);
      await seen;
      ours.push(performance.now() - began);
    }
    const where = `${DEV_CONTAINERS} dev containers with ${INPUTS} inputs each`;
    return [
      figure({
        name: `input saved to dirty, p95, ${where}`,
        ...{ value: percentile(ours, 0.95), unit: 'ms', n: SAVES, bound: 400, boundOf: 'value' },
      }),
      figure({
        name: `inotify watches for each configuration's folder, ${where}`,
        ...{ value: watches, unit: 'watches', n: 1, bound: 3, boundOf: 'value' },
      }),
      figure({
        name: `dirty at first sight though nothing changed, ${where}`,
        ...{ value: dirty, unit: 'dev containers', n: 1, bound: 0, boundOf: 'value' },
      }),
    ];
  } finally {
    await core.dispose();
    for (const container of containers) await container.remove({ force: true });
    await rm(root, { recursive: true, force: true });
  }
}

/** A configuration whose image is built from a Dockerfile that copies 18 files: with itself, 20 inputs. */
async function writeProject(folder: string): Promise<void> {
  const place = join(folder, '.devcontainer');
  await mkdir(place, { recursive: true });
  const names = Array.from({ length: INPUTS - 2 }, (_, n) => `input${n}`);
  for (const name of names) await writeFile(join(place, name), name);
  await writeFile(join(place, 'Dockerfile'), `FROM ${baseImage}\nCOPY ${names.join(' ')} /in/\n`);
  await writeFile(join(place, 'devcontainer.json'), JSON.stringify({ build: { dockerfile: 'Dockerfile' } }));
}

function containerOf(folder: string): Docker.ContainerCreateOptions {
  const configFile = join(folder, '.devcontainer', 'devcontainer.json');
  const Labels = { 'devcontainer.local_folder': folder, 'devcontainer.config_file': configFile };
  return { Image: baseImage, Labels, HostConfig: { NetworkMode: 'none' } };
}
