import Docker from 'dockerode';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ROWS_A_LEVEL } from '../../src/core/rowLimit';
import { createSleepers, sleeper } from '../support/chaos';
import { startDockerEngine, type TestEngine } from '../support/dockerEngine';
import { checkout } from '../support/sample';
import { startVsCodeServer, type VsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const VIEW = 'Containers';
const version = inject('workbench').version as '1.100.3';
let folder: string;
let engine: TestEngine;
let server: VsCodeServer;
let workbench: Workbench;

/** More containers than a level has rows: a section, then those without one, of which the last has no room. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shipshape-many-'));
  engine = await startDockerEngine();
  const docker = new Docker({ socketPath: engine.socketPath });
  const labels = { 'com.docker.compose.project': 'shop' };
  await docker.createContainer({ ...sleeper, name: 'shop-db', Labels: labels });
  await docker.createContainer({ ...sleeper, name: 'zz-last' });
  await createSleepers(engine, ROWS_A_LEVEL - 1, false);
  const env = { DOCKER_HOST: engine.endpoint };
  server = await startVsCodeServer({ version, installed: checkout, env });
  workbench = await openWorkbench({ ...server, folder });
  await workbench.openView('Shipshape');
});

afterAll(async () => {
  await workbench.close();
  await server.stop();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

it('shows as many rows as a level has room for, sections closed, and finds all others by the filter', async () => {
  const section = workbench.row('Compose project shop', VIEW);
  await section.waitFor();
  expect(await section.getAttribute('aria-expanded')).toBe('false');
  // To the last row by the keyboard, as only rows in sight are there.
  await section.click();
  await workbench.page.keyboard.press('ArrowLeft');
  await workbench.page.keyboard.press('End');
  const more = workbench.row('1 more not shown, filter to find them', VIEW);
  await more.waitFor();
  expect(await workbench.row('zz-last', VIEW).count()).toBe(0);
  await workbench.screenshot('many');
  await more.click();
  await workbench.quickInput().fill('shop');
  await workbench.row('shop-db', VIEW).waitFor();
  await workbench.quickInput().fill('zz-last');
  await workbench.row('zz-last', VIEW).waitFor();
  await workbench.page.keyboard.press('Escape');
  await workbench.row(/^zz-last/, VIEW).waitFor({ state: 'detached' });
});

it('offers for all rows at once what headings between them cannot do', async () => {
  const section = workbench.row('Compose project shop', VIEW);
  await section.click();
  await workbench.page.keyboard.press('ControlOrMeta+a');
  expect(await workbench.menuOf(section)).toEqual(expect.arrayContaining(['Remove', 'Copy Container ID']));
  await section.click();
  expect(await workbench.menuOf(section)).not.toContain('Remove');
});
