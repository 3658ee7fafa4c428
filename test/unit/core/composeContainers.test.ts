import { describe, expect, test } from 'vitest';
import { isOf } from '../../../src/core/composeContainers';
import type { ComposeService } from '../../../src/core/composeService';
import type { ContainerFacts } from '../../../src/core/ports';
import { fakeCore } from '../../support/fakeCore';
import { container, devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';

const FILE = '/w/.devcontainer/devcontainer.json';
const CONFIG = { dockerComposeFile: 'compose.yml', service: 'app' };
const SERVICE: ComposeService = {
  project: 'w_devcontainer',
  service: 'app',
  folder: '/w/.devcontainer',
  files: ['/w/.devcontainer/compose.yml'],
};
const LABELS = {
  'com.docker.compose.project': 'w_devcontainer',
  'com.docker.compose.service': 'app',
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.project.working_dir': '/w/.devcontainer',
  'com.docker.compose.project.config_files': 'compose.yml',
};

async function startWith(...containers: readonly ContainerFacts[]) {
  const core = fakeCore();
  for (const facts of containers) core.engine.containers.set(facts.id, facts);
  core.disk.put(FILE, CONFIG);
  core.inputReader.sets.set(FILE, { readings: [], files: [], folders: [], compose: SERVICE });
  await core.start();
  await settle();
  return { ...core, now: () => core.inventory.current() };
}

describe('isOf', () => {
  const project = 'com.docker.compose.project';
  test.each<[string, Record<string, string>, boolean]>([
    ['all the same', {}, true],
    ['an absolute file', { [`${project}.config_files`]: '/w/.devcontainer/compose.yml' }, true],
    ['a file from the folder above', { [`${project}.config_files`]: '.devcontainer/compose.yml' }, true],
    ['a file from a folder below', { [`${project}.config_files`]: '../compose.yml' }, true],
    ['another project', { [project]: 'w' }, false],
    ['another service', { 'com.docker.compose.service': 'db' }, false],
    ['another folder', { [`${project}.working_dir`]: '/v/.devcontainer' }, false],
    ['another file', { [`${project}.config_files`]: 'other-compose.yml' }, false],
    ['another absolute file', { [`${project}.config_files`]: '/v/.devcontainer/compose.yml' }, false],
    ['one file more', { [`${project}.config_files`]: 'compose.yml,override.yml' }, false],
    ['a single run', { 'com.docker.compose.oneoff': 'True' }, false],
    ['no files', { [`${project}.config_files`]: '' }, false],
  ])('%s', (_, labels, expected) => {
    expect(isOf({ ...LABELS, ...labels }, SERVICE)).toBe(expected);
  });
});

describe('a container that plain Compose made', () => {
  test('is the dev container of its configuration', async () => {
    const [a, db] = [
      container('a', { labels: LABELS }),
      container('b', { labels: { ...LABELS, 'com.docker.compose.service': 'db' } }),
    ];
    const { now } = await startWith(a, db);
    const [item] = now().devContainers;
    expect(now().devContainers).toMatchObject([{ configFile: FILE, state: 'running', containerId: a.id }]);
    expect(now().containers.map(({ devContainer: key }) => key)).toEqual([item?.key, undefined]);
  });

  test('gives way to one that the CLI made, and comes back once that is gone', async () => {
    const [a, b] = [container('a', { labels: LABELS }), devContainer('b', '/w', FILE)];
    const { now, engine, timers } = await startWith(a, b);
    expect(now().devContainers).toMatchObject([{ containerId: b.id }]);
    expect(now().devContainers[0]).not.toHaveProperty('duplicates');
    expect(now().containers.find(({ id }) => id === a.id)).not.toHaveProperty('devContainer');
    engine.happen(b.id, 'destroy', undefined);
    await timers.pass(200);
    expect(now().devContainers).toMatchObject([{ containerId: a.id }]);
    engine.happen(b.id, 'create', b);
    await timers.pass(200);
    expect(now().containers.find(({ id }) => id === a.id)).not.toHaveProperty('devContainer');
  });

  test('of a service that was scaled is the newest, the others are no duplicates', async () => {
    const [a, b] = [
      container('a', { labels: LABELS, createdAt: 1001 }),
      container('b', { labels: LABELS, createdAt: 2001 }),
    ];
    const { now } = await startWith(a, b);
    expect(now().devContainers).toMatchObject([{ containerId: b.id }]);
    expect(now().devContainers[0]).not.toHaveProperty('duplicates');
  });

  test('that goes leaves the configuration without one', async () => {
    const a = container('a', { labels: LABELS });
    const { now, engine, timers } = await startWith(a);
    engine.happen(a.id, 'destroy', undefined);
    await timers.pass(200);
    expect(now().devContainers).toMatchObject([{ state: 'notCreated' }]);
  });

  test('is not looked for where no such service has a container', async () => {
    const other = { ...LABELS, 'com.docker.compose.project.config_files': 'other.yml' };
    const { inputReader, now } = await startWith(container('a', { labels: other }));
    expect(inputReader.requests).toEqual([]);
    expect(now().devContainers).toMatchObject([{ state: 'notCreated' }]);
  });

  test('is asked for its exact times once', async () => {
    const { engine, now } = await startWith(container('a', { labels: LABELS }));
    for (let n = 0; n < 3; n++) now();
    await settle();
    expect(engine.calls.filter((call) => call.startsWith('inspect aaaa'))).toHaveLength(1);
  });
});
