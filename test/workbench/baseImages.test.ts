import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { pushImage } from '../support/pushedImage';
import { waitFor } from '../support/processes';
import { startRegistry, type TestRegistry } from '../support/registry';
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
const base = (): string => `${registry.host}/toolbox:1`;
/** The engine keeps what it has of that name. */
const publish = (content: string) => pushImage(place.dockerHost, base(), [`ENV CONTENT=${content}`]);

beforeAll(async () => {
  registry = await startRegistry();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shipshape-heron-')));
  mkdirSync(join(folder, '.devcontainer'));
  writeFileSync(
    join(folder, '.devcontainer/devcontainer.json'),
    JSON.stringify({ name: 'heron', build: { dockerfile: 'Dockerfile' } }),
  );
  writeFileSync(join(folder, '.devcontainer/Dockerfile'), `FROM ${base()} AS tools\nRUN echo made >/made\n`);
  await publish('one');
  workbench = await openWorkbench({ ...place, folder });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  docker('rm', '-f', ...containers());
  docker('rmi', '-f', base());
  rmSync(folder, { recursive: true, force: true });
  await registry.stop();
});

it('says of a dev container that was built here that its base is outdated, where that is named, and rebuilds with the newer one', async () => {
  const row = workbench.row(/^heron\b/, VIEW);
  await row.waitFor();
  await workbench.press(row, 'Create or Start Dev Container', workbench.row(/^heron, running/, VIEW));
  await workbench.runCommand('Shipshape: Check Images');
  await workbench.row(/^heron, running, base image up to date$/, VIEW).waitFor();
  await workbench.page.getByText('images up to date').first().waitFor();
  const first = containers();
  docker('tag', base(), 'shipshape-test/kept:1');
  await publish('two');
  docker('tag', 'shipshape-test/kept:1', base());
  docker('rmi', 'shipshape-test/kept:1');
  const outdated = workbench.row(/^heron, running, base image outdated$/, VIEW);
  await waitFor('the newer base to be seen', async () => {
    // Within five seconds the last answer is taken.
    await workbench.chooseFromMenu(row, 'Check Images Again Now');
    return outdated.isVisible();
  });
  await workbench.page.getByText('1 image outdated').first().waitFor();
  await outdated.hover();
  const hover = workbench.page.locator('.monaco-hover');
  await hover.getByText('Base image outdated').first().waitFor();
  const said = (await hover.first().innerText()).replace(/\s+/g, ' ');
  expect(said).toContain(`(${base()} in .devcontainer/Dockerfile, line 1, stage tools)`);
  expect(said).toMatch(/Base image here: sha256:\w{12}, in its registry: sha256:\w{12}/);
  await workbench.screenshot('base-outdated');
  await workbench.press(
    outdated,
    'Rebuild with Newer Base',
    workbench.row(/^heron, running, base image up to date$/, VIEW),
  );
  const [now = '', ...others] = containers();
  expect(others).toEqual([]);
  expect(first).not.toContain(now);
  expect(docker('exec', now, 'sh', '-c', 'echo $CONTENT')).toBe('two');
  expect(await workbench.outputText('Dev Container: heron')).toMatch(
    /toolbox:1 pulled: sha256:\w+ → sha256:\w+/,
  );
  await workbench.screenshot('base-rebuilt');
});
