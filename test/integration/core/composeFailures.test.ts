import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const ground = new RecreateGround(() => inject('dockerHost'));
let project = '';
beforeEach(() => {
  project = `cf${process.pid}x${Date.now()}`;
});
afterEach(async () => {
  const ids = ground.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`);
  if (ids) ground.docker('rm', '-f', ...ids.split('\n'));
  await ground.close();
});

const files = (other: string): Record<string, unknown> => ({
  'docker-compose.yml': `version: "2.4"
services:
  app: { image: "${IMAGE}", command: sleep 10000, stop_signal: SIGKILL, ipc: shareable }
  other: { image: "${IMAGE}", command: sleep 10001, stop_signal: SIGKILL${other} }
`,
  'devcontainer.json': { dockerComposeFile: 'docker-compose.yml', service: 'app', workspaceFolder: '/' },
});
const open = () => ground.open(files(''), { env: { ...process.env, COMPOSE_PROJECT_NAME: project } });

test('a sibling that shares with the container by its name: the reason and the way out are told', async () => {
  await open();
  const { containerId: old = '' } = await ground.run('up');
  ground.inside('echo mine > /root/file');
  await ground.write(files(`, ipc: "container:${project}_app_1"`));
  const { outcome, failure } = await ground.run('recreate');
  expect(outcome).toBe('rolledBack');
  expect(failure).toMatchObject({ kind: 'run', logLine: expect.any(Number) as number });
  expect(failure?.message).toContain(
    `service other uses the IPC namespace of container ${project}_app_1, which does not exist`,
  );
  expect(failure?.message).toContain('ipc: "service:NAME"');
  const { containerId = '' } = ground.item();
  expect(containerId).not.toBe(old);
  expect(ground.left()).toEqual([`${containerId} running`]);
  expect(ground.inside('cat /root/file')).toBe('mine');

  // One that never was there is missed before the build, and nothing is touched.
  await ground.write(files(', ipc: "container:no-such-container"'));
  const next = await ground.run('recreate');
  expect(next).toMatchObject({ outcome: 'failed', containerId, failure: { kind: 'build' } });
  expect(next.failure?.message).toContain('of container no-such-container, which does not exist');
  expect(ground.left()).toEqual([`${containerId} running`]);
});
