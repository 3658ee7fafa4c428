import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { baseImage } from '../support/baseImage';
import { DevFolder } from '../support/devFolder';
import { waitFor } from '../support/processes';
import { startRegistry, type TestRegistry } from '../support/registry';
import { putFeature } from '../support/registryFeatures';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Dev Containers';
const place = inject('workbench');
let folder: DevFolder;
let registry: TestRegistry;
let workbench: Workbench;

/** The CLI talks to this name alone without TLS. */
const idOf = (name: string): string =>
  `${registry.host.replace('127.0.0.1', 'localhost')}/features/${name}:1`;
const versions = (): Record<string, string> => {
  const text = readFileSync(folder.at('devcontainer-lock.json'), 'utf8');
  const { features } = JSON.parse(text) as { features: Record<string, { version: string }> };
  return Object.fromEntries(Object.entries(features).map(([id, { version }]) => [id, version]));
};

beforeAll(async () => {
  registry = await startRegistry();
  for (const name of ['tern', 'gull']) await putFeature(registry.url, name, '1.0.0');
  folder = new DevFolder(place.dockerHost, 'plover');
  folder.write({ name: 'plover', image: baseImage, features: { [idOf('tern')]: {}, [idOf('gull')]: {} } });
  workbench = await openWorkbench({ ...place, folder: folder.path });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  folder.remove();
  await registry.stop();
});

it('upgrades one Feature in the lockfile after a look at the difference, and offers the recreate that installs it', async () => {
  const row = workbench.row(/^plover\b/, VIEW);
  await row.waitFor();
  await workbench.press(row, 'Create or Start Dev Container', workbench.row(/^plover, running/, VIEW));
  expect(versions()).toEqual({ [idOf('tern')]: '1.0.0', [idOf('gull')]: '1.0.0' });
  for (const name of ['tern', 'gull']) await putFeature(registry.url, name, '1.1.0');
  await putFeature(registry.url, 'gull', '2.0.0');
  await workbench.chooseFromMenu(row, 'Upgrade a Feature');
  await workbench.page.getByText('2.0.0 is out, but the configuration does not allow it').waitFor();
  await workbench.screenshot('features');
  await workbench.pick(/tern:1/);
  const question = /Upgrade .*tern:1 1\.0\.0 → 1\.1\.0 in devcontainer-lock\.json\?/;
  await workbench.notification(question).waitFor();
  await workbench.page.locator('.monaco-diff-editor').first().waitFor();
  expect(versions()[idOf('tern')]).toBe('1.0.0');
  await workbench.screenshot('feature-diff');
  await workbench.clickNotificationButton(question, 'Upgrade');
  await workbench.row(/^plover, running, 1 change, rebuild needed/, VIEW).waitFor();
  expect(versions()).toEqual({ [idOf('tern')]: '1.1.0', [idOf('gull')]: '1.0.0' });
  const news = /plover no longer matches its configuration/;
  await workbench.notification(news).waitFor();
  await workbench.clickNotificationButton(news, 'Recreate');
  const made = await waitFor('the new container with the newer Feature', () => {
    const [id, other] = folder.containers();
    if (id === undefined || other !== undefined) return false;
    try {
      return folder.docker('exec', id, 'cat', '/tern') === '1.1.0' && id;
    } catch {
      return false;
    }
  }, 60_000); // prettier-ignore
  expect(folder.docker('exec', made, 'cat', '/gull')).toBe('1.0.0');
});
