import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { snapshotWhere, startCore, type Core } from '../../support/core';

const IMAGE = 'shipshape-test/base:1';

describe('start hooks that changed since the container was made', () => {
  let folder: string;
  let core: Core;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shipshape-hooks-'));
    await mkdir(join(folder, '.devcontainer'));
    await write({
      postStartCommand: 'echo "old $(id -u)" >> ran',
      postAttachCommand: 'echo old-attach >> ran',
    });
  });

  afterEach(async () => {
    await core.discard(folder);
    await rm(folder, { recursive: true, force: true });
  });

  const write = (value: Record<string, unknown>): Promise<void> => {
    const file = join(folder, '.devcontainer', 'devcontainer.json');
    return writeFile(file, JSON.stringify({ image: IMAGE, ...value }, undefined, 2));
  };
  const start = async (): Promise<string> => {
    core = await startCore({ dockerHost: inject('dockerHost'), folders: [folder] });
    const { containerId = '' } = await core.up(folder);
    return containerId;
  };
  const dirty = async (isDirty = true) => {
    await snapshotWhere(core, () => core.item(folder).dirty === isDirty);
    return core.item(folder).changes.map(({ property, effect }) => [property, effect]);
  };
  const restart = () => core.recreate.run('restart', core.item(folder).key);
  /** What ran since this was asked last. */
  const ran = async (): Promise<string[]> => {
    const file = join(folder, 'ran');
    const text = await readFile(file, 'utf8').catch(() => '');
    await writeFile(file, '');
    return text.split('\n').filter((line) => line !== '');
  };

  test('run after a restart, each once and none of the old ones, in the same container', async () => {
    const containerId = await start();
    expect(await ran()).toEqual(['old 0', 'old-attach']);
    const hooks = {
      postStartCommand: `printf '%s\\n' "it's \${containerWorkspaceFolder} & \\\\n $A" >> ran`,
      postAttachCommand: { one: 'echo attach >> ran', two: ['sh', '-c', 'echo attach >> ran'] },
    };
    await write({ ...hooks, remoteEnv: { A: '1' } });
    expect(await dirty()).toEqual([
      ['postAttachCommand', 'restart'],
      ['postStartCommand', 'restart'],
      ['remoteEnv.A', 'restart'],
    ]);
    expect(await restart()).toMatchObject({ outcome: 'succeeded', containerId });
    const workspace = `/workspaces/${folder.split('/').at(-1) ?? ''}`;
    expect(await ran()).toEqual([`it's ${workspace} & \\n 1`, 'attach', 'attach']);
    expect(core.item(folder)).toMatchObject({ dirty: false, state: 'running', containerId });

    // The container's own label still has the old ones.
    expect(await restart()).toMatchObject({ outcome: 'succeeded', containerId });
    expect(await ran()).toHaveLength(3);
  });

  test('run when a stopped container is started, and none where there are none any more', async () => {
    const containerId = await start();
    const stop = async (): Promise<void> => {
      await core.engines.stores[0]?.engine.stop(containerId);
      await snapshotWhere(core, () => core.item(folder).state === 'stopped');
      await ran();
    };
    await stop();
    await write({ postStartCommand: 'echo new >> ran' });
    await dirty();
    expect(await core.up(folder)).toMatchObject({ outcome: 'succeeded', containerId });
    expect(await ran()).toEqual(['new']);
    expect(core.item(folder)).toMatchObject({ dirty: false, state: 'running', containerId });

    await stop();
    await write({});
    await dirty();
    expect(await core.up(folder)).toMatchObject({ outcome: 'succeeded', containerId });
    expect(await ran()).toEqual([]);
    expect(core.item(folder)).toMatchObject({ dirty: false, state: 'running', containerId });
  });

  test('run in a service of Compose, too', async () => {
    const dev = {
      image: IMAGE,
      command: 'sleep infinity',
      stop_grace_period: '1s',
      volumes: [`${folder}:/w`],
    };
    const model = JSON.stringify({ services: { dev } });
    await writeFile(join(folder, '.devcontainer', 'compose.yml'), model);
    const compose = { dockerComposeFile: 'compose.yml', service: 'dev', workspaceFolder: '/w' };
    await write({ image: undefined, ...compose, postStartCommand: 'echo old >> ran' });
    const containerId = await start();
    expect(await ran()).toEqual(['old']);
    await write({ image: undefined, ...compose, postStartCommand: 'echo new >> ran' });
    await dirty();
    expect(await restart()).toMatchObject({ outcome: 'succeeded', containerId });
    expect(await ran()).toEqual(['new']);
    expect(core.item(folder)).toMatchObject({ dirty: false, containerId });
  });

  test('run after those of Features', async () => {
    const feature = join(folder, '.devcontainer', 'mine');
    await mkdir(feature);
    const what = { id: 'mine', version: '1.0.0', postStartCommand: 'echo feature >> ran' };
    await writeFile(join(feature, 'devcontainer-feature.json'), JSON.stringify(what));
    await writeFile(join(feature, 'install.sh'), '#!/bin/sh\n');
    await write({ features: { './mine': {} }, postStartCommand: 'echo old >> ran' });
    const containerId = await start();
    expect(await ran()).toEqual(['feature', 'old']);
    await write({ features: { './mine': {} }, postStartCommand: 'echo new >> ran' });
    await dirty();
    expect(await restart()).toMatchObject({ outcome: 'succeeded', containerId });
    expect(await ran()).toEqual(['feature', 'new']);
    expect(core.item(folder)).toMatchObject({ dirty: false, containerId });
  });

  test('that fail leave the container running and a change, and say which it was', async () => {
    const containerId = await start();
    await write({ postStartCommand: 'exit 7', postAttachCommand: 'echo attach >> ran' });
    await dirty();
    await ran();
    const outcome = await restart();
    expect(outcome).toMatchObject({
      outcome: 'failed',
      containerId,
      failure: { kind: 'lifecycle', line: 3 },
    });
    expect(outcome.failure?.message).toBe(
      'postStartCommand failed, exit 7. The container is running, but not set up as its configuration says.',
    );
    expect(await ran()).toEqual([]);
    expect(core.item(folder)).toMatchObject({ dirty: true, state: 'running', containerId });
    expect(core.lines.map(({ text }) => text)).toContain(
      'Running the postStartCommand from devcontainer.json...',
    );
  });

  test('can be cancelled while they run', async () => {
    const containerId = await start();
    await write({ postStartCommand: 'echo begun; sleep 600' });
    await dirty();
    const begun = new Promise<void>((resolve) => {
      core.board.onDidLog(({ lines }) => {
        if (lines.some(({ text }) => text === 'begun')) resolve();
      });
    });
    const job = restart();
    await begun;
    core.recreate.cancel(core.item(folder).key);
    expect(await job).toMatchObject({ outcome: 'cancelled', containerId });
    expect(core.item(folder)).toMatchObject({ dirty: true, state: 'running', containerId });
  });
});
