/** The extension host dies in the middle of a recreate; the editor starts another one. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { commandLineOf, processesWith, signalProcess, waitFor, withDescendants } from '../support/processes';
import { startVsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const VIEW = 'Dev Containers';
const CHANNEL = 'Dev Container: api';
let folder: string;
let server: Awaited<ReturnType<typeof startVsCodeServer>>;
let workbench: Workbench;

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
const left = (): string[] =>
  docker('ps', '-aq', '--no-trunc', '--filter', `label=devcontainer.local_folder=${folder}`).split('\n').filter(Boolean); // prettier-ignore
const row = (name: string | RegExp) => workbench.row(name, VIEW);

/** The hook waits for this file, and ends with what is in it. */
const release = (name: string, exitCode: number): Promise<void> =>
  writeFile(join(folder, name), String(exitCode));
const write = (file?: string): Promise<void> => {
  const wait = `echo began ${file}; until [ -s ${file} ]; do sleep 0.1; done; echo over; exit $(cat ${file})`;
  const config = {
    name: 'api',
    image: 'shipshape-test/base:1',
    ...(file ? { postCreateCommand: wait } : {}),
  };
  return writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify(config, undefined, 2));
};

const hosts = (): number[] =>
  withDescendants(processesWith(/^node/, server.serverDataDir)).filter((pid) =>
    commandLineOf(pid).includes('--type=extensionHost'),
  );

/** The editor starts another host by itself twice; after that it asks. */
async function crash(): Promise<void> {
  const [host = 0, another] = hosts();
  expect(another).toBeUndefined();
  signalProcess(host, 'SIGKILL');
  const question = workbench.notification(/terminated unexpectedly 3 times/);
  await waitFor(
    'another extension host',
    async () => {
      if (await question.isVisible()) await question.getByRole('button', { name: /Restart/ }).click();
      return hosts().some((pid) => pid !== host);
    },
    60_000,
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-crash-'));
  await mkdir(join(folder, '.devcontainer'));
  await write();
  const version = place.version as '1.100.3';
  const installed = join(import.meta.dirname, '../..');
  server = await startVsCodeServer({ version, installed, env: { DOCKER_HOST: place.dockerHost } });
  workbench = await openWorkbench({ ...server, version, folder });
  await workbench.openView('Shipshape');
  await workbench.press(row(/^api, not created/), /Create or Start/, row('api, running'));
});

afterAll(async () => {
  await workbench.close();
  const ids = left();
  if (ids.length > 0) docker('rm', '-f', ...ids);
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Recreates it with a hook that waits, and lets the host die then; gives the container that there was. */
async function crashInHook(file: string): Promise<string> {
  const [old = ''] = left();
  await write(file);
  await row(/^api, running, 1 change/).waitFor();
  await workbench.press(row(/^api/), /Recreate/, row(/running postCreateCommand/));
  await workbench.outputSays(CHANNEL, `began ${file}`);
  await crash();
  await row(/^api, running, running postCreateCommand$/).waitFor();
  return old;
}

it('picks the recreate up, tells its whole log in the same channel, and says that it is done', async () => {
  const old = await crashInHook('one');
  await workbench.chooseFromMenu(row(/^api/), 'Show Log');
  const panel = workbench.page.locator('.part.panel .view-lines').first();
  await expect.poll(async () => (await panel.innerText()).replaceAll('\u00a0', ' ')).toContain('began one');
  await workbench.screenshot('crash-picked-up');
  await release('one', 0);
  await workbench.page
    .locator('.statusbar')
    .getByText(/api recreated/)
    .waitFor();
  await row(/^api, running$/).waitFor();
  await workbench.screenshot('crash-recreated');
  const log = await workbench.outputSays(CHANNEL, '── Recreated after');
  expect([...log.matchAll(/── (\w+) ──/g)].map(([, name]) => name)).toEqual([
    'read',
    'create',
    'start',
    'postCreateCommand',
  ]);
  // Told by the times when it was, not when it is told again.
  const [, ...times] = [...log.matchAll(/^([\d:.]{12}) /gm)].map(([, time]) => time);
  expect(times).toEqual(times.toSorted());
  expect(left()).toHaveLength(1);
  expect(left()).not.toContain(old);
});

it('says how one ended that failed, with both containers to choose from', async () => {
  const old = await crashInHook('two');
  await release('two', 7);
  const said = workbench.notification(/api: postCreateCommand failed, exit 7/);
  await said.waitFor();
  await row(/^api, running, postCreateCommand failed/).waitFor();
  await workbench.screenshot('crash-failed');
  expect(left()).toHaveLength(2);
  expect(left()).toContain(old);
  await workbench.clickNotificationButton(/postCreateCommand failed, exit 7/, 'Roll Back');
  await row(/^api, running, 1 change/).waitFor();
  await expect.poll(left).toEqual([old]);
});

it('is cancelled after the crash as before it', async () => {
  const old = await crashInHook('three');
  await workbench.press(row(/^api/), /Cancel/, workbench.notification(/api: Cancelled\./));
  await workbench.screenshot('crash-cancelled');
  await expect.poll(left).toEqual([old]);
  expect(await workbench.notifications()).toEqual([
    expect.stringContaining('The container it had is running again'),
  ]);
});
