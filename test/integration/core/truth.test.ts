import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { DevContainer, Snapshot } from '../../../src/api';
import { siblingsOf } from '../../../src/core/order';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';

const IMAGE = 'shipshape-test/base:1';

/** What labels of real containers say of dev containers, whatever tool wrote them. */
describe.each(['Docker', 'Podman'])('the truth about dev containers on %s', (kind) => {
  let podman: TestPodman | undefined;
  let host: string;
  let root: string;
  let core: Core | undefined;

  beforeAll(async () => {
    podman = kind === 'Podman' ? await startPodmanEngine() : undefined;
    host = podman?.endpoint ?? inject('dockerHost');
  });
  afterAll(() => podman?.stop());
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'shipshape-truth-'));
  });
  afterEach(async () => {
    const ids = docker('ps', '-aq', '--filter', `label=test=${root}`);
    if (ids) docker('rm', '-f', ...ids.split('\n'));
    await core?.dispose();
    core = undefined;
    await rm(root, { recursive: true, force: true });
  });

  const docker = (...args: string[]): string =>
    execFileSync('docker', ['-H', host, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  const configOf = (folder: string): string => join(folder, '.devcontainer', 'devcontainer.json');

  /** A folder with a configuration. */
  async function workspace(name: string): Promise<string> {
    const folder = join(root, name);
    await mkdir(join(folder, '.devcontainer'), { recursive: true });
    await writeFile(configOf(folder), JSON.stringify({ image: IMAGE, runArgs: ['-l', `test=${root}`] }));
    return folder;
  }

  /** A container with these labels; gives its id. */
  function make(how: 'run' | 'create', labels: Readonly<Record<string, string>>): string {
    const all = Object.entries({ ...labels, test: root }).flatMap(([key, value]) => [
      '-l',
      `${key}=${value}`,
    ]);
    return docker(how, ...(how === 'run' ? ['-d'] : []), ...all, IMAGE, 'sleep', '1d');
  }
  const labelsOf = (folder: string) => ({
    'devcontainer.local_folder': folder,
    'devcontainer.config_file': configOf(folder),
  });

  async function start(...folders: string[]): Promise<Core> {
    core = await startCore({ dockerHost: host, folders: folders.length > 0 ? folders : [root] });
    return core;
  }
  // Other tests use the same engine at the same time.
  const mine = ({ devContainers }: Snapshot): DevContainer[] =>
    devContainers.filter((item) => item.workspaceFolder.startsWith(root));

  test('of one identity the newest counts, and is started, though an older one runs', async () => {
    const folder = await workspace('app');
    const others = [make('run', labelsOf(folder)), make('run', labelsOf(folder))];
    const newest = make('create', labelsOf(folder));
    const used = await start();
    const [item] = mine(used.inventory.current());
    expect(item).toMatchObject({ containerId: newest, state: 'created', duplicateRuns: true });
    expect([...(item?.duplicates ?? [])].sort()).toEqual([...others].sort());

    expect(await used.up(folder)).toMatchObject({ outcome: 'succeeded', containerId: newest });
    const started = used.item(folder);
    expect(started).toMatchObject({ containerId: newest, state: 'running' });
    expect(started).not.toHaveProperty('duplicateRuns');

    docker('rm', '-f', ...others);
    await snapshotWhere(used, (s) => mine(s)[0]?.duplicates === undefined);
    expect(mine(used.inventory.current())).toMatchObject([{ containerId: newest, state: 'running' }]);
  });

  test('one of an old tool, without a configuration label, is that of its only configuration', async () => {
    const folder = await workspace('app');
    const old = make('create', { 'devcontainer.local_folder': folder });
    const used = await start();
    const expected = { containerId: old, configFile: configOf(folder) };
    expect(mine(used.inventory.current())).toMatchObject([expected]);
    expect(await used.up(folder)).toMatchObject({ outcome: 'succeeded', containerId: old });
    expect(mine(used.inventory.current())).toMatchObject([{ ...expected, state: 'running' }]);
  });

  test('one that names its configuration counts before a newer one of an old tool, and is started', async () => {
    const folder = await workspace('app');
    const labelled = make('create', labelsOf(folder));
    const old = make('create', { 'devcontainer.local_folder': folder });
    const used = await start();
    const [item] = mine(used.inventory.current());
    expect(item).toMatchObject({ containerId: labelled, duplicates: [old] });
    expect(await used.up(folder)).toMatchObject({ outcome: 'succeeded', containerId: labelled });
    expect(mine(used.inventory.current())).toMatchObject([{ containerId: labelled, state: 'running' }]);
  });

  test('one of a folder that is neither open nor there says so, until it is there', async () => {
    const folder = join(root, 'elsewhere');
    make('create', labelsOf(folder));
    const used = await start(await workspace('open'));
    const missing = await snapshotWhere(used, (s) => mine(s).some((item) => item.isFolderMissing));
    expect(mine(missing).find((item) => item.isFolderMissing)).toMatchObject({ workspaceFolder: folder });
    await mkdir(folder);
    await used.folders.check();
    await snapshotWhere(used, (s) => !mine(s).some((item) => item.isFolderMissing));
  });

  test('one whose folder is gone stays, says so, and is clean again when the folder is back', async () => {
    const folder = await workspace('app');
    const id = make('run', labelsOf(folder));
    const used = await start(root);
    expect(mine(used.inventory.current())[0]).not.toHaveProperty('problem');
    await rename(folder, join(root, 'elsewhere'));
    await used.watcher.check();
    const isGone = (s: Snapshot): boolean => mine(s).some((item) => item.problem?.isMissing === true);
    const gone = await snapshotWhere(used, isGone);
    const row = mine(gone).find((item) => item.workspaceFolder === folder);
    expect(row).toMatchObject({ containerId: id, state: 'running' });
    await rename(join(root, 'elsewhere'), folder);
    await used.watcher.check();
    await snapshotWhere(used, (s) => mine(s).length === 1 && mine(s)[0]?.problem === undefined);
  });

  test('one whose folder was gone before says so from the start', async () => {
    const folder = join(root, 'gone');
    make('run', labelsOf(folder));
    const used = await start(root);
    const isSaid = (s: Snapshot): boolean => mine(s)[0]?.problem?.isMissing === true;
    await snapshotWhere(used, isSaid);
  });

  test('the other services of its Compose project stand with it', async () => {
    const folder = await workspace('app');
    const project = { 'com.docker.compose.project': 'truth' };
    const dev = make('run', { ...labelsOf(folder), ...project, 'com.docker.compose.service': 'app' });
    const db = make('run', { ...project, 'com.docker.compose.service': 'db' });
    make('run', { 'com.docker.compose.project': 'another' });
    const used = await start();
    const { containers } = used.inventory.current();
    expect(siblingsOf(containers, dev).map(({ id }) => id)).toEqual([db]);
  });

  test('of three namesakes each keeps its name when the middle one goes, is forgotten, and comes back', async () => {
    const folders = ['a/app', 'b/app', 'c/app'].map((name) => join(root, name));
    const ids = folders.map((folder) => make('create', labelsOf(folder)));
    const used = await start(join(root, 'none'));
    const names = (): string[] => mine(used.inventory.current()).map(({ name }) => name);
    expect(names()).toEqual(['app', 'app-2', 'app-3']);

    docker('rm', ids[1] ?? '');
    const gone = mine(await snapshotWhere(used, (s) => mine(s)[1]?.state === 'missing'));
    expect(gone[1]?.goneSince).toBeGreaterThan(0);
    used.inventory.forget(gone[1]?.key ?? '');
    expect(names()).toEqual(['app', 'app-3']);
    make('create', labelsOf(folders[1] ?? ''));
    await snapshotWhere(used, (s) => mine(s).length === 3);
    expect(names()).toEqual(['app', 'app-2', 'app-3']);
  });
});
