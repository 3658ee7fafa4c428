/** The lockfile that the CLI writes (fault 39), with a Feature from a real registry beside a local one. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CONFIG_FILE, ForeignProject } from '../../support/bareCli';
import { baseImage } from '../../support/baseImage';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { run } from '../../support/processes';
import { startRegistry, type TestRegistry } from '../../support/registry';

const CLI = resolve('node_modules/@devcontainers/cli/dist/spec-node/devContainersSpecCLI.js');
const LOCKFILE = '.devcontainer/devcontainer-lock.json';
const dockerHost = inject('dockerHost');
const env = { ...process.env, DOCKER_HOST: dockerHost };
let registry: TestRegistry;
let project: ForeignProject;
let core: Core;
/** What was told of the dev container as soon as it had a container. */
const told = new Set<boolean>();

const featureFiles = (id: string): Record<string, string> => ({
  'devcontainer-feature.json': JSON.stringify({ id, version: '1.0.0', name: id }),
  'install.sh': 'true\n',
});
/** The id of a Feature that the registry has; the CLI talks without TLS to this host name only. */
const published = (id: string): string => `${registry.host.replace('127.0.0.1', 'localhost')}/team/${id}:1`;
const config = (...features: string[]): string =>
  JSON.stringify({ image: baseImage, features: Object.fromEntries(features.map((id) => [id, {}])) });
const item = () => core.item(project.folder);
const lockfile = (): Promise<string> => readFile(project.path(LOCKFILE), 'utf8');
const looked = async (): Promise<void> => {
  await Promise.all([core.watcher.check(), core.inputWatcher.check(), core.configs.check()]);
  await core.inputs.check();
};

beforeAll(async () => {
  registry = await startRegistry();
  await publish('one', 'two');
  const files: Record<string, string> = { [CONFIG_FILE]: config('./own', published('one')) };
  for (const [name, text] of Object.entries(featureFiles('own'))) files[`.devcontainer/own/${name}`] = text;
  project = await ForeignProject.make(files, env);
  core = await startCore({ dockerHost, folders: [project.folder], env });
  core.inventory.onDidChange(() => {
    if (item().containerId) told.add(item().dirty);
  });
}, 120_000);

afterAll(async () => {
  await core.dispose();
  await project.remove();
  await registry.stop();
});

test('that the job writes, anew or for the first time, never counts', async () => {
  expect(existsSync(project.path(LOCKFILE))).toBe(false);
  expect(await core.up(project.folder)).toMatchObject({ outcome: 'succeeded' });
  expect(await lockfile()).toContain(published('one'));
  await looked();
  expect(item()).toMatchObject({ dirty: false, changes: [] });
  await rm(project.path(LOCKFILE));
  await snapshotWhere(core, () => item().dirty);
  told.clear();
  expect(await core.recreateFolder(project.folder)).toMatchObject({ outcome: 'succeeded' });
  expect(await lockfile()).toContain(published('one'));
  await snapshotWhere(core, () => !item().dirty);
  told.clear();
  expect(await core.recreateFolder(project.folder)).toMatchObject({ outcome: 'succeeded' });
  await looked();
  expect([...told]).toEqual([false]);
}, 60_000);

test('that a person edits or deletes does, until that is undone', async () => {
  const text = await lockfile();
  await project.edit(LOCKFILE, '"version": "1.0.0"', '"version": "1.0.9"');
  await snapshotWhere(core, () => item().dirty);
  const change = { input: LOCKFILE, property: published('one'), effect: 'rebuild' };
  expect(item().changes).toMatchObject([{ ...change, line: 3 }]);
  await project.write(LOCKFILE, text);
  await snapshotWhere(core, () => !item().dirty);
  await rm(project.path(LOCKFILE));
  await snapshotWhere(core, () => item().dirty);
  expect(item().changes).toMatchObject([
    { ...change, namedAt: { file: project.path(CONFIG_FILE), line: 1 } },
  ]);
  await project.write(LOCKFILE, text);
  await snapshotWhere(core, () => !item().dirty);
});

test('that a job wrote which failed does not count either, once the configuration is as it was', async () => {
  const [text, locked] = [await readFile(project.path(CONFIG_FILE), 'utf8'), await lockfile()];
  await project.write('.devcontainer/own/install.sh', 'exit 3\n');
  await project.write(CONFIG_FILE, config('./own', published('one'), published('two')));
  await snapshotWhere(core, () => item().changes.length > 1);
  expect(await core.recreateFolder(project.folder)).toMatchObject({ failure: { kind: 'build' } });
  expect(await lockfile()).toContain(published('two'));
  await project.write('.devcontainer/own/install.sh', 'true\n');
  await project.write(CONFIG_FILE, text);
  await snapshotWhere(core, () => !item().dirty);
  await looked();
  expect(item().changes).toEqual([]);
  // Whoever puts the lockfile back has what the container was made from.
  await project.write(LOCKFILE, locked);
  await looked();
  expect(item().changes).toEqual([]);
}, 60_000);

async function publish(...ids: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-features-'));
  for (const id of ids) {
    await mkdir(join(folder, id));
    for (const [name, text] of Object.entries(featureFiles(id)))
      await writeFile(join(folder, id, name), text);
  }
  const host = registry.host.replace('127.0.0.1', 'localhost');
  await run(process.execPath, [CLI, 'features', 'publish', folder, '-r', host, '-n', 'team']);
  await rm(folder, { recursive: true });
}
