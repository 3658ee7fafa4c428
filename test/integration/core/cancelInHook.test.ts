import { afterEach, expect, inject, test } from 'vitest';
import { waitFor } from '../../support/processes';
import { IMAGE, RecreateGround } from '../../support/recreateGround';
import type { JobKind } from '../../../src/core/jobKinds';

const ground = new RecreateGround(() => inject('dockerHost'));
afterEach(() => ground.close());

const config = (more: Record<string, unknown>): Record<string, unknown> => ({
  'devcontainer.json': { image: IMAGE, ...more },
});
/** The command lines inside. */
const inside = (): string => ground.inside('ps -o args');

/** Cancels this job while a hook of it is at work, and gives what is said. */
async function cancelled(kind: JobKind, word = 'began'): Promise<string> {
  const job = ground.run(kind);
  await waitFor('the hook to work', () => ground.core.lines.some(({ text }) => text === word), 30_000);
  ground.core.recreate.cancel(ground.item().key);
  const { outcome, failure } = await job;
  expect(outcome).toBe('cancelled');
  return failure?.message ?? '';
}

test.each(['up', 'restart'] as const)('%s: a hook that goes on inside is named', async (kind) => {
  await ground.open(config({ postStartCommand: 'true' }));
  const { containerId = '' } = await ground.run('up');
  if (kind === 'up') ground.docker('stop', '-t', '0', containerId);
  await ground.core.engines.refresh();
  await ground.write(config({ postStartCommand: 'echo began; sleep 300' }));
  expect(await cancelled(kind)).toContain(' postStartCommand may still be running in it.');
  expect(inside()).toContain('sleep 300');
});

test('a hook that is run again and goes on is named, and one on this machine, which does not, is not', async () => {
  const hook = (more = {}) =>
    config({ postCreateCommand: 'test -e /x || exit 3; echo began; sleep 300', ...more });
  await ground.open(hook());
  expect((await ground.run('up')).failure).toMatchObject({ kind: 'lifecycle' });
  await ground.write(hook({ initializeCommand: 'echo here; sleep 300' }));
  expect(await cancelled('rerun', 'here')).not.toContain('running in it');
  expect(inside()).not.toContain('sleep 300');
  await ground.write(hook());
  ground.inside('touch /x');
  expect(await cancelled('rerun')).toContain(' postCreateCommand may still be running in it.');
  expect(inside()).toContain('sleep 300');
});

test('where the container of the hook is gone, none is named', async () => {
  await ground.open(config({}));
  await ground.run('up');
  await ground.write(config({ postCreateCommand: 'echo began; sleep 300' }));
  expect(await cancelled('recreate')).toBe('Cancelled. The container it had is running again.');
  expect(inside()).not.toContain('sleep 300');
});
