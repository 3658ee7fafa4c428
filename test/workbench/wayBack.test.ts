import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startVsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const IMAGE = 'shipshape-test/base:1';
const VIEW = 'Dev Containers';
let folder: string;
let server: Awaited<ReturnType<typeof startVsCodeServer>>;
let workbench: Workbench;

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
const left = (): string[] =>
  docker('ps', '-aq', '--no-trunc', '--filter', `label=devcontainer.local_folder=${folder}`).split('\n').filter(Boolean); // prettier-ignore
const write = (more: Record<string, unknown> = {}): Promise<void> =>
  writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify({ name: 'api', image: IMAGE, ...more }, undefined, 2)); // prettier-ignore
const row = (name: string | RegExp) => workbench.row(name, VIEW);
const act = (of: RegExp, button: RegExp, shown: Locator): Promise<void> =>
  workbench.press(row(of), button, shown);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-back-'));
  await mkdir(join(folder, '.devcontainer'));
  await write();
  const version = place.version as '1.100.3';
  server = await startVsCodeServer({
    ...{ version, installed: join(import.meta.dirname, '../..') },
    env: { DOCKER_HOST: place.dockerHost },
  });
  workbench = await openWorkbench({ ...server, version, folder });
  await workbench.openView('Shipshape');
  await act(/^api, not created/, /Create or Start/, row('api, running'));
});

afterAll(async () => {
  await workbench.close();
  const ids = left();
  if (ids.length > 0) docker('rm', '-f', ...ids);
  await server.stop();
  await rm(folder, { recursive: true });
});

it('keeps both after a hook failed, says so on the row, and runs the hook again', async () => {
  const [old = ''] = left();
  await write({ postCreateCommand: 'test -e /workspaces/*/fixed || exit 4' });
  await row(/^api, running, 1 change/).waitFor();
  const said = workbench.notification(/postCreateCommand failed, exit 4/);
  await act(/^api, running/, /Recreate/, said);
  await row(/^api, running, postCreateCommand failed/).waitFor();
  await workbench.expand(row(/^api, running/), row(/kept for rolling back api/));
  await workbench.screenshot('hook-failed');
  expect(left()).toContain(old);
  await workbench.clickNotificationButton(/postCreateCommand failed/, 'Run Again');
  await workbench.notification(/postCreateCommand failed, exit 4/).waitFor();
  expect(left()).toContain(old);
});

it('rolls back from the menu, after a question', async () => {
  const [, old = ''] = left();
  await workbench.chooseFromMenu(row(/^api, running/), 'Roll Back Dev Container');
  await workbench.page.locator('.monaco-dialog-box').getByText('Roll back api?').waitFor();
  await workbench.screenshot('roll-back-question');
  await workbench.clickDialogButton('Roll Back');
  await row(/^api, running, 1 change/).waitFor();
  await expect.poll(() => left()).toEqual([old]);
  await workbench.screenshot('rolled-back');
});

it('does nothing on an answer to a failure that is over, and says so', async () => {
  const [only = ''] = left();
  await workbench.clickNotificationButton(/postCreateCommand failed/, 'Roll Back');
  await workbench.notification('api is not as it was when this failed: nothing was done.').waitFor();
  expect(left()).toEqual([only]);
});

it('says that a port is taken, with the old one running again', async () => {
  const taken = docker('run', '-d', '-p', '127.0.0.1::80', IMAGE, 'sleep', '1d');
  try {
    const port = docker('port', taken, '80').split(':').at(-1) ?? '';
    const [old] = left();
    await write({ appPort: `127.0.0.1:${port}:80` });
    await row(/^api, running, .*recreate needed/).waitFor();
    const said = workbench.notification(new RegExp(`${port}.*running again`));
    await act(/^api, running/, /Recreate/, said);
    await workbench.screenshot('port-taken');
    expect(left()).toEqual([old]);
  } finally {
    docker('rm', '-f', taken);
  }
});
