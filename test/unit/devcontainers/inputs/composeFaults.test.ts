/** What is wrong in Compose files, told without a compose command, and where. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { brokenCompose } from '../../../../src/core/brokenCompose';
import type { InputReading } from '../../../../src/core/ports';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

test('a service that no file has is a problem at `service`', async () => {
  const problems = (service: string) =>
    folder.problems('composeFile', { dockerComposeFile: '../compose.yml', service });
  await folder.write({
    'compose.yml': 'include: [more.yml]\nservices: { app: }',
    'more.yml': 'services: { db: {} }',
  });
  expect(await problems('app')).toEqual([]);
  expect(await problems('db')).toEqual([]);
  expect(await problems('${localEnv:NONE:db}')).toEqual([]);
  expect(await problems('other')).toEqual(['The Compose files have no service `other`.']);
  await folder.write({ 'compose.yml': 'include: [oci://x/y]\nservices: { app: }' });
  expect(await problems('other')).toEqual([]);
  await folder.write({ 'compose.yml': 'services: { app: ' });
  expect(await problems('other')).toEqual([expect.stringContaining('cannot be read')]);
});

test('a file that is not there is a problem where it is named', async () => {
  await folder.write({
    'compose.yml': `include:
  - more.yml
services:
  app:
    extends:
      file: base.yml
      service: app
    env_file:
      - there.env
      - path: gone.env
  db:
    env_file: { path: optional.env, required: false }
`,
    'there.env': '',
  });
  const { readings } = await folder.read({
    dockerComposeFile: ['../compose.yml', 'gone.yml'],
    service: 'app',
  });
  const told = readings.flatMap(({ input, problem }) => (problem ? [{ input, ...problem }] : []));
  const file = folder.path('compose.yml');
  expect(told).toMatchObject([
    { input: 'more.yml', file, line: 2 },
    { input: '.devcontainer/gone.yml', property: ['dockerComposeFile', '1'] },
    { input: 'base.yml', file, line: 6 },
    { input: 'gone.env', file, line: 10 },
  ]);
  expect(told.every(({ isMissing }) => isMissing)).toBe(true);
  expect(told[1]).not.toHaveProperty('line');
});

test('of what is not there each is told once, and nothing can be made', async () => {
  const config = { dockerComposeFile: '../compose.yml', service: 'app' };
  await folder.write({ 'compose.yml': 'services:\n  app:\n    env_file: gone.env' });
  const { readings } = await folder.read(config);
  const naming = { configFile: folder.path('.devcontainer/devcontainer.json'), lineOf: () => 7 };
  const file = folder.path('compose.yml');
  const fault = { message: 'Env file `gone.env` does not exist.', line: 3, file };
  expect(brokenCompose(readings, naming)).toEqual(fault);
  const merged: InputReading = { kind: 'compose', input: 'compose.yml', values: {} };
  expect(brokenCompose([merged, ...readings], naming)).toBeUndefined();
  const gone = await folder.read({ ...config, dockerComposeFile: 'gone.yml' });
  expect(brokenCompose(gone.readings, naming)).toEqual({
    message: 'Compose file `.devcontainer/gone.yml` does not exist.',
    line: 7,
  });
});
