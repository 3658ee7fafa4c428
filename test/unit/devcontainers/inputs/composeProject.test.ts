import { chmod, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputFolder } from '../../../support/inputFolder';

const YAML = 'services: { app: { image: i } }\n';
const named = (name: string): string => `name: ${name}\n${YAML}`;
const INNER = { dockerComposeFile: 'compose.yml', service: 'app' };
const OUTER = { dockerComposeFile: '../compose.yml', service: 'app' };

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

/** The project's name where Compose is of this version; without one nothing is run. */
async function projectOf(config: Readonly<Record<string, unknown>>, version?: string) {
  if (version === undefined) return (await folder.read(config)).compose?.project;
  const docker = folder.path('docker');
  await writeFile(docker, `#!/bin/sh\nif [ "$2" = version ]; then echo ${version}; else echo '{}'; fi\n`);
  await chmod(docker, 0o755);
  const options = { isTrusted: () => true, dockerPath: () => docker };
  return (await folder.read(config, options)).compose?.project;
}

test.each<[string, Record<string, string>, Record<string, unknown>, string]>([
  ['a file in .devcontainer', { '.devcontainer/compose.yml': YAML }, INNER, 'workspace_devcontainer'],
  ['a file elsewhere', { 'compose.yml': YAML }, OUTER, 'workspace'],
  [
    'the first of several files',
    { 'compose.yml': YAML, '.devcontainer/compose.yml': YAML },
    { ...OUTER, dockerComposeFile: ['../compose.yml', 'compose.yml'] },
    'workspace',
  ],
  [
    '.env of the folder',
    { '.devcontainer/compose.yml': named('other'), '.env': 'A=b\nCOMPOSE_PROJECT_NAME="My App"\n' },
    INNER,
    'myapp',
  ],
])('the name by %s', async (_, files, config, expected) => {
  await folder.write(files);
  expect(await projectOf(config)).toBe(expected);
});

test('the host has the last word', async () => {
  await folder.write({ '.devcontainer/compose.yml': YAML, '.env': 'COMPOSE_PROJECT_NAME=b\n' });
  folder.env = { COMPOSE_PROJECT_NAME: 'From-Host' };
  expect(await projectOf(INNER)).toBe('from-host');
});

test.each<[string, Record<string, string>, string, string]>([
  ['a name in the file', { '.devcontainer/compose.yml': named('mine') }, 'mine', 'workspace_devcontainer'],
  [
    'a name with a variable',
    { '.devcontainer/compose.yml': named('"${N:-two}"') },
    'two',
    'workspace_devcontainer',
  ],
  [
    '.env beside the file',
    { '.devcontainer/compose.yml': YAML, '.devcontainer/.env': 'COMPOSE_PROJECT_NAME=beside\n' },
    'beside',
    'workspace_devcontainer',
  ],
])('%s counts with Compose 2 alone, and is not known without', async (_, files, today, old) => {
  await folder.write(files);
  expect(await projectOf(INNER, '2.30.1')).toBe(today);
  expect(await projectOf(INNER, '1.29.2')).toBe(old);
  expect(await projectOf(INNER)).toBeUndefined();
});

test('a name that is written is taken, be it the usual one', async () => {
  await folder.write({ '.devcontainer/compose.yml': named('devcontainer') });
  expect(await projectOf(INNER, '2.30.1')).toBe('devcontainer');
});

test('service, folder and files are told; without a service nothing is', async () => {
  await folder.write({ '.devcontainer/compose.yml': YAML });
  const [file, inner] = [folder.path('.devcontainer/compose.yml'), folder.path('.devcontainer')];
  expect((await folder.read(INNER)).compose).toEqual({
    ...{ project: 'workspace_devcontainer', service: 'app', folder: inner, files: [file] },
  });
  expect((await folder.read({ dockerComposeFile: 'compose.yml' })).compose).toBeUndefined();
  expect((await folder.read({ image: 'i' })).compose).toBeUndefined();
});
