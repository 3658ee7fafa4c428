import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCore } from '../test/support/core';
import { figure, median, type Figure } from './figures';

const run = promisify(execFile);
const RUNS = 7;

/** A recreate of a small image configuration beside the bare CLI doing `build` and then `up`, in turns. */
export async function recreateTime(dockerHost: string, root: string): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-bench-'));
  const config = join(folder, '.devcontainer', 'devcontainer.json');
  await mkdir(join(folder, '.devcontainer'));
  await writeFile(config, JSON.stringify({ image: 'shipshape-test/base:1', postCreateCommand: 'true' }));
  const cli = join(root, 'node_modules/@devcontainers/cli/devcontainer.js');
  const bare = async (...args: string[]): Promise<unknown> =>
    run(process.execPath, [cli, ...args, '--workspace-folder', folder, '--config', config], {
      env: { ...process.env, DOCKER_HOST: dockerHost },
    });
  const core = await startCore({ dockerHost, folders: [folder] });
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    await core.up(folder);
    for (let n = 0; n <= RUNS; n++) {
      const mine = await timed(async () => {
        const { outcome } = await core.recreateFolder(folder);
        if (outcome !== 'succeeded') throw new Error(`the recreate ${outcome}`);
      });
      const other = await timed(async () => {
        await bare('build');
        await bare('up', '--remove-existing-container');
      });
      await core.engines.refresh();
      // The first pair warms caches up and does not count.
      if (n > 0) {
        ours.push(mine);
        theirs.push(other);
      }
    }
  } finally {
    await core.discard(folder);
    await rm(folder, { recursive: true, force: true });
  }
  return figure({
    name: 'recreate against the bare CLI (build, then up)',
    value: median(ours),
    baseline: median(theirs),
    unit: 'ms',
    n: RUNS,
    bound: 1.15,
    boundOf: 'ratio',
  });
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await task();
  return performance.now() - began;
}
