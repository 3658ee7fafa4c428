import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { CONFIG_FILE, ForeignProject } from '../../support/bareCli';
import { snapshotWhere, startCore } from '../../support/core';
import { temporaryFolder } from '../engine/support';

const dockerHost = inject('dockerHost');
const COUNT = 3;

/** A docker command whose `run` waits until each of several runs of the CLI has come to it: none sees another's. */
async function dockerThatWaits(): Promise<string> {
  const folder = await temporaryFolder();
  const arrived = join(folder, 'arrived');
  await mkdir(arrived);
  const lines = [
    '#!/bin/sh',
    `PATH="\${PATH#*${delimiter}}"`,
    `if [ "$1" = run ]; then`,
    `  touch "${arrived}/$$"`,
    `  while [ "$(ls "${arrived}" | wc -l)" -lt ${COUNT} ]; do sleep 0.05; done`,
    'fi',
    'exec docker "$@"',
  ];
  await writeFile(join(folder, 'docker'), `${lines.join('\n')}\n`);
  await chmod(join(folder, 'docker'), 0o755);
  return folder;
}

it('of what three runs of the CLI at once leave, it and we take the same, and the next once that is gone', async () => {
  const path = `${await dockerThatWaits()}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, DOCKER_HOST: dockerHost, PATH: path };
  const project = await ForeignProject.make({ [CONFIG_FILE]: '{"image":"shipshape-test/base:1"}' }, env);
  onTestFinished(() => project.remove());
  const { folder } = project;
  await Promise.all(Array.from({ length: COUNT }, () => project.up()));
  const mine = `label=devcontainer.local_folder=${folder}`;
  const made = (await project.docker('ps', '-aq', '--filter', mine)).split('\n');
  expect(made).toHaveLength(COUNT);
  const times = await project.docker('inspect', '--format', '{{.Created}} {{.Id}}', ...made);
  const [oldest = '', middle = '', newest = ''] = times.split('\n').sort().map((line) => line.split(' ')[1]); // prettier-ignore

  const core = await startCore({ dockerHost, folders: [folder] });
  onTestFinished(() => core.dispose());
  expect(core.item(folder)).toMatchObject({ containerId: newest });
  expect([...(core.item(folder).duplicates ?? [])].sort()).toEqual([oldest, middle].sort());
  expect(await core.up(folder)).toMatchObject({ outcome: 'succeeded', containerId: newest });

  await project.docker('rm', '-f', newest);
  // Before it is gone it has ended, and is one of the others for a moment.
  await snapshotWhere(core, () => core.item(folder).duplicates?.length === 1);
  expect(core.item(folder)).toMatchObject({ containerId: middle, duplicates: [oldest] });
  await project.docker('rm', '-f', oldest);
  await snapshotWhere(core, () => core.item(folder).duplicates === undefined);
  expect(core.item(folder)).toMatchObject({ containerId: middle, state: 'running' });
});
