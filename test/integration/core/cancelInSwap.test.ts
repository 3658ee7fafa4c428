import { afterEach, expect, inject, test } from 'vitest';
import { waitFor } from '../../support/processes';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const ground = new RecreateGround(() => inject('dockerHost'));
afterEach(() => ground.close());

/** Its first process does not heed SIGTERM, so that a stop takes until the engine kills it. */
const stubborn = (n: number): Record<string, unknown> => ({
  Dockerfile: `FROM ${IMAGE}\nCMD ["sleep", "10000"]\n`,
  'devcontainer.json': {
    ...{ build: { dockerfile: 'Dockerfile' }, overrideCommand: false },
    ...{ runArgs: ['--stop-timeout', '4'], containerEnv: { N: String(n) } },
  },
});

test('cancelled while the old container is stopping, it runs again once that is over', async () => {
  await ground.open(stubborn(1));
  const { containerId: old = '' } = await ground.run('up');
  await ground.write(stubborn(2));
  const job = ground.run('recreate');
  const told = (what: string): string => ground.docker('inspect', '-f', `{{${what}}}`, old);
  await waitFor('it to step aside', () => told('.Name').includes('_before_'), 60_000);
  ground.core.recreate.cancel(ground.item().key);
  expect(await job).toMatchObject({ outcome: 'cancelled', containerId: old });
  await waitFor('the stop to be over', () => !told('.State.FinishedAt').startsWith('0001'), 20_000);
  expect(ground.left()).toEqual([`${old} running`]);
  expect(told('.Name')).not.toContain('_before_');
});
