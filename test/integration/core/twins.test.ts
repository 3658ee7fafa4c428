import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { snapshotWhere, startCore } from '../../support/core';
import { run } from '../../support/processes';

const dockerHost = inject('dockerHost');
const docker = async (...args: string[]) =>
  (await run('docker', args, { env: { ...process.env, DOCKER_HOST: dockerHost } })).trim();

it('of three containers of one identity the CLI and we take the same, and the next once that is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-twins-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const configFile = join(folder, '.devcontainer', 'devcontainer.json');
  await mkdir(join(folder, '.devcontainer'));
  await writeFile(configFile, '{"image":"shipshape-test/base:1"}');
  // As several runs of the CLI at the same time leave them.
  const labels = [`devcontainer.local_folder=${folder}`, `devcontainer.config_file=${configFile}`];
  const args = labels.flatMap((label) => ['--label', label]);
  const ids: string[] = [];
  for (let n = 0; n < 3; n++)
    ids.push(await docker('run', '-d', ...args, 'shipshape-test/base:1', 'sleep', '10000'));
  onTestFinished(async () => {
    await docker('rm', '-f', ...ids).catch(() => undefined);
  });
  const [oldest = '', middle = '', newest = ''] = ids;

  const core = await startCore({ dockerHost, folders: [folder] });
  onTestFinished(() => core.dispose());
  expect(core.item(folder)).toMatchObject({ containerId: newest });
  expect([...(core.item(folder).duplicates ?? [])].sort()).toEqual([oldest, middle].sort());
  expect(await core.up(folder)).toMatchObject({ outcome: 'succeeded', containerId: newest });

  await docker('rm', '-f', newest);
  // Before it is gone it has ended, and is one of the others for a moment.
  await snapshotWhere(core, () => core.item(folder).duplicates?.length === 1);
  expect(core.item(folder)).toMatchObject({ containerId: middle, duplicates: [oldest] });
  await docker('rm', '-f', oldest);
  await snapshotWhere(core, () => core.item(folder).duplicates === undefined);
  expect(core.item(folder)).toMatchObject({ containerId: middle, state: 'running' });
});
