import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const ground = new RecreateGround(() => inject('dockerHost'));
let project = '';
beforeEach(() => {
  project = `sw${process.pid}x${Date.now()}`;
});
afterEach(async () => {
  const label = `label=com.docker.compose.project=${project}`;
  const ids = ground.docker('ps', '-aq', '--filter', label);
  if (ids) ground.docker('rm', '-f', ...ids.split('\n'));
  await ground.close();
});

const files = (app: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'docker-compose.yml': `version: "3"
services:
  app: { image: "${IMAGE}", command: sleep 10000, volumes: ["/anonymous"]${app} }
  db: { image: "${IMAGE}", command: sleep 10000 }
`,
  'devcontainer.json': {
    dockerComposeFile: 'docker-compose.yml',
    service: 'app',
    workspaceFolder: '/',
    ...more,
  },
});
const open = (options = {}) =>
  ground.open(files(''), { env: { ...process.env, COMPOSE_PROJECT_NAME: project }, ...options });
const images = (): string[] =>
  ground.docker('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n').filter((name) => name.startsWith('shipshape/copy:')); // prettier-ignore

test('a start that fails brings a container with all files of the old one, its volumes and its name in the network', async () => {
  await open();
  const { containerId: old = '' } = await ground.run('up');
  ground.inside('echo mine > /root/file; echo kept > /anonymous/file');
  await ground.write(files(', devices: ["/dev/no-such-device:/dev/x"]'));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'rolledBack', failure: { kind: 'run' } });
  expect(outcome.failure?.message).toContain('with all its files, is running in its place');
  const { containerId = '' } = ground.item();
  expect(containerId).not.toBe(old);
  expect(outcome.containerId).toBe(containerId);
  expect(ground.left()).toEqual([`${containerId} running`]);
  expect(ground.inside('cat /root/file /anonymous/file')).toBe('mine\nkept');
  const db = ground.docker('ps', '-q', '--filter', `label=com.docker.compose.project=${project}`, '--filter', 'label=com.docker.compose.service=db'); // prettier-ignore
  expect(ground.docker('exec', db, 'ping', '-c', '1', 'app')).toContain('1 packets received');
  // Its record goes with it: it is dirty by what changed since, and by nothing else.
  const isDirty = () => ground.item().dirty;
  await expect.poll(isDirty, { timeout: 15_000 }).toBe(true);
  await ground.write(files(''));
  await expect.poll(isDirty, { timeout: 15_000 }).toBe(false);
  expect(ground.core.drift.madeFrom(ground.item().engine, containerId)?.source).toBe('created');

  // It is a container of its project like the one before: the next recreate replaces it, and no copy is left.
  const next = await ground.run('recreate');
  expect(next.outcome).toBe('succeeded');
  expect(ground.left()).toEqual([`${next.containerId ?? ''} running`]);
});

test('a success leaves no copy', async () => {
  await open();
  await ground.run('up');
  const before = images();
  await ground.write(files(', environment: { A: "1" }'));
  expect(await ground.run('recreate')).toMatchObject({ outcome: 'succeeded' });
  expect(images()).toEqual(before);
});

test('a hook that fails leaves a way back to the files there were', async () => {
  await open();
  await ground.run('up');
  ground.inside('echo mine > /root/file');
  await ground.write(files('', { postCreateCommand: 'exit 3' }));
  const failed = await ground.run('recreate');
  expect(failed).toMatchObject({ outcome: 'failed', failure: { kind: 'lifecycle' } });
  expect(ground.left()).toEqual([`${failed.containerId ?? ''} running`]);
  const back = await ground.run('rollBack');
  expect(back.outcome).toBe('succeeded');
  expect(ground.left()).toEqual([`${back.containerId ?? ''} running`]);
  expect(ground.inside('cat /root/file')).toBe('mine');
});
