import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startHoldingWay, type HoldingWay } from '../support/holdingWay';
import { waitFor } from '../support/processes';
import { checkout } from '../support/sample';
import { startVsCodeServer, type VsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const IMAGE = 'shipshape-test/base:1';
const VIEW = 'Dev Containers';
const NEVER = "Don't Ask Again for This Folder";
const parent = mkdtempSync(join(tmpdir(), 'shipshape-losses-'));
const folder = join(parent, 'open');
/** Never opened in the window. */
const far = join(parent, 'elsewhere', 'far');
const ran = join(parent, 'ran');
let way: HoldingWay;
let server: VsCodeServer;
let workbench: Workbench;

beforeAll(async () => {
  for (const name of ['api', 'web'])
    writeConfig(join(folder, name), { image: IMAGE, containerEnv: { A: '1' } });
  writeFiles(join(folder, 'shop'), {
    '.devcontainer/devcontainer.json': JSON.stringify({
      ...{ dockerComposeFile: 'compose.yml', service: 'app', workspaceFolder: '/' },
    }),
    '.devcontainer/compose.yml': compose('1'),
  });
  way = await startHoldingWay(place.dockerHost.replace('unix://', ''), /^GET \S*\/changes/);
  const env = { DOCKER_HOST: way.endpoint };
  const version = place.version as '1.100.3';
  server = await startVsCodeServer({ version, installed: checkout, env });
  workbench = await openWorkbench({ ...server, version, folder });
  await workbench.openView('Shipshape');
  for (const name of ['api', 'web', 'shop']) await row(`${name}, not created`).waitFor();
  for (const name of ['api', 'web']) {
    await create(name);
    docker('exec', container(name), 'sh', '-c', 'echo created > /tmp/created');
  }
});

afterAll(async () => {
  await workbench.close();
  await server.stop();
  way.stop();
  const all = docker('ps', '-aq', '--filter', 'label=devcontainer.local_folder').split('\n');
  const ours = all.filter(
    (id) => id && docker('inspect', '-f', '{{json .Config.Labels}}', id).includes(parent),
  );
  const project = docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=shop_devcontainer');
  const ids = [...new Set([...ours, ...project.split('\n')])].filter(Boolean);
  if (ids.length > 0) docker('rm', '-f', '-v', ...ids);
  rmSync(parent, { recursive: true });
});

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
const container = (name: string, at = join(folder, name)): string =>
  docker('ps', '-q', '--no-trunc', '--filter', `label=devcontainer.local_folder=${at}`);
const write = (name: string, script: string): string => docker('exec', container(name), 'sh', '-c', script);
const dialog = () => workbench.page.locator('.monaco-dialog-box');
const row = (name: string | RegExp) => workbench.row(name, VIEW);
const compose = (value: string): string => `version: "3.4"
services:
  app: { image: "${IMAGE}", command: sleep 1000 }
  db: { image: "${IMAGE}", command: sleep 1000, environment: { A: "${value}" } }
`;

function writeFiles(at: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), text);
  }
}

function writeConfig(at: string, config: object): void {
  writeFiles(at, { '.devcontainer/devcontainer.json': JSON.stringify(config) });
}

async function create(name: string): Promise<void> {
  await workbench.runCommand('Shipshape: Create or Start Dev Container');
  await workbench.pick(name);
  await ended(name, 'started');
}

/** With this message a job ends, and shows its row: a quick pick that is open then closes. */
async function ended(name: string, how: string): Promise<void> {
  const message = workbench.page.locator('.statusbar').getByText(`${name} ${how} in`);
  await message.waitFor({ timeout: 60_000 });
  await row(new RegExp(`^${name}, running$`)).waitFor();
}

/** From the row's menu; gives the id of the container before. */
async function recreate(name: string, command = 'Recreate Dev Container'): Promise<string> {
  const before = container(name);
  await workbench.chooseFromMenu(row(new RegExp(`^${name},`)), command);
  return before;
}

async function isRecreated(name: string, before: string): Promise<void> {
  await waitFor(`${name} to be another one`, () => ![before, ''].includes(container(name)), 60_000);
  await row(new RegExp(`^${name}, running$`)).waitFor();
}

it('asks nothing where only a hook and the CLI itself have written', async () => {
  await isRecreated('api', await recreate('api'));
  expect(await dialog().count()).toBe(0);
});

it('says what would be lost, and keeps it when the user gives up', async () => {
  writeConfig(join(folder, 'api'), { image: IMAGE, containerEnv: { A: '2' } });
  await row(/^api, running, 1 change/).waitFor();
  write('api', 'mkdir -p /opt/tool && cd /opt/tool && head -c 2500000 /dev/zero > big && touch a b');
  write('api', 'echo x > /root/notes; echo x > "/root/a\nb"; echo x >> /etc/passwd; echo x > /srv-data');
  const before = await recreate('api');
  await dialog().getByText('Recreate api?').waitFor();
  const said = await dialog().innerText();
  expect(said).toContain('Changed: containerEnv.A.');
  expect(said).toMatch(/7 files that are not on a volume will be lost \(2\.\d MB written in all\):/);
  expect(said).toContain('/opt/tool (3 files)\n/root (2 files)\n/etc/passwd\n/srv-data');
  await workbench.screenshot('lost');
  await workbench.clickDialogButton('Cancel');
  await dialog().waitFor({ state: 'detached' });
  expect(container('api')).toBe(before);
});

it('shows all of it in a document, beside which the question stands again', async () => {
  const before = await recreate('api');
  await workbench.clickDialogButton('Show Details');
  const { page } = workbench;
  await page.locator('.tab').getByText('What Is Lost').waitFor();
  const lines = page.locator('.monaco-editor .view-line');
  await lines.filter({ hasText: '/opt/tool/big' }).waitFor();
  await lines.filter({ hasText: '/root/a\\u000ab' }).waitFor();
  await workbench.notification('Recreate api?').getByRole('button', { name: 'Recreate' }).waitFor();
  await workbench.screenshot('lost-details');
  expect(container('api')).toBe(before);
  await workbench.clickNotificationButton('Recreate api?', 'Recreate');
  await isRecreated('api', before);
  expect(write('api', 'ls -A /root')).not.toContain('notes');
});

it('says that it could not be found out where the engine does not tell, and goes on', async () => {
  way.hold(true);
  try {
    const before = await recreate('api', 'Recreate Dev Container without Cache');
    await dialog().getByText('What would be lost could not be found out').waitFor();
    await workbench.screenshot('lost-unknown');
    await workbench.clickDialogButton(/^Recreate$/);
    await isRecreated('api', before);
  } finally {
    way.hold(false);
  }
});

it('shows that it looks where that takes long, and can be given up', async () => {
  way.hold(true);
  try {
    const before = await recreate('api');
    const title = 'Looking at what a recreate would lose';
    await workbench.notification(title).waitFor();
    await workbench.clickNotificationButton(title, 'Cancel');
    await workbench.notification(title).waitFor({ state: 'detached' });
    expect(await dialog().count()).toBe(0);
    expect(container('api')).toBe(before);
  } finally {
    way.hold(false);
  }
});

it('asks no more for a folder, once told so, but still for others', async () => {
  write('api', 'touch /root/again');
  const before = await recreate('api');
  await workbench.clickDialogButton(NEVER);
  await isRecreated('api', before);
  write('api', 'touch /root/again');
  await isRecreated('api', await recreate('api'));
  expect(await dialog().count()).toBe(0);
  write('web', 'touch /root/kept');
  await recreate('web');
  await dialog().getByText('/root/kept').waitFor();
  await workbench.clickDialogButton('Cancel');
});

it('asks one question for all that changed', async () => {
  for (const name of ['api', 'web']) {
    writeConfig(join(folder, name), { image: IMAGE, containerEnv: { A: '3' } });
    await row(new RegExp(`^${name}, running, 1 change`)).waitFor();
  }
  const before = [container('api'), container('web')] as const;
  await workbench.runCommand('Shipshape: Recreate All Changed Dev Containers');
  await dialog().getByText('Recreate 2 dev containers?').waitFor();
  await dialog().getByText('/root/kept').waitFor();
  await workbench.screenshot('lost-several');
  await workbench.clickDialogButton(/^Recreate$/);
  await isRecreated('api', before[0]);
  await isRecreated('web', before[1]);
  expect(await dialog().count()).toBe(0);
});

it('tells of a folder that is not trusted, and what would be lost, in one question', async () => {
  writeConfig(far, { image: IMAGE, initializeCommand: ['touch', ran] });
  const labels = {
    'devcontainer.local_folder': far,
    'devcontainer.config_file': join(far, '.devcontainer/devcontainer.json'),
  };
  const args = Object.entries(labels).flatMap(([key, value]) => ['-l', `${key}=${value}`]);
  const id = docker(
    'run',
    '-d',
    '--stop-timeout',
    '0',
    '-v',
    '/cargo',
    ...args,
    IMAGE,
    'sh',
    '-c',
    'touch /root/lost; sleep 1000',
  );
  await row(/^far, running/).waitFor();
  await workbench.chooseFromMenu(row(/^far,/), 'Recreate Dev Container');
  await dialog().getByText('not opened as a trusted workspace').waitFor();
  const said = await dialog().innerText();
  expect(said).toContain(`Runs on this machine: ["touch","${ran}"]`);
  expect(said).toContain('/root/lost');
  expect(said).toContain('The volume at /cargo has no name');
  // It could silence what has to be asked.
  expect(said).not.toContain("Don't Ask");
  await workbench.screenshot('lost-foreign');
  await workbench.clickDialogButton('Cancel');
  await dialog().waitFor({ state: 'detached' });
  expect(container('far', far)).toBe(id);
  expect(existsSync(ran)).toBe(false);

  const web = container('web');
  await row(/^web,/).click();
  await row(/^far,/).click({ modifiers: ['ControlOrMeta'] });
  await workbench.chooseFromMenu(row(/^far,/), 'Recreate Dev Container');
  await dialog().getByText('Recreate 2 dev containers? 1 of them is not trusted.').waitFor();
  expect(await dialog().innerText()).toContain('far belongs to a folder that was not opened');
  await workbench.screenshot('lost-partly-foreign');
  await workbench.clickDialogButton('Recreate Only Trusted');
  await isRecreated('web', web);
  expect(container('far', far)).toBe(id);
  expect(existsSync(ran)).toBe(false);
  await row(/^web,/).click();

  await workbench.chooseFromMenu(row(/^far,/), 'Recreate Dev Container');
  await workbench.clickDialogButton(/^Recreate$/);
  await waitFor('the host command', () => existsSync(ran), 60_000);
  await ended('far', 'recreated');
  expect([id, '']).not.toContain(container('far', far));
  expect(await dialog().count()).toBe(0);
});

it('names the containers that Compose would replace besides', async () => {
  await create('shop');
  writeFiles(join(folder, 'shop'), { '.devcontainer/compose.yml': compose('2') });
  await row(/^shop, running, 1 change/).waitFor();
  const project = (): string =>
    docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=shop_devcontainer');
  const before = project();
  await recreate('shop');
  await dialog().getByText('Compose also replaces db').waitFor();
  await workbench.screenshot('lost-compose');
  await workbench.clickDialogButton('Cancel');
  await dialog().waitFor({ state: 'detached' });
  expect(project()).toBe(before);
});
