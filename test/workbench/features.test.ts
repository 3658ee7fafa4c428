import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { baseImage } from '../support/baseImage';
import { waitFor } from '../support/processes';
import { startRegistry, type TestRegistry } from '../support/registry';
import { putFeature } from '../support/registryFeatures';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Dev Containers';
const place = inject('workbench');
let folder: string;
let registry: TestRegistry;
let workbench: Workbench;

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
const containers = (): string[] =>
  docker('ps', '-aq', '--filter', `label=devcontainer.local_folder=${folder}`).split('\n').filter(Boolean);
/** The CLI talks to this name alone without TLS. */
const idOf = (name: string): string =>
  `${registry.host.replace('127.0.0.1', 'localhost')}/features/${name}:1`;
const versions = (): Record<string, string> => {
  const text = readFileSync(join(folder, '.devcontainer/devcontainer-lock.json'), 'utf8');
  const { features } = JSON.parse(text) as { features: Record<string, { version: string }> };
  return Object.fromEntries(Object.entries(features).map(([id, { version }]) => [id, version]));
};

beforeAll(async () => {
  registry = await startRegistry();
  for (const name of ['tern', 'gull']) await putFeature(registry.url, name, '1.0.0');
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shipshape-plover-')));
  mkdirSync(join(folder, '.devcontainer'));
  const features = { [idOf('tern')]: {}, [idOf('gull')]: {} };
  writeFileSync(
    join(folder, '.devcontainer/devcontainer.json'),
    JSON.stringify({ name: 'plover', image: baseImage, features }),
  );
  workbench = await openWorkbench({ ...place, folder });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  docker('rm', '-f', ...containers());
  rmSync(folder, { recursive: true, force: true });
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
    const [id, other] = containers();
    if (id === undefined || other !== undefined) return false;
    try {
      return docker('exec', id, 'cat', '/tern') === '1.1.0' && id;
    } catch {
      return false;
    }
  }, 60_000); // prettier-ignore
  expect(docker('exec', made, 'cat', '/gull')).toBe('1.0.0');
});
