import { afterAll, beforeAll, expect, it } from 'vitest';
import { OneDevContainer } from '../support/oneDevContainer';

let ground: OneDevContainer;

beforeAll(async () => {
  ground = await OneDevContainer.open();
});

afterAll(() => ground.close());

it('keeps both after a hook failed, says so on the row, and runs the hook again', async () => {
  const [old = ''] = ground.left();
  ground.write({ postCreateCommand: 'test -e /workspaces/*/fixed || exit 4' });
  await ground.row(/^api, running, 1 change/).waitFor();
  const said = ground.workbench.notification(/postCreateCommand failed, exit 4/);
  await ground.act(/^api, running/, /Recreate/, said);
  await ground.row(/^api, running, postCreateCommand failed/).waitFor();
  await ground.workbench.expand(ground.row(/^api, running/), ground.row(/kept for rolling back api/));
  await ground.workbench.screenshot('hook-failed');
  expect(ground.left()).toContain(old);
  await ground.workbench.clickNotificationButton(/postCreateCommand failed/, 'Run Again');
  await ground.workbench.notification(/postCreateCommand failed, exit 4/).waitFor();
  expect(ground.left()).toContain(old);
});

it('rolls back from the menu, after a question', async () => {
  const [, old = ''] = ground.left();
  await ground.workbench.chooseFromMenu(ground.row(/^api, running/), 'Roll Back Dev Container');
  await ground.workbench.page.locator('.monaco-dialog-box').getByText('Roll back api?').waitFor();
  await ground.workbench.screenshot('roll-back-question');
  await ground.workbench.clickDialogButton('Roll Back');
  await ground.row(/^api, running, 1 change/).waitFor();
  await expect.poll(() => ground.left()).toEqual([old]);
  await ground.workbench.screenshot('rolled-back');
});

it('does nothing on an answer to a failure that is over, and says so', async () => {
  const [only = ''] = ground.left();
  await ground.workbench.clickNotificationButton(/postCreateCommand failed/, 'Roll Back');
  await ground.workbench.notification('api is not as it was when this failed: nothing was done.').waitFor();
  expect(ground.left()).toEqual([only]);
});

it('says that a port is taken, with the old one running again', async () => {
  const taken = ground.runOther('-p', '127.0.0.1::80');
  try {
    const port = ground.docker('port', taken, '80').split(':').at(-1) ?? '';
    const [old] = ground.left();
    ground.write({ appPort: `127.0.0.1:${port}:80` });
    await ground.row(/^api, running, .*recreate needed/).waitFor();
    const said = ground.workbench.notification(new RegExp(`${port}.*running again`));
    await ground.act(/^api, running/, /Recreate/, said);
    await ground.workbench.screenshot('port-taken');
    expect(ground.left()).toEqual([old]);
  } finally {
    ground.docker('rm', '-f', taken);
  }
});
