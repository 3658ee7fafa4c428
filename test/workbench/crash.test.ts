/** The extension host dies in the middle of a recreate; the editor starts another one. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OneDevContainer } from '../support/oneDevContainer';
import { commandLineOf, processesWith, signalProcess, waitFor, withDescendants } from '../support/processes';

const CHANNEL = 'Dev Container: api';
let ground: OneDevContainer;

/** The hook waits for this file, and ends with what is in it. */
const release = (name: string, exitCode: number): Promise<void> =>
  writeFile(join(ground.folder, name), String(exitCode));

const hosts = (): number[] =>
  withDescendants(processesWith(/^node/, ground.server.serverDataDir)).filter((pid) =>
    commandLineOf(pid).includes('--type=extensionHost'),
  );

/** The editor starts another host by itself twice; after that it asks. */
async function crash(): Promise<void> {
  const [host = 0, another] = hosts();
  expect(another).toBeUndefined();
  signalProcess(host, 'SIGKILL');
  const question = ground.workbench.notification(/terminated unexpectedly 3 times/);
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
  ground = await OneDevContainer.open();
});

afterAll(() => ground.close());

/** Recreates it with a hook that waits, and lets the host die then; gives the container that there was. */
async function crashInHook(file: string): Promise<string> {
  const [old = ''] = ground.left();
  const wait = `echo began ${file}; until [ -s ${file} ]; do sleep 0.1; done; echo over; exit $(cat ${file})`;
  ground.write({ postCreateCommand: wait });
  await ground.row(/^api, running, 1 change/).waitFor();
  await ground.act(/^api/, /Recreate/, ground.row(/running postCreateCommand/));
  await ground.workbench.outputSays(CHANNEL, `began ${file}`);
  await crash();
  await ground.row(/^api, running, running postCreateCommand$/).waitFor();
  return old;
}

it('picks the recreate up, tells its whole log in the same channel, and says that it is done', async () => {
  const old = await crashInHook('one');
  await ground.workbench.chooseFromMenu(ground.row(/^api/), 'Show Log');
  const panel = ground.workbench.page.locator('.part.panel .view-lines').first();
  await expect.poll(async () => (await panel.innerText()).replaceAll('\u00a0', ' ')).toContain('began one');
  await ground.workbench.screenshot('crash-picked-up');
  await release('one', 0);
  await ground.workbench.page
    .locator('.statusbar')
    .getByText(/api recreated/)
    .waitFor();
  await ground.row(/^api, running$/).waitFor();
  await ground.workbench.screenshot('crash-recreated');
  const log = await ground.workbench.outputSays(CHANNEL, '── Recreated after');
  expect([...log.matchAll(/── (\w+) ──/g)].map(([, name]) => name)).toEqual([
    'read',
    'create',
    'start',
    'postCreateCommand',
  ]);
  // Told by the times when it was, not when it is told again.
  const [, ...times] = [...log.matchAll(/^([\d:.]{12}) /gm)].map(([, time]) => time);
  expect(times).toEqual(times.toSorted());
  expect(ground.left()).toHaveLength(1);
  expect(ground.left()).not.toContain(old);
});

it('says how one ended that failed, with both containers to choose from', async () => {
  const old = await crashInHook('two');
  await release('two', 7);
  const said = ground.workbench.notification(/api: postCreateCommand failed, exit 7/);
  await said.waitFor();
  await ground.row(/^api, running, postCreateCommand failed/).waitFor();
  await ground.workbench.screenshot('crash-failed');
  expect(ground.left()).toHaveLength(2);
  expect(ground.left()).toContain(old);
  await ground.workbench.clickNotificationButton(/postCreateCommand failed, exit 7/, 'Roll Back');
  await ground.row(/^api, running, 1 change/).waitFor();
  await expect.poll(() => ground.left()).toEqual([old]);
});

it('is cancelled after the crash as before it', async () => {
  const old = await crashInHook('three');
  await ground.act(/^api/, /Cancel/, ground.workbench.notification(/api: Cancelled\./));
  await ground.workbench.screenshot('crash-cancelled');
  await expect.poll(() => ground.left()).toEqual([old]);
  expect(await ground.workbench.notifications()).toEqual([
    expect.stringContaining('The container it had is running again'),
  ]);
});
