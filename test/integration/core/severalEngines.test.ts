import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { publicApi } from '../../../src/core/publicApi';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';

describe('Docker and Podman at once', () => {
  const docker = inject('dockerHost');
  let podman: TestPodman;
  let folder: string;
  let core: Core;

  beforeAll(async () => {
    podman = await startPodmanEngine();
  });
  afterAll(() => podman.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shipshape-several-'));
    await mkdir(join(folder, '.devcontainer'));
    const config = { image: 'shipshape-test/base:1' };
    await writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify(config));
    core = await startCore({ dockerHost: [docker, podman.endpoint], folders: [folder] });
  });

  afterEach(async () => {
    podman.resume();
    for (const { engine, containerId } of mine()) {
      if (containerId !== undefined) await core.engines.find(engine)?.engine.remove(containerId);
    }
    await core.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const mine = () => core.inventory.current().devContainers.filter((item) => item.workspaceFolder === folder);
  const upOn = (engine: string) =>
    core.recreate.run('up', mine().find((item) => item.engine === engine)?.key ?? '');

  test('both are listed; each job acts on its own engine', async () => {
    expect(core.inventory.snapshot.engines).toMatchObject([
      { key: docker, name: 'Docker', status: 'ready' },
      { key: podman.endpoint, name: 'Podman', status: 'ready' },
    ]);
    expect(mine()).toMatchObject([{ engine: docker, state: 'notCreated' }]);
    const first = await upOn(docker);
    // The other order, so that the folder has no container on the first engine and one on the second.
    core.engines.use([...core.engines.stores].reverse().map(({ engine }) => engine));
    const other = await startCore({ dockerHost: podman.endpoint, folders: [folder] });
    const second = await other.up(folder);
    await other.dispose();
    const both = await snapshotWhere(core, () => mine().length === 2);
    expect(both.engines.map(({ key }) => key)).toEqual([podman.endpoint, docker]);
    expect(
      mine()
        .map((item) => [item.engine, item.state, item.containerId])
        .sort(),
    ).toEqual(
      [
        [docker, 'running', first.containerId],
        [podman.endpoint, 'running', second.containerId],
      ].sort(),
    );

    const of = (engine: string) => ({ workspaceFolder: folder, engine });
    expect(() => core.inventory.find({ workspaceFolder: folder })).toThrow(
      `${folder} has a dev container on several engines; name one of`,
    );
    const onPodman = core.inventory.find(of(podman.endpoint));
    const again = await core.recreate.run('recreate', onPodman.key);
    expect(again).toMatchObject({ outcome: 'succeeded', previousContainerId: second.containerId });
    expect(core.inventory.find(of(docker)).containerId).toBe(first.containerId);

    await core.engines.find(podman.endpoint)?.engine.stop(again.containerId ?? '');
    await snapshotWhere(core, () => core.inventory.find(of(podman.endpoint)).state === 'stopped');
    expect(core.inventory.find({ workspaceFolder: folder }).engine).toBe(docker);
  });

  test('is created where the target says, and may then be on both', async () => {
    const api = publicApi({
      ...core,
      isTrusted: () => true,
      checkImages: () => Promise.resolve([]),
      update: () => Promise.resolve([]),
    });
    const target = { workspaceFolder: folder };
    const onPodman = await api.up({ ...target, engine: podman.endpoint });
    expect(onPodman).toMatchObject({ outcome: 'succeeded' });
    const [row] = mine();
    expect(mine()).toMatchObject([{ engine: podman.endpoint, containerId: onPodman.containerId }]);
    const onDocker = await api.up({ ...target, engine: docker });
    expect(mine().map((item) => item.containerId).sort()).toEqual(
      [onPodman.containerId, onDocker.containerId].sort(),
    ); // prettier-ignore
    expect(mine().find(({ engine }) => engine === podman.endpoint)).toMatchObject({
      key: row?.key,
      name: row?.name,
    });
    await expect(api.up({ ...target, engine: 'tcp://nowhere' })).rejects.toThrow(
      `The engine tcp://nowhere is not shown; those that are: ${docker} (Docker), ${podman.endpoint} (Podman).`,
    );
  });

  test('one that hangs from the start delays the other by nothing', async () => {
    const created = await upOn(docker);
    podman.pause();
    const began = performance.now();
    const fresh = await startCore({
      dockerHost: [podman.endpoint, docker],
      folders: [folder],
      untilReady: false,
    });
    try {
      const early = await snapshotWhere(fresh, (s) =>
        s.containers.some(({ id }) => id === created.containerId),
      );
      const shownAfter = performance.now() - began;
      expect(early.engines.map(({ status }) => status)).toContain('connecting');
      const settled = await fresh.inventory.ready();
      expect(settled.engines).toMatchObject([
        { key: podman.endpoint, status: 'unavailable', errorKind: 'silent' },
        { key: docker, status: 'ready' },
      ]);
      const readyAfter = performance.now() - began;
      expect(shownAfter).toBeLessThan(readyAfter / 2);
    } finally {
      await fresh.dispose();
    }
  });

  test('one that hangs later keeps neither changes nor jobs of the other waiting', async () => {
    podman.pause();
    const created = await upOn(docker);
    expect(created).toMatchObject({ outcome: 'succeeded' });
    expect(core.inventory.snapshot.engines.find(({ key }) => key === docker)?.status).toBe('ready');
    expect(mine()).toMatchObject([{ engine: docker, state: 'running' }]);
  });
});
