import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startCore } from '../../support/core';
import { run } from '../../support/processes';

const unshare = ['--user', '--map-root-user', '--mount', 'sh', '-c'];
const onSmallDisk = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"';
const canMount = ((): boolean => {
  try {
    execFileSync('unshare', [...unshare, onSmallDisk, '/mnt', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!canMount)(
  'with a full disk it lists and judges as ever, says so once, and refuses a job before it touches anything (fault 72)',
  async () => {
    const dockerHost = inject('dockerHost');
    const root = await mkdtemp(join(tmpdir(), 'shipshape-full-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const storage = join(root, 'storage');
    await mkdir(storage);
    const folders = ['a', 'b'].map((name) => join(root, name));
    const configFile = join(folders[0] ?? '', '.devcontainer.json');
    for (const folder of folders) {
      await mkdir(folder);
      await writeFile(join(folder, '.devcontainer.json'), '{"image":"shipshape-test/base:1"}');
    }
    const core = await startCore({ dockerHost, folders });
    for (const folder of folders) expect((await core.up(folder)).outcome).toBe('succeeded');
    await core.dispose();

    const script = resolve('test/integration/storage/fullDiskWindow.ts');
    const node = [process.execPath, '--import', 'tsx', script, dockerHost, storage, configFile, ...folders];
    const said = (await run('unshare', [...unshare, onSmallDisk, storage, ...node])).trim().split('\n');
    const full = `There is no space left for Shipshape's records in ${storage}`;
    // The warning comes when it is written, which is as soon as anything else.
    const warned = said.filter((line) => line.startsWith('warned'));
    expect(warned).toEqual([expect.stringMatching(/^warned "Could not keep what .* was made from: /)]);
    expect(warned[0]).toContain(full);
    expect(said.filter((line) => !warned.includes(line))).toEqual([
      'dirty ["containerEnv.A"]',
      `refused "ShipshapeError: ${full}/journal: free some, then try again."`,
      'kept true',
      'then "succeeded"',
    ]);
  },
);
