import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCore, type Core } from '../../support/core';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { waitFor } from '../../support/processes';
import { pushImage } from '../../support/pushedImage';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { updateNamed } from '../../support/updates';
import { docker, unique } from '../engine/support';
import { makeGround, type Ground } from '../registry/ground';

const RUNS = ['CMD ["sleep","1000"]', 'STOPSIGNAL KILL'];
let engine: TestEngine;
let registry: TestRegistry;
let ground: Ground;
let core: Core;
let storage: string;

beforeAll(async () => {
  storage = await mkdtemp(join(tmpdir(), 'shipshape-swarm-'));
  [engine, registry, ground] = await Promise.all([startDockerEngine(), startRegistry(), makeGround()]);
  await on('swarm', 'init', '--advertise-addr', '127.0.0.1');
  core = await startCore({ dockerHost: engine.endpoint, folders: [] });
});
afterAll(async () => {
  await core.dispose();
  await Promise.all([engine.stop(), registry.stop(), ground.end()]);
  await rm(storage, { recursive: true });
});

const on = (...args: string[]): Promise<string> => docker(engine.endpoint, ...args);
const push = (lines: readonly string[]): Promise<string> =>
  pushImage(engine.endpoint, `${registry.host}/team/app:1`, [...lines, `LABEL content=${unique('c')}`]);
/** The names of the service's tasks that run. */
const tasks = async (): Promise<string[]> =>
  (await on('ps', '--filter', 'label=com.docker.swarm.service.name=web', '--format', '{{.Names}}'))
    .split('\n')
    .sort();
const updateTasks = async () => updateNamed({ core, storage, registries: ground.client }, await tasks());

test('a service is updated as a whole by its swarm, or goes back', { timeout: 240_000 }, async () => {
  await push(RUNS);
  const options = ['--replicas', '2', '--update-monitor', '2s', '--restart-condition', 'none'];
  await on('service', 'create', '-d', '--name', 'web', ...options, `${registry.host}/team/app:1`);
  await waitFor('two tasks', async () => (await tasks()).filter(Boolean).length === 2);
  const good = await push(RUNS);
  const reports = await updateTasks();
  expect(reports.map(({ updated, unit, to }) => [updated, unit, to])).toEqual([
    ['true', 'web', good],
    ['true', 'web', good],
  ]);
  expect(await on('service', 'inspect', '-f', '{{.Spec.TaskTemplate.ContainerSpec.Image}}', 'web')).toContain(
    good,
  );
  await waitFor('the new tasks alone', async () => {
    const ids = (
      await on('ps', '-q', '--no-trunc', '--filter', 'label=com.docker.swarm.service.name=web')
    ).split('\n');
    return (
      ids.sort().join() ===
      reports
        .map(({ newContainerId }) => newContainerId)
        .sort()
        .join()
    );
  });

  const bad = await push(['CMD ["sh","-c","exit 3"]']);
  const failed = await updateTasks();
  expect(failed.map(({ updated, to }) => [updated, to])).toEqual([
    ['rolled back', bad],
    ['rolled back', bad],
  ]);
  await waitFor('both tasks of the image that works', async () => {
    const images = await on('service', 'ps', 'web', '--filter', 'desired-state=running', '--no-trunc', '--format', '{{.Image}} {{.CurrentState}}'); // prettier-ignore
    return images.split('\n').filter((line) => line.includes(good) && line.includes('Running')).length === 2;
  });
});
