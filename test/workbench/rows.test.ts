import Docker from 'dockerode';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { sleeper } from '../support/chaos';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Containers';
const place = inject('workbench');
const docker = new Docker({ socketPath: place.dockerHost.replace('unix://', '') });
const made: Docker.Container[] = [];
let workbench: Workbench;

beforeAll(async () => {
  for (const name of ['gull', 'heron']) {
    made.push(await docker.createContainer({ ...sleeper, name }));
  }
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
  await workbench.row('gull', VIEW).waitFor();
});

afterAll(async () => {
  await workbench.close();
  for (const container of made) await container.remove({ force: true });
});

it('narrows the rows as a filter is typed, says so, and widens them when the user gives up', async () => {
  await workbench.runCommand('Shipshape: Filter');
  await workbench.quickInput().fill('HER created');
  await workbench.row('gull', VIEW).waitFor({ state: 'detached' });
  expect((await workbench.rows(VIEW)).map((row) => row.split(',')[0])).toEqual(['heron']);
  await workbench.view().getByText('filter: HER created').first().waitFor();
  await workbench.view().getByText('Nothing matches the filter. 1 dev container hidden.').waitFor();
  await workbench.screenshot('filter');
  await workbench.page.keyboard.press('Escape');
  await workbench.row('gull', VIEW).waitFor();
});
