import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startPodmanEngine, type TestPodman } from '../support/podmanEngine';
import { waitFor } from '../support/processes';
import { startVsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Dev Containers';
const place = inject('workbench');
let folder: string;
let podman: TestPodman;
let silent: Server;
let server: Awaited<ReturnType<typeof startVsCodeServer>>;
let workbench: Workbench;

/** A machine with three Docker contexts: a Docker, a Podman, and one that takes calls and never answers. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-contexts-'));
  podman = await startPodmanEngine();
  silent = createServer(() => undefined);
  const silentSocket = join(folder, 'silent.sock');
  await new Promise<void>((resolve) => silent.listen(silentSocket, resolve));
  await makeContext('main', place.dockerHost);
  await makeContext('pod', podman.endpoint);
  await makeContext('stuck', `unix://${silentSocket}`);
  await useContext('main');
  docker('create', '--name', 'only-docker', 'shipshape-test/base:1');
  const env = { DOCKER_HOST: '', DOCKER_CONFIG: folder, XDG_RUNTIME_DIR: folder };
  const version = place.version as '1.100.3';
  server = await startVsCodeServer({ version, installed: join(import.meta.dirname, '../..'), env });
  workbench = await openWorkbench({ ...server, version, folder: place.folder });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  docker('rm', 'only-docker');
  await workbench.close();
  await server.stop();
  silent.close();
  await podman.stop();
  await rm(folder, { recursive: true });
});

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' });

async function makeContext(name: string, host: string): Promise<void> {
  const meta = join(folder, 'contexts/meta', createHash('sha256').update(name).digest('hex'));
  await mkdir(meta, { recursive: true });
  const value = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
  await writeFile(join(meta, 'meta.json'), JSON.stringify(value));
}

const useContext = (name: string): Promise<void> =>
  writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: name }));
const option = (name: RegExp) =>
  workbench.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: name });
const isChecked = (name: RegExp): Promise<boolean> => option(name).getByRole('checkbox').first().isChecked();
const accept = (): Promise<void> => workbench.page.keyboard.press('Enter');

it('offers every engine at once, says which answer, and takes several', async () => {
  await workbench.runCommand('Shipshape: Choose Engines');
  await option(/^pod/).waitFor();
  expect(await isChecked(/As the docker command/)).toBe(true);
  // One of them has not answered yet: what is chosen meanwhile stays chosen.
  await option(/^stuck.*asking…/).waitFor();
  await option(/^pod/).click();
  await option(/^pod.*answers/).waitFor();
  await option(/^stuck.*does not answer/).waitFor();
  expect(await isChecked(/^pod/)).toBe(true);
  await option(/As the docker command.*answers.*by the context "main"/).waitFor();
  await option(/^main.*answers.*the docker command.s choice/).waitFor();
  await workbench.screenshot('engines-pick');
  await accept();
  await workbench.row(/pod/, VIEW).waitFor();
  await workbench.row(/main/, VIEW).waitFor();
  await workbench.screenshot('engines-two');
});

it('shows several each in its place, of which one that does not answer delays no other', async () => {
  await workbench.runCommand('Shipshape: Choose Engines');
  await option(/^pod/).click();
  await option(/^stuck/).click();
  await accept();
  await workbench.row('engine stuck, not answering', VIEW).waitFor();
  const rows = await workbench.rows(VIEW);
  expect(rows[0]).toMatch(/^engine main/);
  expect(rows.at(-1)).toMatch(/^engine stuck, not answering.*does not answer: .*choose another/);
  await workbench.row(/only-docker/, 'Containers').waitFor();
  await workbench.screenshot('engines-stuck');
  await workbench.runCommand('Shipshape: Choose Engines');
  await option(/^stuck/).click();
  await option(/^pod/).click();
  await accept();
  await workbench.row(/stuck/, VIEW).waitFor({ state: 'detached' });
});

it('follows a switch of the context', async () => {
  await workbench.runCommand('Shipshape: Choose Engines');
  await option(/^pod/).click();
  await accept();
  await workbench.row(/pod/, VIEW).waitFor({ state: 'detached' });
  await workbench.row(/only-docker/, 'Containers').waitFor();
  await useContext('pod');
  await workbench.row(/only-docker/, 'Containers').waitFor({ state: 'detached' });
  await useContext('main');
  await workbench.row(/only-docker/, 'Containers').waitFor();
});

it('of a missing context says so in the choice, where another can be had instead', async () => {
  await useContext('gone');
  await workbench.page.getByText('The container engine cannot be reached.').waitFor();
  await workbench.screenshot('engines-gone');
  await workbench.runCommand('Shipshape: Choose Engines');
  await option(/As the docker command.*there is none of that name/).waitFor();
  await option(/As the docker command/).click();
  await option(/^main/).click();
  await waitFor('main to be chosen', () => isChecked(/^main/));
  await accept();
  await workbench.row(/only-docker/, 'Containers').waitFor();
});
