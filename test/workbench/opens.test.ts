import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openWorkbench, type Workbench } from '../support/workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench(inject('workbench'));
});
afterAll(() => workbench.close());

it('has a place in the activity bar with two views', async () => {
  await workbench.openView('Shipshape');
  for (const title of ['Dev Containers', 'Containers']) {
    await workbench.page.locator('.sidebar').getByRole('button', { name: title }).first().waitFor();
  }
  expect(await workbench.screenshot('opens')).toContain('out/screenshots');
});
