import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { DevContainer, Snapshot } from '../../../src/api';
import { snapshotWhere, startCore, type Core } from '../../support/core';

const IMAGE = 'shipshape-test/base:1';
const root = join(import.meta.dirname, '../../..');
let folder: string;
let storage: string;
let core: Core | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-reload-'));
  storage = await mkdtemp(join(tmpdir(), 'shipshape-storage-'));
  await mkdir(join(folder, '.devcontainer'));
  await write({ image: IMAGE });
});

afterEach(async () => {
  for (const { id } of ours()) await core?.engines.stores[0]?.engine.remove(id);
  await core?.dispose();
  for (const place of [folder, storage]) await rm(place, { recursive: true, force: true });
});

const write = (value: unknown): Promise<void> =>
  writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify(value));
const open = (): Promise<Core> => startCore({ dockerHost: inject('dockerHost'), folders: [folder], storage });
const mine = (snapshot: Snapshot): DevContainer | undefined =>
  snapshot.devContainers.find((item) => item.workspaceFolder === folder);
const ours = () =>
  core?.inventory.current().containers.filter((c) => c.labels['devcontainer.local_folder'] === folder) ?? [];

/** Kills the window -9 once its job says this, the CLI going on. */
async function dieAt(phase: RegExp): Promise<void> {
  const args = [join(root, 'test/integration/core/dyingWindow.ts'), inject('dockerHost'), folder, storage];
  const window: ChildProcess = spawn(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    },
  );
  await new Promise<void>((resolve, reject) => {
    let said = '';
    window.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (phase.test(said)) resolve();
    });
    window.once('exit', () => reject(new Error(`It ended by itself: ${said}`)));
  });
  const ended = once(window, 'exit');
  process.kill(-(window.pid ?? 0), 'SIGKILL');
  await ended;
}

/** The CLI's process, from the dead window's journal; its group has the same number. */
async function pidOfCli(): Promise<number> {
  const [name = ''] = await readdir(join(storage, 'journal'));
  const entry = JSON.parse(await readFile(join(storage, 'journal', name), 'utf8')) as { cli: string };
  return Number(entry.cli.split('@')[0]);
}

describe('a window that dies in the middle of a recreate', () => {
  test.each([
    ['during a build that works', 'RUN sleep 2', /building/, 'new'],
    ['during a build that fails', 'RUN sleep 2 && false', /building/, 'old'],
  ])(
    '%s: the next one shows the job until the CLI has ended, and there is one container',
    async (_, step, phase, which) => {
      core = await open();
      const { containerId: old } = await core.up(folder);
      await core.dispose();
      await writeFile(join(folder, '.devcontainer', 'Dockerfile'), `FROM ${IMAGE}\n${step}\n`);
      await write({ build: { dockerfile: 'Dockerfile' } });
      await dieAt(phase);
      // The CLI waits until the next window has seen it at work.
      const cli = await pidOfCli();
      process.kill(-cli, 'SIGSTOP');
      core = await open();
      await snapshotWhere(core, (s) => mine(s)?.job?.phase === 'begun before the window was reloaded');
      process.kill(-cli, 'SIGCONT');
      await snapshotWhere(core, (s) => mine(s)?.activity === 'idle', 40_000);
      await core.engines.refresh();
      const [only, another] = ours();
      expect(another).toBeUndefined();
      expect(only).toMatchObject({ state: 'running' });
      expect(only?.id === old).toBe(which === 'old');
      expect(only?.name).not.toContain('_before_');
    },
  );
});
