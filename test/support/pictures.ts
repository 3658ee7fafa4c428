/** Makes the README's pictures from the real workbench, so that they stay true: `npm run pictures`. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerEngine } from './dockerEngine';
import { checkout } from './sample';
import { startVsCodeServer } from './vscodeHost';
import { openWorkbench, type Workbench } from './workbench';

const IMAGE = 'shipshape-test/base:1';

async function main(): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'shipshape-pictures-'));
  const folder = join(parent, 'shop');
  const engine = await startDockerEngine();
  const docker = (...args: string[]): unknown => execFileSync('docker', ['-H', engine.endpoint, ...args]);
  const server = await startVsCodeServer({ installed: checkout, env: { DOCKER_HOST: engine.endpoint } });
  try {
    for (const name of ['api', 'web', 'worker']) await configure(folder, name, 'dev');
    for (const name of ['db', 'mail']) {
      docker(
        'run',
        '-d',
        '--name',
        `shop-${name}`,
        '-l',
        'com.docker.compose.project=shop',
        IMAGE,
        'sleep',
        '1d',
      );
    }
    docker('run', '-d', '--name', 'registry', '-p', '5000', IMAGE, 'sleep', '1d');
    const workbench = await openWorkbench({ ...server, folder });
    await workbench.openView('Shipshape');
    await widenSidebar(workbench, 460);
    for (const name of ['api', 'worker']) {
      await workbench.runCommand('Shipshape: Create or Start Dev Container');
      await workbench.pick(name);
      await workbench.row(new RegExp(`^${name}, running`)).waitFor();
    }
    await configure(folder, 'api', 'test');
    await workbench.row(/^api, running, 1 change/).waitFor();
    await workbench.row(/^api/).click();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.row(/NODE_ENV/).waitFor();
    await workbench.notification('api no longer matches').getByRole('button', { name: 'Recreate' }).waitFor();
    await settled(workbench);
    await workbench.row(/^api/).hover();
    await mkdir(join(checkout, 'media/screenshots'), { recursive: true });
    await workbench.page.screenshot({ path: join(checkout, 'media/screenshots/main.png') });
    await workbench.close();
  } finally {
    await server.stop();
    await engine.stop();
    await rm(parent, { recursive: true, force: true });
  }
}

/** Drags the side bar's edge, so that changes can be read to their end. */
async function widenSidebar({ page }: Workbench, width: number): Promise<void> {
  const box = await page.locator('.sidebar').boundingBox();
  if (!box) throw new Error('There is no side bar.');
  const [x, y] = [box.x + box.width, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(box.x + width, y, { steps: 5 });
  await page.mouse.up();
}

/** Waits until nothing slides or fades any more. */
async function settled({ page }: Workbench): Promise<void> {
  await page.waitForFunction(() =>
    (globalThis as unknown as { document: { getAnimations(): { playState: string }[] } }).document
      .getAnimations()
      .every((each) => each.playState !== 'running'),
  );
}

async function configure(folder: string, name: string, mode: string): Promise<void> {
  const place = join(folder, name, '.devcontainer');
  await mkdir(place, { recursive: true });
  const config = { name, image: IMAGE, containerEnv: { NODE_ENV: mode }, runArgs: ['-p', '3000'] };
  await writeFile(join(place, 'devcontainer.json'), `${JSON.stringify(config, undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
