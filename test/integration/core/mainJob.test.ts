import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '../../../src/api';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { snapshotWhere, startCore, type Core } from '../../support/core';

const IMAGE = 'shipshape-test/base:1';

describe('the main job on a real engine and the real CLI', () => {
  let folder: string;
  let core: Core;
  let config: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shipshape-main-'));
    config = join(folder, '.devcontainer', 'devcontainer.json');
    await mkdir(join(folder, '.devcontainer'));
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'dev' } });
    core = await startCore({ dockerHost: inject('dockerHost'), folders: [folder] });
  });

  afterEach(async () => {
    for (const { id } of ours()) await core.engines.stores[0]?.engine.remove(id);
    await core.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const write = (value: unknown): Promise<void> => writeFile(config, JSON.stringify(value, undefined, 2));
  // Other tests use the same engine at the same time.
  const mine = (snapshot: Snapshot) => snapshot.devContainers.find((item) => item.workspaceFolder === folder);
  const ours = () =>
    core.inventory.current().containers.filter((c) => c.labels['devcontainer.local_folder'] === folder);

  test('created, dirty after a save, clean after a recreate with a new container', async () => {
    expect(core.item(folder)).toMatchObject({ state: 'notCreated', dirty: false });
    const created = await core.up(folder);
    expect(created).toMatchObject({ outcome: 'succeeded' });
    expect(core.item(folder)).toMatchObject({
      state: 'running',
      dirty: false,
      containerId: created.containerId,
    });

    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'test' } });
    const dirty = mine(await snapshotWhere(core, (s) => mine(s)?.dirty === true));
    expect(dirty?.changes).toEqual([
      {
        input: '.devcontainer/devcontainer.json',
        property: 'containerEnv.NODE_ENV',
        from: '"dev"',
        to: '"test"',
        effect: 'recreate',
        file: config,
        line: 4,
      },
    ]);

    const key = core.item(folder).key;
    const recreated = await core.recreateFolder(folder);
    expect(recreated).toMatchObject({ outcome: 'succeeded', previousContainerId: created.containerId });
    expect(recreated.containerId).not.toBe(created.containerId);
    expect(core.item(folder)).toMatchObject({
      key,
      dirty: false,
      containerId: recreated.containerId,
      activity: 'idle',
    });
    expect(ours().map(({ id }) => id)).toEqual([recreated.containerId]);
    expect(recreated.downtimeMs).toBeGreaterThan(0);
  });

  test('a restart puts the remote environment in force in the same container', async () => {
    const hook = { postStartCommand: 'echo "$GREETING" >> started' };
    const said = async (): Promise<string> => readFile(join(folder, 'started'), 'utf8');
    await write({ image: IMAGE, ...hook, remoteEnv: { GREETING: 'ahoy' } });
    await core.configs.check();
    const { containerId } = await core.up(folder);
    expect(await said()).toBe('ahoy\n');

    await write({ image: IMAGE, ...hook, remoteEnv: { GREETING: 'hello' } });
    const dirty = mine(await snapshotWhere(core, (s) => mine(s)?.dirty === true));
    expect(dirty?.changes).toMatchObject([
      { property: 'remoteEnv.GREETING', effect: 'restart', file: config },
    ]);
    const outcome = await core.recreate.run('restart', core.item(folder).key);
    expect(outcome).toMatchObject({ outcome: 'succeeded', containerId });
    expect(outcome.downtimeMs).toBeGreaterThan(0);
    expect(core.item(folder)).toMatchObject({
      dirty: false,
      state: 'running',
      containerId,
      activity: 'idle',
    });
    expect(await said()).toBe('ahoy\nhello\n');
  });

  test('a restart that fails on the host leaves the container running', async () => {
    const { containerId } = await core.up(folder);
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'dev' }, initializeCommand: 'exit 3' });
    await core.configs.check();
    const outcome = await core.recreate.run('restart', core.item(folder).key);
    expect(outcome).toMatchObject({ outcome: 'failed', containerId });
    expect(outcome.failure?.message).toContain('The container it had is running again.');
    expect(core.item(folder)).toMatchObject({ state: 'running', containerId });
  });

  test('a build that fails leaves the old container running, and the item dirty with the failure', async () => {
    const created = await core.up(folder);
    await writeFile(join(folder, '.devcontainer', 'Dockerfile'), `FROM ${IMAGE}\nRUN echo fine\nRUN false\n`);
    await write({ build: { dockerfile: 'Dockerfile' } });
    await snapshotWhere(core, (s) => mine(s)?.dirty === true);
    const outcome = await core.recreateFolder(folder);
    expect(outcome).toMatchObject({
      outcome: 'failed',
      containerId: created.containerId,
      failure: { kind: 'build', line: 3 },
    });
    expect(outcome.failure?.message).toContain('still running');
    expect(core.item(folder)).toMatchObject({
      dirty: true,
      state: 'running',
      containerId: created.containerId,
    });
    expect(core.item(folder).failure?.message).toContain('RUN false');
    const steps = core.lines.flatMap(({ text }) => /Running in ([0-9a-f]{12})$/.exec(text)?.[1] ?? []);
    expect(steps.length).toBeGreaterThan(0);
    const left = core.inventory.current().containers.filter(({ id }) => steps.includes(id.slice(0, 12)));
    expect(left).toEqual([]);
  });

  test('a start that fails puts the old container back, with its files', async () => {
    const created = await core.up(folder);
    await write({ image: IMAGE, runArgs: ['--volumes-from', 'no-such-container'] });
    await snapshotWhere(core, (s) => mine(s)?.dirty === true);
    const outcome = await core.recreateFolder(folder);
    expect(outcome).toMatchObject({
      outcome: 'rolledBack',
      containerId: created.containerId,
      failure: { kind: 'run' },
    });
    expect(ours().map(({ id, state }) => [id, state])).toEqual([[created.containerId, 'running']]);
  });

  test('the log reaches the listener in order, down to the last line of the hook', async () => {
    await write({ image: IMAGE, postCreateCommand: 'for i in 1 2 3; do echo "line $i"; done; printf tail' });
    await core.configs.read(config);
    const outcome = await core.up(folder);
    const text = core.lines.map((line) => line.text).join('\n');
    expect(text).toMatch(/line 1[\s\S]*line 2[\s\S]*line 3[\s\S]*tail/);
    expect(await readFile(outcome.logFile ?? '', 'utf8')).toContain('postCreateCommand');
  });

  test('content decides: touching, reformatting, commenting and undoing are no changes', async () => {
    await core.up(folder);
    const before = mine(core.inventory.current());
    for (const text of [
      `// a comment\n{"containerEnv":{"NODE_ENV":"dev"},\n\n"image":"${IMAGE}",}`,
      `\uFEFF{ "image": "${IMAGE}", "containerEnv": { "NODE_ENV": "dev" } }\r\n`,
    ]) {
      await writeFile(config, text);
      await core.configs.check();
      expect(mine(core.inventory.current())).toEqual(before);
    }
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'x' } });
    await snapshotWhere(core, (s) => mine(s)?.dirty === true);
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'dev' } });
    await snapshotWhere(core, (s) => mine(s)?.dirty === false);
  });

  test('a change made while nobody watched counts, and survives a restart', async () => {
    const first = core;
    await first.up(folder);
    await write({ image: IMAGE, containerEnv: { NODE_ENV: 'later' } });
    const second = await startCore({
      dockerHost: inject('dockerHost'),
      folders: [folder],
      storage: first.storage,
    });
    try {
      expect(second.item(folder)).toMatchObject({
        dirty: true,
        changes: [{ property: 'containerEnv.NODE_ENV' }],
      });
    } finally {
      await second.dispose();
    }
  });

  test('invalid content is never clean, and says where', async () => {
    await core.up(folder);
    await writeFile(config, `{\n  "image": "${IMAGE}",\n  "containerEnv": {\n`);
    const item = mine(await snapshotWhere(core, (s) => mine(s)?.problem !== undefined));
    expect(item).toMatchObject({ dirty: true, problem: { line: 4 } });
    await expect(core.recreateFolder(folder)).rejects.toMatchObject({ code: 'invalidConfig' });
    expect(core.item(folder).state).toBe('running');
  });

  test('a second job for the same dev container is refused while the first runs', async () => {
    const first = core.up(folder);
    await expect(core.up(folder)).rejects.toMatchObject({ code: 'busy' });
    await expect(first).resolves.toMatchObject({ outcome: 'succeeded' });
  });
});
