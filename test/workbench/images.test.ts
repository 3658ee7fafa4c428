import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { baseImage } from '../support/baseImage';
import { waitFor } from '../support/processes';
import { startRegistry, type TestRegistry } from '../support/registry';
import { putImage } from '../support/registryImages';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Containers';
const place = inject('workbench');
const made: string[] = [];
const names: string[] = [];
let registry: TestRegistry;
let gone: TestRegistry;
let workbench: Workbench;

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

/** Puts the base image into the registry under this name, as a person does. */
function push(name: string): string {
  docker('tag', baseImage, name);
  names.push(name);
  docker('push', name);
  return name;
}

function run(name: string, image: string, ...options: string[]): void {
  made.push(name);
  docker('run', '-d', '--name', name, ...options, image, 'sleep', '1d');
}

/** Another image of this name, in the registry only. */
const renew = (repository: string, tag: string) =>
  putImage({ url: registry.url, repository, tag, content: 'new' });

beforeAll(async () => {
  [registry, gone] = await Promise.all([startRegistry(), startRegistry()]);
  const [moving, still] = [push(`${registry.host}/moving:1`), push(`${registry.host}/still:1`)];
  const digest = docker('inspect', '-f', '{{index .RepoDigests 0}}', still).replace(/^.*@/, '');
  run('bittern', still);
  run('crane', `${registry.host}/still@${digest}`);
  run('dunlin', baseImage);
  run('egret', push(`${gone.host}/app:1`));
  run('heron', moving);
  run('shop-db', moving, '-l', 'com.docker.compose.project=shop');
  run('devc', moving, '-l', 'devcontainer.local_folder=/old/grebe');
  made.push('ibis');
  docker('create', '--name', 'ibis', still);
  await renew('moving', '1');
  await gone.stop();
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
  await workbench.row('heron', VIEW).waitFor();
});

afterAll(async () => {
  await workbench.close();
  docker('rm', '-f', ...made);
  docker('rmi', ...names);
  await registry.stop();
});

it('says nothing of images until it is asked, then how each one stands and why', async () => {
  expect((await workbench.rows(VIEW)).join()).not.toMatch(/outdated|up to date/);
  await workbench.runCommand('Shipshape: Check Images');
  await workbench.row(/^heron, running, outdated, .*moving:1$/, VIEW).waitFor();
  await workbench.row(/^bittern, running, .*still:1, up to date$/, VIEW).waitFor();
  await workbench.row(/^crane, running, .*pinned to a digest$/, VIEW).waitFor();
  await workbench.row(/^dunlin, running, .*built locally, or pulled under another name$/, VIEW).waitFor();
  await workbench.row(/^egret, running, check failed, .*app:1$/, VIEW).waitFor();
  await workbench.row(/^ibis, created, .*preparing$/, VIEW).waitFor();
  await workbench.row(/^Compose project shop, 1 running, outdated$/, VIEW).waitFor();
  await workbench.row(/^grebe, running, .*image outdated$/, 'Dev Containers').waitFor();
  await workbench.row('heron', VIEW).hover();
  await workbench.page.locator('.monaco-hover').getByText('Image outdated').first().waitFor();
  const hover = await workbench.page.locator('.monaco-hover').first().innerText();
  const said = hover.replace(/\s+/g, ' ');
  expect(said).toMatch(/Image outdated: .* has a newer image\. Checked just now\./);
  expect(said).toMatch(/Image here: sha256:\w{12}, in its registry: sha256:\w{12}/);
  await workbench.screenshot('images');
});

it('filters by it, and asks once more when told to', async () => {
  await workbench.runCommand('Shipshape: Filter');
  await workbench.quickInput().fill('outdated');
  await workbench.row('bittern', VIEW).waitFor({ state: 'detached' });
  await workbench.row('heron', VIEW).waitFor();
  await workbench.page.keyboard.press('Escape');
  await workbench.row('bittern', VIEW).waitFor();
  await renew('still', '1');
  const row = workbench.row('bittern', VIEW);
  await waitFor('the newer image to be seen', async () => {
    // Within five seconds the last answer is taken.
    await workbench.chooseFromMenu(row, 'Check Images Again Now');
    return (await row.getAttribute('aria-label'))?.includes('outdated') ?? false;
  });
  await workbench.screenshot('images-again');
});

it('shows what it knew when the window is opened anew', async () => {
  await workbench.close();
  workbench = await openWorkbench(place);
  await workbench.openView('Shipshape');
  await workbench.row(/^heron, running, outdated, .*moving:1$/, VIEW).waitFor();
  // What went wrong is no answer.
  expect(await workbench.row('egret', VIEW).getAttribute('aria-label')).not.toContain('failed');
});
