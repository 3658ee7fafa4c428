/** A branch with other configurations of all dev containers of a large repository (fault 34), with the real git. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DevContainer } from '../../../src/api';
import { hostTimers as timers } from '../../../src/common/scheduling';
import { News } from '../../../src/core/news';
import { inParallel } from '../../../src/common/inParallel';
import { baseImage } from '../../support/baseImage';
import { sleeper } from '../../support/chaos';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { waitFor } from '../../support/processes';

const CONFIGS = 500;
const AT_ONCE = 8;
/** Sooner than the look at all files, which comes every 30 s: the watchers alone must notice everything. */
const NOTICED_MS = 20_000;
/** So often a new snapshot is made at most, in milliseconds. */
const STORM_MS = 100;

let folder: string;
let core: Core;
let ids: string[];
/** Its own, so that what is measured is this test's alone. */
let engine: TestEngine;
let docker: Docker;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-checkout-')));
  await writeConfigs('one');
  await git('init', '-q', '-b', 'main');
  await commit('one');
  await git('switch', '-qc', 'other');
  await writeConfigs('two');
  await commit('two');
  await git('switch', '-q', 'main');
  engine = await startDockerEngine();
  docker = new Docker({ socketPath: engine.socketPath });
  ids = await createDevContainers();
  core = await startCore({ dockerHost: engine.endpoint, folders: [folder] });
  const { devContainers } = await core.inventory.complete();
  expect(devContainers.filter(({ containerId = '' }) => ids.includes(containerId))).toHaveLength(CONFIGS);
  expect(dirtyOnes(devContainers)).toBe(0);
  // Without a record the times decide, and git gives files new ones.
  const isEachRecorded = async (): Promise<boolean> =>
    (await core.inventory.complete()).devContainers.every(isRecorded);
  await waitFor('what each was made from', isEachRecorded, 60_000);
}, 120_000);

afterAll(async () => {
  await core.dispose();
  await engine.stop();
  await rm(folder, { recursive: true });
});

test('is hardly more than one notification and few snapshots, and back again there is nothing left to say', async () => {
  const told: number[] = [];
  const memory = new Map<string, string>();
  const audience = { isOfWorkspace: () => true, isIgnored: () => false };
  const news = new News(core.inventory, memory, audience, timers);
  const due = new Promise<void>((resolve) => {
    news.onDidBecomeDue((items) => {
      told.push(items.length);
      if (sum(told) === CONFIGS) resolve();
    });
  });
  const snapshots = countSnapshots();

  await git('switch', '-q', 'other');
  const { devContainers } = await snapshotWhere(
    core,
    (now) => dirtyOnes(now.devContainers) === CONFIGS,
    NOTICED_MS,
  );
  expect(snapshots.stop()).toBeLessThanOrEqual(snapshots.atMost());
  expect(new Set(devContainers.flatMap(({ changes }) => changes.map(({ property }) => property)))).toEqual(
    new Set(['containerEnv.LEVEL']),
  );
  await due;
  expect(told).toEqual([CONFIGS]);

  await git('switch', '-q', 'main');
  await snapshotWhere(core, (now) => dirtyOnes(now.devContainers) === 0, NOTICED_MS);
  expect(sum(told)).toBe(CONFIGS);
  news.dispose();
}, 180_000);

function isRecorded({ engine, containerId = '' }: DevContainer): boolean {
  return core.drift.madeFrom(engine, containerId) !== undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function dirtyOnes(items: readonly DevContainer[]): number {
  return items.filter(({ dirty }) => dirty).length;
}

function countSnapshots() {
  const began = performance.now();
  let made = 0;
  let took = 0;
  const listening = core.inventory.onDidChange(() => made++);
  return {
    stop() {
      took = performance.now() - began;
      listening.dispose();
      return made;
    },
    /** The first waits for nothing, and `snapshotWhere` makes one. */
    atMost: () => took / STORM_MS + 2,
  };
}

function configOf(n: number): string {
  return join(folder, `service-${n}`, '.devcontainer/devcontainer.json');
}

async function writeConfigs(level: string): Promise<void> {
  await inParallel(Array(CONFIGS).keys(), AT_ONCE, async (n) => {
    await mkdir(join(configOf(n), '..'), { recursive: true });
    await writeFile(configOf(n), JSON.stringify({ image: baseImage, containerEnv: { LEVEL: level } }));
  });
}

/** As the CLI labels them, which itself would take ten minutes for so many. */
async function createDevContainers(): Promise<string[]> {
  const made: string[] = [];
  await inParallel(Array(CONFIGS).keys(), AT_ONCE, async (n) => {
    const Labels = {
      'devcontainer.local_folder': join(folder, `service-${n}`),
      'devcontainer.config_file': configOf(n),
      'devcontainer.metadata': JSON.stringify([{ containerEnv: { LEVEL: 'one' } }]),
    };
    made.push((await docker.createContainer({ ...sleeper, Env: ['LEVEL=one'], Labels })).id);
  });
  return made;
}

async function commit(message: string): Promise<void> {
  await git('add', '.');
  await git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '-qm', message);
}

async function git(...args: string[]): Promise<void> {
  await promisify(execFile)('git', args, { cwd: folder });
}
