/** What the editor shows of files that a configuration names and that are wrong: rows, problems, the place. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { removeMade } from '../support/bareCli';
import { startVsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const IMAGE = 'shipshape-test/base:1';
const VIEW = 'Dev Containers';
const DOCKERFILE = `FROM ${IMAGE}\nRUN true\n`;
const COMPOSE = `version: "3.4"
services:
  app:
    image: ${IMAGE}
    command: sleep 1d
`;
let folder: string;
let server: Awaited<ReturnType<typeof startVsCodeServer>>;
let workbench: Workbench;

const at = (project: string, name: string): string => join(folder, project, '.devcontainer', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-files-'));
  for (const project of ['api', 'web'])
    await mkdir(join(folder, project, '.devcontainer'), { recursive: true });
  await writeFile(
    at('api', 'devcontainer.json'),
    '{\n  "name": "api",\n  "build": { "dockerfile": "Dockerfile" }\n}\n',
  );
  await writeFile(at('api', 'Dockerfile'), DOCKERFILE);
  const compose = { name: 'web', dockerComposeFile: 'compose.yml', service: 'app', workspaceFolder: '/' };
  await writeFile(at('web', 'devcontainer.json'), JSON.stringify(compose, undefined, 2));
  await writeFile(at('web', 'compose.yml'), COMPOSE);
  const version = place.version as '1.100.3';
  const env = { DOCKER_HOST: place.dockerHost };
  server = await startVsCodeServer({ version, installed: join(import.meta.dirname, '../..'), env });
  workbench = await openWorkbench({ ...server, version, folder });
  await workbench.openView('Shipshape');
  for (const project of ['api', 'web']) {
    await workbench.row(`${project}, not created`, VIEW).waitFor();
    await workbench.runCommand('Shipshape: Create or Start Dev Container');
    await workbench.pick(project);
    await workbench.row(new RegExp(`^${project}, running`), VIEW).waitFor();
  }
});

afterAll(async () => {
  await workbench.close();
  await server.stop();
  const env = { ...process.env, DOCKER_HOST: place.dockerHost };
  for (const project of ['api', 'web']) await removeMade(join(folder, project), env);
  await rm(folder, { recursive: true });
});

it('a Compose file that Compose refuses is invalid on the row, whose click opens the line', async () => {
  await writeFile(at('web', 'compose.yml'), COMPOSE.replace('command', 'comand'));
  const row = workbench.row(/^web, running, compose\.yml invalid, line 5/, VIEW);
  await row.waitFor();
  await workbench.screenshot('compose-row');
  await workbench.runCommand('Shipshape: Open Configuration');
  await workbench.pick(/web/);
  const { page } = workbench;
  await page.locator('.editor-group-container .squiggly-error').first().waitFor();
  await workbench.screenshot('compose-refused');
});

it('a COPY of what is not there stands among the problems', async () => {
  await writeFile(at('api', 'Dockerfile'), `${DOCKERFILE}COPY gone.txt /\n`);
  await workbench.row(/^api, running, 1 change, rebuild needed/, VIEW).waitFor();
  await workbench.notification('api no longer matches').waitFor();
  await workbench.runCommand('Problems: Focus on Problems View');
  const problems = workbench.page.locator('.markers-panel').getByRole('treeitem');
  await problems.filter({ hasText: 'gone.txt' }).first().waitFor();
  await problems.filter({ hasText: 'comand' }).first().waitFor();
  await workbench.screenshot('problems');
  expect(await problems.filter({ hasText: 'comand' }).count()).toBe(1);
});

it('the changed instruction is a row, and opens in the diff', async () => {
  const change = workbench.row(/Dockerfile/, VIEW);
  await workbench.expand(workbench.row(/^api/, VIEW), change);
  await workbench.row(/^api/, VIEW).hover();
  await workbench.screenshot('dockerfile-row');
  await workbench.runCommand('Shipshape: Show Changes');
  await workbench.pick(/api/);
  await workbench.page.locator('.monaco-diff-editor').getByText('gone.txt').first().waitFor();
  await workbench.screenshot('dockerfile-diff');
});
