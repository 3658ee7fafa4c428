import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

let podman: TestPodman;
const ground = new RecreateGround(() => podman.endpoint);
beforeAll(async () => {
  podman = await startPodmanEngine();
});
afterEach(() => ground.close());
afterAll(() => podman.stop());

const config = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'devcontainer.json': { image: IMAGE, ...more },
});
/** A hook that fails unless the workspace has a file. */
const hook = 'test -e .devcontainer/fixed || exit 7';
/** Podman lists them in no order. */
const left = (): string[] => ground.left().sort();
const logOf = (): string => ground.core.lines.map(({ text }) => text).join('\n');

test('after a hook that failed, Roll Back brings the old container with its files', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  ground.inside('echo mine > /root/file');
  await ground.write(config({ postCreateCommand: hook }));
  const failed = await ground.run('recreate');
  expect(failed, logOf()).toMatchObject({ outcome: 'failed', failure: { kind: 'lifecycle', exitCode: 7 } });
  expect(left()).toEqual([`${failed.containerId ?? ''} running`, `${old} exited`].sort());
  const back = await ground.run('rollBack');
  expect(back, logOf()).toMatchObject({ outcome: 'succeeded', containerId: old });
  expect(ground.left()).toEqual([`${old} running`]);
  expect(ground.inside('cat /root/file')).toBe('mine');
});

test('a hook that failed is run again, and is done once it works', async () => {
  await ground.open(config());
  await ground.run('up');
  await ground.write(config({ postCreateCommand: `${hook}; echo done > /root/done` }));
  const { containerId: made = '' } = await ground.run('recreate');
  expect(await ground.run('rerun'), logOf()).toMatchObject({ outcome: 'failed', containerId: made });
  expect(ground.item().failure?.kind).toBe('lifecycle');
  await ground.write({ fixed: '' });
  expect(await ground.run('rerun'), logOf()).toMatchObject({ outcome: 'succeeded', containerId: made });
  expect(ground.inside('cat /root/done')).toBe('done');
  expect(ground.item().failure).toBeUndefined();
  expect(ground.left()).toEqual([`${made} running`]);
});

test('a later Roll Back makes a container from the last image that worked', async () => {
  const dockerfile = (n: number): Record<string, unknown> => ({
    Dockerfile: `FROM ${IMAGE}\nRUN echo ${n} > /version\n`,
    'devcontainer.json': { build: { dockerfile: 'Dockerfile' }, containerEnv: { N: String(n) } },
  });
  await ground.open(dockerfile(1));
  await ground.run('up');
  await ground.write(dockerfile(2));
  const { containerId: second = '' } = await ground.run('recreate');
  expect(ground.inside('cat /version')).toBe('2');
  const back = await ground.run('rollBack');
  expect(back, logOf()).toMatchObject({ outcome: 'succeeded', previousContainerId: second });
  expect(ground.inside('cat /version; echo $N')).toBe('1\n1');
  expect(ground.left()).toEqual([`${back.containerId ?? ''} running`]);
  expect(await ground.run('rollBack'), logOf()).toMatchObject({ outcome: 'succeeded' });
  expect(ground.inside('cat /version; echo $N')).toBe('2\n2');
});

test('a container whose network another one shares is kept: Podman would not remove it', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  const other = ground.docker('run', '-d', '--network', `container:${old}`, IMAGE, 'sleep', '10000');
  try {
    await ground.write(config({ containerEnv: { A: '1' } }));
    const outcome = await ground.run('recreate');
    expect(outcome, logOf()).toMatchObject({ outcome: 'succeeded' });
    expect(outcome.notes?.join()).toContain('still shares the network');
    expect(left()).toEqual([`${outcome.containerId ?? ''} running`, `${old} exited`].sort());
    expect(await ground.run('rollBack'), logOf()).toMatchObject({ outcome: 'succeeded', containerId: old });
    expect(ground.docker('inspect', '-f', '{{.State.Status}}', other)).toBe('running');
  } finally {
    ground.docker('rm', '-f', other);
  }
});

test('a container that shares the memory stays as it is, and going back brings both back', async () => {
  const shareable = (more = {}) => config({ runArgs: ['--ipc', 'shareable'], ...more });
  await ground.open(shareable());
  const { containerId: old = '' } = await ground.run('up');
  const name = `sharer${process.pid}x${Date.now()}`;
  const how = ['--name', name, '--ipc', `container:${old}`, '--stop-signal', 'KILL'];
  const other = ground.docker('run', '-d', ...how, IMAGE, 'sleep', '10000');
  try {
    ground.inside('echo shared > /dev/shm/file', old);
    expect(ground.inside('cat /dev/shm/file', other)).toBe('shared');
    await ground.write(shareable({ containerEnv: { A: '1' } }));
    const outcome = await ground.run('recreate');
    expect(outcome, logOf()).toMatchObject({ outcome: 'succeeded' });
    expect(outcome.notes?.join()).toContain(`${name} still shares the memory`);
    expect(left()).toEqual([`${outcome.containerId ?? ''} running`, `${old} exited`].sort());
    const back = await ground.run('rollBack');
    expect(back, logOf()).toMatchObject({ outcome: 'succeeded', containerId: old });
    expect(back.notes).toEqual([`${name} was restarted, since it shares the memory.`]);
    ground.inside('echo again > /dev/shm/file', old);
    expect(ground.inside('cat /dev/shm/file', other)).toBe('again');
  } finally {
    ground.docker('rm', '-f', other);
  }
});
