import { chmodSync, readFileSync, symlinkSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startDockerEngine, type TestEngine } from '../support/dockerEngine';
import { checkout } from '../support/sample';
import { startVsCodeServer, type VsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Dev Containers';
/** Root may use any socket; without these two rights it has to be permitted like anybody else. */
const LIKE_A_USER = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];
const version = inject('workbench').version as '1.100.3';
let folder: string;
let engine: TestEngine;
let server: VsCodeServer;
let workbench: Workbench;

/** One window whose engine gets into one state after the other. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shipshape-states-'));
  engine = await startDockerEngine();
  docker('create', '-l', 'devcontainer.local_folder=/old/api', '--name', 'api', 'shipshape-test/base:1');
  docker('create', '-l', 'devcontainer.local_folder=/old/web', '--name', 'web', 'shipshape-test/base:1');
  server = await startVsCodeServer({ version, installed: checkout, startedBy: LIKE_A_USER });
  setHost(engine.endpoint);
  workbench = await openWorkbench({ ...server, folder });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  await server.stop();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

const docker = (...args: string[]): unknown => execFileSync('docker', ['-H', engine.endpoint, ...args]);
const says = (text: string | RegExp): Promise<void> => workbench.view().getByText(text).first().waitFor();

/** As the user changes the setting: the engine at this address is another one to the extension. */
function setHost(endpoint: string): void {
  const file = join(server.serverDataDir, 'data/Machine/settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...settings, 'shipshape.engine.host': endpoint }));
}

/** The same engine under an address that nothing is known of yet. */
function otherAddress(name: string): string {
  const path = join(folder, name);
  symlinkSync(engine.socketPath, path);
  return `unix://${path}`;
}

it('keeps the row of a dev container whose container is gone, with a way back and a way out', async () => {
  await workbench.row('api, created', VIEW).waitFor();
  docker('rm', 'api');
  await workbench.row('api, container gone', VIEW).waitFor();
  const menu = await workbench.menuOf(workbench.row('api', VIEW));
  expect(menu).toEqual(expect.arrayContaining(['Recreate Dev Container', 'Forget']));
  // There is nothing to be removed.
  expect(menu).not.toContain('Remove');
  await workbench.screenshot('container-gone');
});

it('says of a hung engine that its rows are old, and goes on with it', async () => {
  engine.pause();
  await workbench.runCommand('Shipshape: Refresh');
  await says(/within \d+ s\. Showing what was known at \d/);
  await workbench.row('web, created', VIEW).waitFor();
  await workbench.screenshot('engine-hung');
});

it('says that an engine does not answer', async () => {
  setHost(otherAddress('hung.sock'));
  await says('The container engine does not answer.');
  await workbench.screenshot('engine-silent');
  engine.resume();
  await workbench.row('web, created', VIEW).waitFor();
});

it('says who has no permission how to get it', async () => {
  chmodSync(engine.socketPath, 0o000);
  setHost(otherAddress('denied.sock'));
  await says('You have no permission to talk to the container engine.');
  await says(/add yourself to the group "docker"/);
  await workbench.screenshot('engine-denied');
  chmodSync(engine.socketPath, 0o660);
  await workbench.row('web, created', VIEW).waitFor();
});

it('says that no engine runs, and fills by itself once one does', async () => {
  await engine.kill();
  setHost(otherAddress('stopped.sock'));
  await says('No container engine is running here.');
  await workbench.screenshot('engine-stopped');
  await engine.restart();
  await workbench.row('web, created', VIEW).waitFor();
});
