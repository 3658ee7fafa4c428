import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { JobOutcome, Snapshot } from '../../../src/api';
import { findProgram } from '../../../src/devcontainers/cliCommand';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';

const IMAGE = 'shipshape-test/base:1';

describe('the main job on Podman', () => {
  let podman: TestPodman;
  let folder: string;
  let core: Core;

  beforeAll(async () => {
    podman = await startPodmanEngine();
  });
  afterAll(() => podman.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shipshape-podman-job-'));
    await mkdir(join(folder, '.devcontainer'));
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'dev' } });
    core = await startCore({ dockerHost: podman.endpoint, folders: [folder] });
  });

  afterEach(async () => {
    for (const { id } of core.inventory.current().containers) await core.engines.stores[0]?.engine.remove(id);
    await core.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const write = (value: unknown): Promise<void> =>
    writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify(value, undefined, 2));
  const writeDockerfile = (...lines: string[]): Promise<void> =>
    writeFile(join(folder, '.devcontainer', 'Dockerfile'), `FROM ${IMAGE}\n${lines.join('\n')}\n`);
  const mine = (snapshot: Snapshot) => snapshot.devContainers.find((item) => item.workspaceFolder === folder);
  const untilDirty = (): Promise<Snapshot> => snapshotWhere(core, (s) => mine(s)?.dirty === true);

  /** A container was made, a change shows, and a recreate leaves the new container and nothing else. */
  async function fullCircle(used: Core): Promise<JobOutcome> {
    const created = await used.up(folder);
    expect(created, logOf(used)).toMatchObject({ outcome: 'succeeded' });
    const { containerId = '' } = created;
    expect(used.item(folder)).toMatchObject({ state: 'running', dirty: false, containerId });
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'test' } });
    await snapshotWhere(used, (s) => mine(s)?.dirty === true);
    const recreated = await used.recreateFolder(folder);
    expect(recreated, logOf(used)).toMatchObject({ outcome: 'succeeded', previousContainerId: containerId });
    expect(used.item(folder)).toMatchObject({ dirty: false, containerId: recreated.containerId });
    expect(used.inventory.current().containers.map(({ id }) => id)).toEqual([recreated.containerId]);
    return recreated;
  }

  const logOf = (used: Core): string => used.lines.map(({ text }) => text).join('\n');

  test('created, dirty after a save, clean after a recreate with a new container', async () => {
    await fullCircle(core);
  });

  /** A core whose CLI finds no docker command, but Podman's own. */
  async function withoutDocker(): Promise<Core> {
    const programs = await mkdtemp(join(tmpdir(), 'shipshape-programs-'));
    onTestFinished(() => rm(programs, { recursive: true }));
    for (const name of ['podman', 'git', 'sh', 'cat', 'rm', 'uname', 'id', 'env']) {
      const program = await findProgram(name, process.env['PATH'] ?? '');
      if (program !== undefined) await symlink(program, join(programs, name));
    }
    const env = { ...process.env, PATH: programs };
    const bare = await startCore({ dockerHost: podman.endpoint, folders: [folder], env });
    onTestFinished(() => bare.dispose());
    return bare;
  }

  test('the podman command will do where there is no docker command', async () => {
    await fullCircle(await withoutDocker());
  });

  test.each(['docker', 'podman'])("a restart by the %s command runs today's start hook", async (command) => {
    const used = command === 'docker' ? core : await withoutDocker();
    const ran = (): Promise<string> => readFile(join(folder, 'ran'), 'utf8');
    await write({ image: IMAGE, postStartCommand: 'echo old >> ran' });
    await used.configs.check();
    const { containerId } = await used.up(folder);
    expect(await ran()).toBe('old\n');
    await write({ image: IMAGE, postStartCommand: 'echo new >> ran' });
    await snapshotWhere(used, (s) => mine(s)?.dirty === true);
    const outcome = await used.recreate.run('restart', used.item(folder).key);
    expect(outcome, logOf(used)).toMatchObject({ outcome: 'succeeded', containerId });
    expect(await ran()).toBe('old\nnew\n');
    expect(used.item(folder)).toMatchObject({ dirty: false, containerId });
  });

  test('a build that fails leaves the old container running, and names the line', async () => {
    const created = await core.up(folder);
    await writeDockerfile('RUN echo fine', 'RUN exit 3');
    await write({ build: { dockerfile: 'Dockerfile' } });
    await untilDirty();
    const outcome = await core.recreateFolder(folder);
    expect(outcome, logOf(core)).toMatchObject({
      outcome: 'failed',
      containerId: created.containerId,
      failure: { kind: 'build', line: 3 },
    });
    expect(outcome.failure?.message).toBe(
      'The build failed at Dockerfile line 3 (RUN exit 3), exit code 3. The container it had is still running.',
    );
    expect(core.item(folder)).toMatchObject({ dirty: true, state: 'running' });
  });

  test('a start that fails puts the old container back', async () => {
    const created = await core.up(folder);
    await write({ image: IMAGE, runArgs: ['--volumes-from', 'no-such-container'] });
    await untilDirty();
    const outcome = await core.recreateFolder(folder);
    expect(outcome, logOf(core)).toMatchObject({
      outcome: 'rolledBack',
      containerId: created.containerId,
      failure: { kind: 'run' },
    });
    expect(core.inventory.current().containers.map(({ id, state }) => [id, state])).toEqual([
      [created.containerId, 'running'],
    ]);
  });

  test('an image of the CLI, which Podman gives a longer name, is built, run and replaced', async () => {
    await writeDockerfile('RUN echo fine');
    await write({ build: { dockerfile: 'Dockerfile' } });
    const created = await core.up(folder);
    expect(created, logOf(core)).toMatchObject({ outcome: 'succeeded' });
    expect(core.inventory.current().containers[0]?.image).toMatch(/^docker\.io\/library\/vsc-/);
    await writeDockerfile('RUN echo other');
    const again = await core.recreateFolder(folder);
    expect(again, logOf(core)).toMatchObject({
      outcome: 'succeeded',
      previousContainerId: created.containerId,
    });
  });

  test('a container whose record is gone is clean as long as its image is the one that is named', async () => {
    await write({ image: IMAGE });
    await core.up(folder);
    // Saved after the container was made, so that not its age decides.
    await write({ image: IMAGE });
    const bare = await startCore({ dockerHost: podman.endpoint, folders: [folder] });
    try {
      expect(bare.inventory.current().containers[0]?.image).toBe(`docker.io/${IMAGE}`);
      expect(bare.item(folder)).toMatchObject({ dirty: false, changes: [] });
      await write({ image: 'other:1' });
      await snapshotWhere(bare, (s) => mine(s)?.dirty === true);
    } finally {
      await bare.dispose();
    }
  });
});
