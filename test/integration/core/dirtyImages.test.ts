/** Images that are rebuilt, or named anew, under the containers that were made from them. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Change, DevContainer } from '../../../src/api';
import { CONFIG_FILE, ForeignProject, judged } from '../../support/bareCli';
import { baseImage } from '../../support/baseImage';
import { snapshotWhere, startCore, type Core } from '../../support/core';

const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
const tag = `shipshape-test/named:${process.pid}`;
const OTHER = '.devcontainer/other.Dockerfile';
const LEVEL = `FROM ${baseImage}\nENV LEVEL=`;

let project: ForeignProject;
let core: Core | undefined;

const open = async (): Promise<Core> => {
  core = await startCore({ dockerHost: inject('dockerHost'), folders: [project.folder] });
  return core;
};
const running = (): Core => {
  if (!core) throw new Error('No core was started.');
  return core;
};
const make = async (files: Record<string, string>): Promise<void> => {
  project = await ForeignProject.make({ ...files, [OTHER]: `${LEVEL}other\n` }, env);
  await project.docker('tag', baseImage, tag);
};
const idOf = async (name: string): Promise<string> => {
  const id = await project.docker('image', 'inspect', '--format', '{{.Id}}', name);
  return id.replace('sha256:', '').slice(0, 12);
};
const build = (name: string): Promise<string> =>
  project.docker('build', '-q', '-t', name, '-f', project.path(OTHER), project.folder);

beforeEach(() => {
  core = undefined;
});
afterEach(async () => {
  await core?.dispose();
  await project.docker('rmi', '-f', tag);
  await project.remove();
});

/** Waits for the verdict; gives the changes, and the milliseconds since this was called. */
async function turned(dirty: boolean): Promise<{ changes: readonly Change[]; ms: number }> {
  const used = running();
  const began = Date.now();
  await snapshotWhere(used, () => used.item(project.folder).dirty === dirty);
  return { ms: Date.now() - began, changes: used.item(project.folder).changes };
}

describe.each<[string, Record<string, string>]>([
  ['its configuration', { [CONFIG_FILE]: JSON.stringify({ image: tag }) }],
  [
    'the CLI',
    {
      [CONFIG_FILE]: JSON.stringify({ build: { dockerfile: 'Dockerfile' } }),
      '.devcontainer/Dockerfile': `${LEVEL}one\n`,
    },
  ],
])('an image that got its name from %s', (_, files) => {
  test('counts when it is built anew, or named anew, under a container of the bare CLI', async () => {
    await make(files);
    const container = await project.up();
    const image = await project.docker('inspect', '--format', '{{.Config.Image}}', container);
    const old = await idOf(image);
    await project.docker('tag', image, `${tag}-kept`);
    await open();
    expect(await judged(running(), project.folder)).toMatchObject({ dirty: false, changes: [] });
    for (const move of [() => build(image), () => project.docker('tag', `${tag}-other`, image)]) {
      await move();
      const { changes, ms } = await turned(true);
      expect(ms).toBeLessThan(1_000);
      const now = await idOf(image);
      expect(now).not.toBe(old);
      expect(changes).toEqual([{ input: `image ${image}`, from: old, to: now, effect: 'recreate' }]);
      await project.docker('tag', image, `${tag}-other`);
      await project.docker('tag', `${tag}-kept`, image);
      expect(await turned(false)).toMatchObject({ changes: [] });
    }
    await build(image);
    await turned(true);
    const rebuilt = await running().recreateFolder(project.folder);
    expect(rebuilt).toMatchObject({ outcome: 'succeeded' });
    expect(running().item(project.folder)).toMatchObject({ dirty: false, changes: [] });
    await project.docker('rmi', '-f', `${tag}-kept`, `${tag}-other`);
  }, 120_000);
});

test('a base that means another image requires a rebuild of what Shipshape built on it', async () => {
  await make({
    [CONFIG_FILE]: JSON.stringify({ image: tag, features: { './mine': {} } }),
    '.devcontainer/mine/devcontainer-feature.json': '{ "id": "mine", "version": "1.0.0", "name": "Mine" }',
    '.devcontainer/mine/install.sh': 'true\n',
  });
  const used = await open();
  expect(await used.up(project.folder)).toMatchObject({ outcome: 'succeeded' });
  expect(await judged(used, project.folder)).toMatchObject({ dirty: false, changes: [] });
  const from = await idOf(tag);
  await build(tag);
  const { changes, ms } = await turned(true);
  expect(ms).toBeLessThan(1_000);
  expect(changes).toEqual([{ input: `image ${tag}`, from, to: await idOf(tag), effect: 'rebuild' }]);
  await project.docker('tag', baseImage, tag);
  expect(await turned(false)).toMatchObject({ changes: [] });
  await build(tag);
  await turned(true);
  expect(await used.recreateFolder(project.folder)).toMatchObject({ outcome: 'succeeded' });
  expect(used.item(project.folder)).toMatchObject({ dirty: false, changes: [] });
}, 120_000);

test('two configurations that share the name of their images do not make each other dirty (M-19)', async () => {
  const config = JSON.stringify({ build: { dockerfile: 'Dockerfile' } });
  const [a, b] = ['.devcontainer/a/devcontainer.json', '.devcontainer/b/devcontainer.json'];
  await make({
    [a]: config,
    [b]: config,
    '.devcontainer/a/Dockerfile': `${LEVEL}a\n`,
    '.devcontainer/b/Dockerfile': `${LEVEL}b\n`,
  });
  const images = [];
  for (const file of [a, b]) {
    const id = await project.up(file);
    images.push(await project.docker('inspect', '--format', '{{.Config.Image}}', id));
  }
  expect(images[0]).toBe(images[1]);
  const used = await open();
  const item = (file: string): DevContainer =>
    used.inventory.find({ workspaceFolder: project.folder, configFile: project.path(file) });
  const dirty: string[] = [];
  used.inventory.onDidChange(() => {
    for (const file of [a, b]) if (item(file).dirty) dirty.push(file);
  });
  await used.inventory.complete();
  await snapshotWhere(used, () =>
    [a, b].every((file) => used.drift.madeFrom(item(file).engine, item(file).containerId ?? '')),
  );
  expect(dirty).toEqual([]);
  await project.edit('.devcontainer/a/Dockerfile', 'LEVEL=a', 'LEVEL=c');
  await snapshotWhere(used, () => item(a).dirty);
  expect(await used.recreate.run('recreate', item(a).key)).toMatchObject({ outcome: 'succeeded' });
  await used.inventory.complete();
  expect(item(a)).toMatchObject({ dirty: false, changes: [] });
  expect(item(b)).toMatchObject({ dirty: false, changes: [] });
  expect(dirty).not.toContain(b);
}, 120_000);
