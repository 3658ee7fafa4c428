import { expect, test } from 'vitest';
import type { CliResult } from '../../../src/core/ports';
import { devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';
import { FILE, NEW, OLD, started } from '../../support/recreateCases';

/** How a killed CLI ends: without a code and without an answer. */
const killed: CliResult = { tail: [], logFile: '/log' };

test('a container that the engine makes after the CLI was killed goes', async () => {
  const { engine, cli, recreate, key, timers } = await started();
  cli.run = (_, log) => {
    log.onProgress({ kind: 'create' });
    return Promise.resolve(killed);
  };
  const job = recreate.run('recreate', key);
  await settle();
  engine.containers.set(NEW, devContainer('b', '/w', FILE, { state: 'created' }));
  await timers.pass(1_000);
  expect(await job).toMatchObject({ containerId: OLD });
  expect([...engine.containers.keys()]).toEqual([OLD]);
});
