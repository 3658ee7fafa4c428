import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkout } from '../support/sample';
import { startVsCodeServer, type VsCodeServer } from '../support/vscodeHost';
import { openWorkbench, type Workbench } from '../support/workbench';

const place = inject('workbench');
const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
let server: VsCodeServer | undefined;
let workbench: Workbench | undefined;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shipshape-around-'));
});

afterEach(async () => {
  await workbench?.close();
  await server?.stop();
  workbench = server = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(options: { trust?: boolean; dockerHost?: string; folder?: string }): Promise<Workbench> {
  const env = { DOCKER_HOST: options.dockerHost ?? place.dockerHost };
  server = await startVsCodeServer({
    version: '1.100.3',
    installed: checkout,
    env,
    trust: options.trust ?? false,
  });
  workbench = await openWorkbench({ ...server, folder: options.folder ?? folder });
  return workbench;
}

describe('without an engine', () => {
  it('says so with a way out, and fills by itself once there is one', async () => {
    const page = await open({ dockerHost: `unix://${folder}/nothing.sock` });
    await page.openView('Shipshape');
    await page.page.getByText('No container engine is running here.').waitFor();
    expect(await page.page.getByRole('button', { name: 'Try Again' }).count()).toBeGreaterThan(0);
    expect(await page.page.getByText('There are no dev containers yet').count()).toBe(0);
    await page.screenshot('no-engine');
  });
});

describe('in Restricted Mode', () => {
  it('lists, and runs nothing of the workspace', async () => {
    const project = join(folder, 'restricted');
    mkdirSync(join(project, '.devcontainer'), { recursive: true });
    const ran = join(folder, 'ran');
    writeFileSync(
      join(project, '.devcontainer', 'devcontainer.json'),
      JSON.stringify({ image: 'shipshape-test/base:1', initializeCommand: ['touch', ran] }),
    );
    const page = await open({ trust: true, folder: project });
    await page.page.getByRole('button', { name: /No, I don't trust/ }).click();
    await page.openView('Shipshape');
    await page.row('restricted, not created').waitFor();
    await page.view().getByText('This workspace is not trusted: dev containers are listed').waitFor();
    await page.row('restricted, not created').hover();
    await page
      .row('restricted, not created')
      .getByRole('button', { name: 'Create or Start Dev Container' })
      .dispatchEvent('click');
    await page.screenshot('restricted');
    expect(() => execFileSync('ls', [ran], { stdio: 'pipe' })).toThrow();
    expect(docker('ps', '-aq', '--filter', `label=devcontainer.local_folder=${project}`)).toBe('');
  });
});

describe('hostile names and labels', () => {
  const ids: string[] = [];
  afterAll(() => docker('rm', '-f', ...ids));

  it('are shown as text in which nothing hides', async () => {
    const run = (...args: string[]): number =>
      ids.push(docker('create', ...args, 'shipshape-test/base:1', 'true'));
    run(
      '-l',
      'devcontainer.local_folder=/tmp/a\u202egnp.b\nnew [x](command:workbench.action.quit) $(touch ran)',
    );
    run('-l', 'com.docker.compose.project=<img src=x onerror=alert(1)>$(error)\u202egnp.b\nnew');
    const page = await open({});
    await page.openView('Shipshape');
    await page.row(/<img src=x onerror=alert\(1\)>\$ \(error\)/).waitFor();
    const rows = [...(await page.rows('Dev Containers')), ...(await page.rows('Containers'))];
    expect(rows.filter((row) => row.includes('\\u202egnp.b\\u000anew'))).not.toHaveLength(0);
    expect(rows.filter((row) => row.includes('[x] (command:workbench.action.quit)'))).toHaveLength(1);
    expect(rows.join()).not.toMatch(/[\u202e\n]/);
    await page.screenshot('hostile');
  });
});
