import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { UpdateReport } from '../../src/api';
import { pushImage } from '../support/pushedImage';
import { startRegistry, type TestRegistry } from '../support/registry';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Containers';
const RUNS = ['CMD ["sleep","1000"]', 'STOPSIGNAL KILL'];
const place = inject('workbench');
const made: string[] = [];
let registry: TestRegistry;
let workbench: Workbench;

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
const push = (name: string, lines: readonly string[]): Promise<string> =>
  pushImage(place.dockerHost, `${registry.host}/${name}:1`, lines);
const look = (container: string): string => docker('inspect', '-f', '{{.State.Status}} {{.Id}}', container);

/** A container of an image in the registry, which has a newer one of these lines by now. */
async function outdated(container: string, project: string, newer: readonly string[]): Promise<string> {
  await push(container, [...RUNS, 'LABEL content=old']);
  made.push(container);
  docker('run', '-d', '--name', container, '-l', `com.docker.compose.project=${project}`, `${registry.host}/${container}:1`); // prettier-ignore
  return push(container, newer);
}

beforeAll(async () => {
  registry = await startRegistry();
  await outdated('osprey', 'shop', [...RUNS, 'LABEL content=new']);
  await outdated('puffin', 'mail', ['CMD ["sh","-c","exit 3"]']);
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
  await workbench.row('osprey', VIEW).waitFor();
});

afterAll(async () => {
  await workbench.close();
  docker('rm', '-f', ...made);
  for (const name of made) docker('rmi', '-f', `${registry.host}/${name}:1`);
  await registry.stop();
});

const dialog = () => workbench.page.locator('.monaco-dialog-box');

it('updates an outdated container by its button, after one question that says what happens', async () => {
  await workbench.runCommand('Shipshape: Check Images');
  const row = workbench.row(/^osprey, running, outdated/, VIEW);
  await row.waitFor();
  const before = look('osprey');
  await workbench.press(row, 'Update Image', dialog());
  const asked = (await dialog().innerText()).replace(/\s+/g, ' ');
  expect(asked).toMatch(/Update osprey\? osprey \(\S.*, shop\): \w{12} → \w{12} The image is fetched/);
  expect(asked).toContain('Files inside that are not on a volume are lost');
  await workbench.screenshot('update-question');
  await workbench.clickDialogButton('Update');
  await workbench.notification(/osprey \(.*, shop\): \w{12} → \w{12} was updated\./).waitFor();
  await workbench.row(/^osprey, running, .*up to date/, VIEW).waitFor();
  await workbench.screenshot('updated');
  expect(look('osprey')).toMatch(/^running /);
  expect(look('osprey')).not.toBe(before);
});

it('says why a container is back that did not run with its newer image', async () => {
  const before = look('puffin');
  await workbench.press(workbench.row(/^puffin, running, outdated/, VIEW), 'Update Image', dialog());
  await workbench.clickDialogButton('Update');
  const told = workbench.notification(/puffin .* was rolled back\. .* \(exit code 3\)\./);
  await told.waitFor();
  expect(look('puffin')).toBe(before);
  await workbench.screenshot('update-rolled-back');
  await workbench.clickNotificationButton(/puffin/, 'Show Report');
  await workbench.page
    .locator('.view-lines')
    .getByText(/rolled.back/)
    .first()
    .waitFor();
  await workbench.screenshot('update-report');
  const again = workbench.row(/^puffin, running/, VIEW);
  await workbench.press(again, 'Update Image', dialog());
  expect((await dialog().innerText()).replace(/\s+/g, ' ')).toContain('puffin did not work with it');
  await workbench.screenshot('update-quarantined');
  await workbench.clickDialogButton('Cancel');
});

it('shows the report as JSON too', async () => {
  await workbench.runCommand('Shipshape: Show Update Report');
  await workbench.pick('JSON');
  await workbench.page.locator('.view-lines').getByText('"containerId"').first().waitFor();
  const text = (await workbench.page.locator('.view-lines').innerText()).replace(/\u00a0/g, ' ');
  expect(text).toContain('"updated": "rolled back"' satisfies `"updated": "${UpdateReport['updated']}"`);
});
