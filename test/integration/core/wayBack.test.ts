import { afterEach, expect, inject, test } from 'vitest';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const ground = new RecreateGround(() => inject('dockerHost'));
afterEach(() => ground.close());

const config = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'devcontainer.json': { image: IMAGE, ...more },
});
/** A hook that fails unless the workspace has a file. */
const hook = 'test -e .devcontainer/fixed || exit 7';

test('a hook that fails leaves the new container, marked, and the old one to go back to, with its files', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  ground.inside('echo mine > /root/file');
  await ground.write(config({ postCreateCommand: hook }));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'failed', failure: { kind: 'lifecycle' } });
  expect(outcome.failure?.message).toMatch(/^postCreateCommand failed, exit 7\./);
  expect(ground.item()).toMatchObject({
    containerId: outcome.containerId,
    failure: { kind: 'lifecycle' },
    previous: { containerId: old },
  });
  expect(ground.item()).not.toHaveProperty('duplicates');
  expect(ground.left()).toEqual([`${outcome.containerId ?? ''} running`, `${old} exited`]);

  const back = await ground.run('rollBack');
  expect(back).toMatchObject({ outcome: 'succeeded', containerId: old });
  expect(ground.left()).toEqual([`${old} running`]);
  expect(ground.inside('cat /root/file')).toBe('mine');
  expect(ground.item()).toMatchObject({ state: 'running', dirty: true, activity: 'idle' });
  expect(ground.item().failure).toBeUndefined();
  expect(ground.item().previous?.containerId).toBeUndefined();
});

test('the same where the user wants the old one back then', async () => {
  await ground.open(config(), { onHookFailure: 'rollBack' });
  const { containerId: old = '' } = await ground.run('up');
  await ground.write(config({ postCreateCommand: hook }));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'rolledBack', containerId: old });
  expect(outcome.failure?.message).toContain('The container it had is running again.');
  expect(ground.left()).toEqual([`${old} running`]);
});

test('a failed hook stays a failure though the CLI says success after it, and can be run again', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  await ground.write(config({ postCreateCommand: `${hook}; echo done > /root/done` }));
  const { containerId: made = '' } = await ground.run('recreate');
  expect(await ground.run('rerun')).toMatchObject({ outcome: 'failed', containerId: made });
  expect(ground.item().failure?.kind).toBe('lifecycle');
  await ground.write({ fixed: '' });
  expect(await ground.run('rerun')).toMatchObject({ outcome: 'succeeded', containerId: made });
  expect(ground.inside('cat /root/done')).toBe('done');
  expect(ground.item().failure).toBeUndefined();
  // The one that was kept for the case is not needed any more; its image is.
  expect(ground.left()).toEqual([`${made} running`]);
  expect(ground.item().previous).toEqual({ at: expect.any(Number) as number });
  expect(old).not.toBe(made);
});

test('an old one that worked is kept over several failures, the failed ones are not', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  await ground.write(config({ postCreateCommand: hook }));
  await ground.run('recreate');
  const { containerId: second = '' } = await ground.run('recreate');
  expect(ground.left()).toEqual([`${second} running`, `${old} exited`]);
  await ground.write({ fixed: '' });
  const { containerId: good = '', outcome } = await ground.run('recreate');
  expect(outcome).toBe('succeeded');
  expect(ground.left()).toEqual([`${good} running`]);
});

test('a later way back goes to the last image that worked, with its configuration', async () => {
  const dockerfile = (n: number): Record<string, unknown> => ({
    Dockerfile: `FROM ${IMAGE}\nRUN echo ${n} > /version\n`,
    'devcontainer.json': {
      build: { dockerfile: 'Dockerfile' },
      containerEnv: { N: String(n) },
      mounts: ['source=shipshape-${devcontainerId},target=/kept,type=volume'],
      postCreateCommand: 'cat /version > /root/hooked',
    },
  });
  await ground.open(dockerfile(1));
  await ground.run('up');
  ground.inside('echo kept > /kept/file');
  await ground.write(dockerfile(2));
  await ground.run('recreate');
  await ground.write(dockerfile(3));
  const { containerId: third = '' } = await ground.run('recreate');
  expect(ground.inside('cat /version')).toBe('3');
  const back = await ground.run('rollBack');
  expect(back.outcome).toBe('succeeded');
  expect(back.downtimeMs).toBeGreaterThan(0);
  expect(back.containerId).not.toBe(third);
  expect(ground.inside('cat /version /root/hooked /kept/file; echo $N')).toBe('2\n2\nkept\n2');
  expect(ground.left()).toEqual([`${back.containerId ?? ''} running`]);
  // What it was made from is known, so that what today's configuration has beyond that is a change.
  expect(ground.item().changes.map(({ property, from, to }) => [property, from, to])).toContainEqual([
    'containerEnv.N',
    '"2"',
    '"3"',
  ]);
  await ground.run('rollBack');
  expect(ground.inside('cat /version')).toBe('3');
});

test('without a way back it is refused in words', async () => {
  await ground.open(config());
  const { containerId = '' } = await ground.run('up');
  await expect(ground.run('rollBack')).rejects.toMatchObject({ code: 'notFound' });
  expect(ground.left()).toEqual([`${containerId} running`]);
});

test('the old container stays after a success where the user wants that', async () => {
  await ground.open(config(), { keepsOld: true });
  const { containerId: first = '' } = await ground.run('up');
  ground.inside('echo mine > /root/file');
  await ground.write(config({ containerEnv: { A: '1' } }));
  const { containerId: second = '' } = await ground.run('recreate');
  expect(ground.left()).toEqual([`${second} running`, `${first} exited`]);
  await ground.write(config({ containerEnv: { A: '2' } }));
  const { containerId: third = '' } = await ground.run('recreate');
  expect(ground.left()).toEqual([`${third} running`, `${second} exited`]);
  await ground.run('rollBack');
  expect(ground.left()).toEqual([`${second} running`]);
});

test.each([
  ['healthy', 'true', 'succeeded'],
  ['unhealthy', 'false', 'rolledBack'],
])('a new container that becomes %s', async (_, command, expected) => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  const check = ['--health-cmd', command, '--health-interval', '1s', '--health-retries', '2'];
  await ground.write(config({ runArgs: check }));
  const outcome = await ground.run('recreate');
  expect(outcome.outcome).toBe(expected);
  if (expected === 'rolledBack') {
    expect(outcome.failure?.message).toMatch(/unhealthy.*running again/);
    expect(ground.left()).toEqual([`${old} running`]);
  } else {
    expect(ground.docker('inspect', '-f', '{{.State.Health.Status}}', outcome.containerId ?? '')).toBe(
      'healthy',
    );
    expect(ground.left()).toHaveLength(1);
  }
});
