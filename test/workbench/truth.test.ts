import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startPodmanEngine, type TestPodman } from '../support/podmanEngine';
import { startVsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const IMAGE = 'shipshape-test/base:1';
const VIEW = 'Dev Containers';
let folder: string;
/** Where the user's own sockets are looked for. */
let runtime: string;
let podman: TestPodman;
let server: Awaited<ReturnType<typeof startVsCodeServer>>;
let workbench: Workbench;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-truth-'));
  await mkdir(join(folder, 'api', '.devcontainer'), { recursive: true });
  await writeFile(
    join(folder, 'api', '.devcontainer', 'devcontainer.json'),
    JSON.stringify({ image: IMAGE }),
  );
  await mkdir(join(`${folder}-else`, 'web'), { recursive: true });
  podman = await startPodmanEngine();
  runtime = await mkdtemp(join(tmpdir(), 'shipshape-runtime-'));
  await mkdir(join(runtime, 'podman'));
  await symlink(podman.socketPath, join(runtime, 'podman', 'podman.sock'));
  const version = place.version as '1.100.3';
  const env = { DOCKER_HOST: place.dockerHost, XDG_RUNTIME_DIR: runtime };
  server = await startVsCodeServer({ version, installed: join(import.meta.dirname, '../..'), env });
  workbench = await openWorkbench({ ...server, version, folder });
  await workbench.openView('Shipshape');
  await workbench.row('api, not created', VIEW).waitFor();
});

afterAll(async () => {
  const ids = docker('ps', '-aq', '--filter', `label=test=${folder}`);
  if (ids) docker('rm', '-f', ...ids.split('\n'));
  await workbench.close();
  await server.stop();
  await podman.stop();
  for (const each of [folder, `${folder}-else`, runtime]) await rm(each, { recursive: true });
});

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
/** A container of a folder that is not open, as another tool would have made it. */
const make = (how: 'run' | 'create', name: string): string => {
  const labels = {
    'devcontainer.local_folder': `${folder}-else/web`,
    'devcontainer.config_file': `${folder}-else/web/.devcontainer.json`,
    test: folder,
  };
  const args = Object.entries(labels).flatMap(([key, value]) => ['-l', `${key}=${value}`]);
  return docker(how, ...(how === 'run' ? ['-d'] : []), '--name', name, ...args, IMAGE, 'sleep', '1d');
};
const rowIn = (name: string | RegExp) => workbench.row(name, VIEW);

it('shows the newest as the dev container, an older one that runs as its duplicate, and removes all at once', async () => {
  make('run', 'web-old');
  make('create', 'web-older-twin');
  const newest = make('create', 'web-new');
  await rowIn('web, created, 2 duplicates, one running').waitFor();
  await workbench.expand(rowIn(/^web, created/), rowIn(`web-old, duplicate of web, running, ${IMAGE}`));
  await workbench.screenshot('duplicates');
  await rowIn(/^web-old,/).click();
  await rowIn(/^web-older-twin,/).click({ modifiers: ['Shift'] });
  await workbench.chooseFromMenu(rowIn(/^web-old,/), 'Remove');
  await workbench.page.locator('.monaco-dialog-box').getByText('Remove 2 duplicates of web?').waitFor();
  await workbench.screenshot('duplicates-remove');
  await workbench.clickDialogButton('Remove');
  await rowIn(/^web, created$/).waitFor();
  expect(docker('ps', '-aq', '--no-trunc', '--filter', `label=test=${folder}`)).toBe(newest);
});

it('removes the duplicates of a dev container, whatever is selected', async () => {
  const newest = make('create', 'web-newest');
  await rowIn('web, created, 1 duplicate').waitFor();
  await workbench.chooseFromMenu(rowIn(/^web, created/), 'Remove Duplicates of Dev Container');
  await workbench.page
    .locator('.monaco-dialog-box')
    .getByText('Remove "web-new", a duplicate of web?')
    .waitFor();
  await workbench.screenshot('duplicates-remove-all');
  await workbench.clickDialogButton('Remove');
  await rowIn(/^web, created$/).waitFor();
  expect(docker('ps', '-aq', '--no-trunc', '--filter', `label=test=${folder}`)).toBe(newest);
});

it('spares a duplicate that counts by the time of the answer', async () => {
  make('create', 'web-last');
  await rowIn('web, created, 1 duplicate').waitFor();
  await workbench.chooseFromMenu(rowIn(/^web, created/), 'Remove Duplicates of Dev Container');
  await workbench.page.locator('.monaco-dialog-box').getByText('Remove "web-newest", a duplicate').waitFor();
  docker('rm', 'web-last');
  await rowIn(/^web, created$/).waitFor();
  await workbench.clickDialogButton('Remove');
  await workbench.notification(/web-newest is the container that counts by now/).waitFor();
  await workbench.screenshot('duplicate-spared');
  expect(docker('ps', '-aq', '--filter', 'name=web-newest')).not.toBe('');
});

it('keeps one whose container is gone, with Recreate and Forget', async () => {
  docker('rm', '-f', 'web-newest');
  await rowIn(/^web, container gone/).waitFor();
  const menu = await workbench.menuOf(rowIn(/^web/));
  expect(menu).toContain('Recreate Dev Container');
  expect(menu).toContain('Forget');
  expect(menu).not.toContain('Remove');
  await workbench.screenshot('container-gone');
  await workbench.chooseFromMenu(rowIn(/^web/), 'Forget');
  await rowIn(/^web/).waitFor({ state: 'detached' });
});

it('asks on which of several engines to create, once, and creates there', async () => {
  await workbench.runCommand('Shipshape: Choose Engines');
  await workbench.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: runtime }).click();
  await workbench.page.keyboard.press('Enter');
  // One that has not answered yet is no choice.
  await rowIn(/engine Podman.*, 0 running/).waitFor();
  const options = workbench.page.locator('.quick-input-widget').getByRole('option');
  await workbench.press(rowIn(/^api/), /Create or Start/, options.filter({ hasText: 'Podman' }));
  await workbench.screenshot('engine-question');
  // The engine where the row stands comes first, so that Enter alone takes it.
  expect(await options.first().innerText()).toContain(place.dockerHost);
  await workbench.pick(/Podman/);
  await rowIn(/^api, running$/).waitFor();
  await workbench.screenshot('engine-placed');
  const there = (host: string): string =>
    execFileSync('docker', ['-H', host, 'ps', '-q'], { encoding: 'utf8' });
  expect(there(podman.endpoint)).not.toBe('');

  await workbench.chooseFromMenu(rowIn(/^api/), 'Remove');
  await workbench.clickDialogButton('Remove');
  await rowIn('api, not created').waitFor();
  await workbench.press(rowIn(/^api/), /Create or Start/, rowIn(/^api, running$/));
  expect(there(podman.endpoint)).not.toBe('');
});
