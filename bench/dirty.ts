import { watch } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snapshotWhere, startCore } from '../test/support/core';
import { figure, percentile, type Figure } from './figures';

const SAVES = 40;

/** From the save of a configuration to `dirty` in the snapshot; beside it, to the bare event of the file system. */
export async function dirtyLatency(dockerHost: string): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-bench-'));
  const place = join(folder, '.devcontainer');
  const config = join(place, 'devcontainer.json');
  await mkdir(place);
  const save = (n: number): Promise<void> =>
    writeFile(config, JSON.stringify({ image: 'shipshape-test/base:1', containerEnv: { N: String(n) } }));
  await save(0);
  const core = await startCore({ dockerHost, folders: [folder] });
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    await core.up(folder);
    for (let n = 1; n <= SAVES; n++) {
      const event = new Promise<void>((resolve) => {
        const watcher = watch(place, () => {
          watcher.close();
          resolve();
        });
      });
      const began = performance.now();
      const seen = snapshotWhere(
        core,
        (s) => s.devContainers[0]?.changes[0]?.to === JSON.stringify(String(n)),
      );
      await save(n);
      await event;
      bare.push(performance.now() - began);
      await seen;
      ours.push(performance.now() - began);
    }
  } finally {
    await core.discard(folder);
    await rm(folder, { recursive: true, force: true });
  }
  return figure({
    name: 'config saved to dirty, p95',
    value: percentile(ours, 0.95),
    baseline: percentile(bare, 0.95),
    unit: 'ms',
    n: SAVES,
    bound: 400,
    boundOf: 'value',
  });
}
