import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCore, type Core } from '../test/support/core';
import { IMAGE } from '../test/support/recreateGround';
import { figure, median, type Figure } from './figures';

const run = promisify(execFile);
const RUNS = 7;
/** Each builds for ten seconds, twice: by us and by the bare CLI. */
const SLOW_RUNS = 3;
const BUILD_S = 10;

/** Recreates beside the bare CLI in the same run, in turns: how long they take, and how long there is no container. */
export async function recreateFigures(dockerHost: string, root: string): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-bench-'));
  await mkdir(join(folder, '.devcontainer'));
  const ground: Ground = { dockerHost, root, folder, core: undefined as never };
  await writeImage(ground);
  ground.core = await startCore({ dockerHost, folders: [folder] });
  try {
    await ground.core.up(folder);
    return [...(await wholeTimes(ground)), await downtimes(ground)];
  } finally {
    await ground.core.discard(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ground {
  readonly dockerHost: string;
  readonly root: string;
  readonly folder: string;
  core: Core;
}

/** A small image configuration, all of which is in the cache. */
async function wholeTimes(ground: Ground): Promise<Figure[]> {
  const [ours, built, plain] = [[], [], []] as [number[], number[], number[]];
  for (let n = 0; n <= RUNS; n++) {
    const took = await timed(() => recreate(ground));
    const removing = await timed(() => bareUp(ground));
    const building = await timed(() => bare(ground, 'build'));
    await ground.core.engines.refresh();
    // The first round warms caches up and does not count.
    if (n === 0) continue;
    ours.push(took);
    built.push(building + removing);
    plain.push(removing);
  }
  const figures = { value: median(ours), unit: 'ms', n: RUNS, bound: 1.15, boundOf: 'ratio' } as const;
  return [
    figure({ ...figures, name: 'recreate against the bare CLI (build, then up)', baseline: median(built) }),
    figure({
      ...figures,
      name: 'recreate against the bare CLI (up --remove-existing-container), warm cache',
      baseline: median(plain),
    }),
  ];
}

/** From the last sign of life of the old container to the start of the new one, as the engine notes them. */
async function downtimes(ground: Ground): Promise<Figure> {
  const [ours, theirs] = [[], []] as [number[], number[]];
  for (let n = 0; n < SLOW_RUNS; n++) {
    await writeSlowBuild(ground, `ours ${n}`);
    ours.push(await withoutContainer(ground, () => recreate(ground)));
    await writeSlowBuild(ground, `theirs ${n}`);
    theirs.push(await withoutContainer(ground, () => bareUp(ground)));
    await ground.core.engines.refresh();
  }
  return figure({
    name: 'time without a container, a recreate whose build takes 10 s (baseline: the bare CLI)',
    ...{ value: median(ours), baseline: median(theirs), unit: 'ms', n: SLOW_RUNS },
    ...{ bound: 0.25, boundOf: 'ratio' },
  });
}

/** Milliseconds between the `die` of one container and the `start` of the next, by the engine's events; ours or theirs. */
async function withoutContainer(ground: Ground, task: () => Promise<unknown>): Promise<number> {
  const since = new Date().toISOString();
  await task();
  const filter = ['--filter', `label=devcontainer.local_folder=${ground.folder}`];
  const args = ['events', '--since', since, '--until', new Date().toISOString(), '--format', '{{json .}}'];
  const { stdout } = await run('docker', ['-H', ground.dockerHost, ...args, ...filter]);
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as { Action: string; timeNano: number }); // prettier-ignore
  const at = (action: string): number => {
    const event = events.find(({ Action }) => Action === action);
    if (!event) throw new Error(`No container ${action}s: ${stdout}`);
    return event.timeNano / 1e6;
  };
  return at('start') - at('die');
}

async function recreate({ core, folder }: Ground): Promise<void> {
  const { outcome, failure } = await core.recreateFolder(folder);
  if (outcome !== 'succeeded') throw new Error(`the recreate ${outcome}: ${failure?.message ?? ''}`);
}

function bareUp(ground: Ground): Promise<unknown> {
  return bare(ground, 'up', '--remove-existing-container');
}

function bare({ root, folder, dockerHost }: Ground, ...args: string[]): Promise<unknown> {
  const cli = join(root, 'node_modules/@devcontainers/cli/devcontainer.js');
  const where = ['--workspace-folder', folder, '--config', fileIn(folder, 'devcontainer.json')];
  return run(process.execPath, [cli, ...args, ...where], {
    env: { ...process.env, DOCKER_HOST: dockerHost },
  });
}

async function writeImage({ folder }: Ground): Promise<void> {
  const config = { image: IMAGE, postCreateCommand: 'true' };
  await writeFile(fileIn(folder, 'devcontainer.json'), JSON.stringify(config));
}

/** A step that no cache has, and that works until its time is over. */
async function writeSlowBuild({ folder, core }: Ground, mark: string): Promise<void> {
  const work = `end=$(($(date +%s) + ${BUILD_S})); while [ $(date +%s) -lt $end ]; do :; done`;
  await writeFile(fileIn(folder, 'Dockerfile'), `FROM ${IMAGE}\nRUN echo '${mark}'; ${work}\n`);
  const config = { build: { dockerfile: 'Dockerfile' }, postCreateCommand: 'true' };
  await writeFile(fileIn(folder, 'devcontainer.json'), JSON.stringify(config));
  await core.configs.check();
}

function fileIn(folder: string, name: string): string {
  return join(folder, '.devcontainer', name);
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await task();
  return performance.now() - began;
}
