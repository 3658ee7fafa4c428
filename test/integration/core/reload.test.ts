import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { DevContainer, Snapshot } from '../../../src/api';
import type { ResumedJob } from '../../../src/core/recreate';
import { hostProcesses } from '../../../src/storage/processes';
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
  const text = await readFile(join(storage, 'journal', name), 'utf8');
  return (JSON.parse(text) as { run: { pid: number } }).run.pid;
}

/** A container, and a window that died while its replacement was built; the CLI waits until the next one has seen it. */
async function orphanedBuild(step: string) {
  core = await open();
  const { containerId: old } = await core.up(folder);
  await core.dispose();
  await writeFile(join(folder, '.devcontainer', 'Dockerfile'), `FROM ${IMAGE}\n${step}\n`);
  await write({ build: { dockerfile: 'Dockerfile' } });
  const begun = Date.now();
  await dieAt(/building/);
  const diedAt = Date.now();
  const cli = await pidOfCli();
  process.kill(-cli, 'SIGSTOP');
  core = await open();
  const told: ResumedJob[] = [];
  core.recreate.onDidResume((job) => told.push(job));
  await snapshotWhere(core, (s) => mine(s)?.activity === 'building');
  process.kill(-cli, 'SIGCONT');
  return { window: core, old, cli, told, begun, diedAt };
}

describe('a window that dies in the middle of a recreate', () => {
  test.each([
    ['during a build that works', 'RUN sleep 2', 'succeeded'],
    ['during a build that fails', 'RUN sleep 2 && false', 'failed'],
  ])(
    '%s: the next one shows the job with its whole log, tells how it ended, and there is one container',
    async (_, step, expected) => {
      const { window, old, told, begun, diedAt } = await orphanedBuild(step);
      await expect.poll(() => told.length, { timeout: 40_000 }).toBe(1);
      expect(mine(window.inventory.current())?.activity).toBe('idle');
      await window.engines.refresh();
      const [only, another] = ours();
      expect(another).toBeUndefined();
      expect(only).toMatchObject({ state: 'running' });
      expect(only?.id === old).toBe(expected === 'failed');
      expect(only?.name).not.toContain('_before_');
      expect(told).toMatchObject([{ kind: 'recreate', outcome: { outcome: expected } }]);
      const text = window.lines.map((line) => line.text).join('\n');
      expect(text).toMatch(/^Step 1[\s\S]*Step 2/m);
      // What it was made from is known as if the window had lived.
      if (expected === 'succeeded') expect(mine(window.inventory.current())?.dirty).toBe(false);
      else expect(told[0]?.outcome.failure).toMatchObject({ kind: 'build', line: 2 });
      expect(await readdir(join(storage, 'journal'))).toEqual([]);
      // As if the window had lived: from when it began, with every phase and the log of all of it.
      const [run, first] = await window.history.runs(window.item(folder).key);
      expect(first?.kind).toBe('up');
      expect(run).toMatchObject({ kind: 'recreate', outcome: expected, from: { id: old } });
      expect(run?.startedAt).toBeGreaterThanOrEqual(begun);
      expect(run?.startedAt).toBeLessThan(diedAt);
      const build = run?.phases.find(({ name }) => name === 'build');
      expect(run?.phases.map(({ name }) => name).slice(0, 2)).toEqual(['read', 'build']);
      expect(build?.ms).toBeGreaterThan(1_500);
      expect(await readFile(run?.logFile ?? '', 'utf8')).toMatch(/Step 1[\s\S]*Step 2/);
    },
  );

  test('the next one can cancel it', async () => {
    const { window, old, cli, told } = await orphanedBuild('RUN sleep 100');
    const [{ key }, name] = [window.item(folder), hostProcesses.nameOf(cli)];
    window.recreate.cancel(key);
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1);
    expect(told).toMatchObject([{ outcome: { outcome: 'cancelled', containerId: old } }]);
    expect(hostProcesses.isAlive(name)).toBe(false);
    await window.engines.refresh();
    expect(ours()).toMatchObject([{ id: old, state: 'running' }]);
  });
});
