import { expect, test } from 'vitest';
import type { ContainerFacts } from '../../../src/core/ports';
import { cliResult } from '../../support/fakeCore';
import { container, devContainer } from '../../support/fakeEngine';
import { FILE, started } from '../../support/recreateCases';

test('of the containers that a log names only those that the build made for its steps are removed', async () => {
  // By the short id that stands in the log: an engine finds them by either.
  const unnamed = (letter: string): ContainerFacts => ({
    ...container(letter, { name: `c${letter}`, image: `sha256:${'0'.repeat(64)}` }),
    id: letter.repeat(12),
  });
  const before = unnamed('0');
  const { engine, cli, recreate, key } = await started([devContainer('a', '/w', FILE), before]);
  const add = (letter: string, more: Partial<ContainerFacts> = {}): void => {
    engine.containers.set(letter.repeat(12), { ...unnamed(letter), createdAt: before.createdAt, ...more });
  };
  cli.run = (_, log) => {
    const step = (letter: string): void =>
      log.onLine({ at: 0, level: 'info', text: ` ---> Running in ${letter.repeat(12)}` });
    add('b');
    add('c', { image: 'image:1' });
    add('d', { createdAt: before.createdAt - 1 });
    add('e', { labels: { 'com.docker.compose.project': 'p' } });
    add('f');
    log.onProgress({ kind: 'build' });
    for (const letter of ['0', 'b', 'c', 'd', 'e']) step(letter);
    log.onProgress({ kind: 'hook', name: 'postCreateCommand', status: 'running' });
    step('f');
    return Promise.resolve(cliResult({ outcome: 'error' }));
  };
  await recreate.run('recreate', key);
  const left = [...engine.containers.values()].map(({ name }) => name);
  expect(left.sort()).toEqual(['c0', 'ca', 'cc', 'cd', 'ce', 'cf']);
});
