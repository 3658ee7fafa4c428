import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemsByFile } from '../../../src/core/configProblems';
import type { InputReading } from '../../../src/core/ports';
import { placesIn } from '../../../src/devcontainers/jsonc';
import { InputFolder } from '../../support/inputFolder';

/** The real compose command, behind a script that counts its runs. */
let folder: InputFolder;
let runs: () => Promise<number>;

const config = { dockerComposeFile: 'docker-compose.yml', service: 'app' };
const files = {
  '.devcontainer/docker-compose.yml': `version: "3.4"
services:
  app:
    extends: { file: base.yml, service: base }
    image: "img:\${TAG}"
    environment:
      PLAIN: "plain"
      ASKED: "\${SECRET_OF_HOST}"
    env_file: [app.env]
    volumes: ["..:/workspace"]
    depends_on: [db]
  db: { image: pg }
  unused: { image: unused }
`,
  '.devcontainer/base.yml': 'version: "3.4"\nservices: { base: { user: someone } }\n',
  '.devcontainer/app.env': 'SECRET=canary-file\n',
  '.devcontainer/.env': 'TAG=canary-tag\n',
};

beforeEach(async () => {
  folder = await InputFolder.make();
  await folder.write(files);
  await folder.write({ '../bin/docker': '#!/bin/sh\nexit 1\n' });
  const script = join(folder.root, 'bin', 'docker-compose');
  const log = join(folder.root, 'runs');
  const search = process.env['PATH'] ?? '';
  await writeFile(
    script,
    `#!/bin/sh\n[ "$1" = version ] || echo run >> '${log}'\nPATH='${search}' exec docker-compose "$@"\n`,
  );
  for (const name of ['docker', 'docker-compose']) await chmod(join(folder.root, 'bin', name), 0o755);
  folder.env = { PATH: `${join(folder.root, 'bin')}:/usr/bin:/bin`, SECRET_OF_HOST: 'canary-host' };
  runs = async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1;
});

afterEach(() => folder.remove());

async function readAll(it: Record<string, unknown> = config): Promise<readonly InputReading[]> {
  return (await folder.read(it, { isTrusted: () => true })).readings;
}

async function merged(it?: Record<string, unknown>): Promise<InputReading['values']> {
  const reading = (await readAll(it)).find(({ kind }) => kind === 'compose');
  expect(reading?.problem).toBeUndefined();
  return { ...reading?.values };
}

test('the merged model counts, without secrets and without the place of the workspace', async () => {
  const readings = await readAll({ ...config, runServices: ['app'] });
  const compose = readings.find(({ kind }) => kind === 'compose');
  const digest = expect.stringMatching(/^#[0-9a-f]{16}$/) as string;
  expect({ ...compose?.values }).toEqual({
    'services.app.image': digest,
    'services.app.user': 'someone',
    'services.app.environment.PLAIN': 'plain',
    'services.app.environment.ASKED': digest,
    'services.app.environment.SECRET': digest,
    'services.app.volumes': [digest],
    'services.app.depends_on.db.condition': 'service_started',
    'services.db.image': 'pg',
  });
  expect(compose).toMatchObject({ input: '.devcontainer/docker-compose.yml', fingerprint: digest });
  expect(JSON.stringify(readings)).not.toContain('canary');
  // They count only where nothing merges them, and else tell where a value stands.
  const envFiles = readings.filter(({ kind }) => kind === 'envFile');
  expect(envFiles).toMatchObject([
    { input: '.devcontainer/app.env', lines: { SECRET: 1 } },
    { input: '.devcontainer/.env', lines: { TAG: 1 } },
  ]);
  expect(readings.filter(({ kind }) => kind === 'composeFile')).toHaveLength(2);
});

test('comments, formatting and what no service uses change no value', async () => {
  const before = await merged();
  const text = files['.devcontainer/docker-compose.yml'];
  await folder.write({
    '.devcontainer/docker-compose.yml': `# comment\nx-other: 1\n${text.replace(/"plain"/, "'plain' # comment")}\n\n`,
    '.devcontainer/base.yml':
      'version: "3.4"\nservices:\n  base:\n    user: "someone"\n  other: { image: x }\n',
    '.devcontainer/app.env': '# comment\nSECRET=canary-file\n',
    '.devcontainer/.env': 'UNUSED=1\nTAG=canary-tag\n',
  });
  expect(await merged()).toEqual(before);
  expect(await runs()).toBe(2);
});

test.each([
  ['.devcontainer/base.yml', 'services.app.user', (text: string) => text.replace('someone', 'else')],
  [
    '.devcontainer/app.env',
    'services.app.environment.SECRET',
    (text: string) => text.replace('canary', 'bird'),
  ],
  ['.devcontainer/.env', 'services.app.image', (text: string) => text.replace('canary', 'bird')],
  ['.devcontainer/docker-compose.yml', 'services.db.image', (text: string) => text.replace('pg', 'pg:2')],
] as const)('an edit of %s changes %s alone', async (file, property, edit) => {
  const before = await merged();
  await folder.write({ [file]: edit(files[file]) });
  const after = await merged();
  expect(after[property]).not.toEqual(before[property]);
  expect({ ...after, [property]: before[property] }).toEqual(before);
});

test('a variable of the host counts where the files use it', async () => {
  const before = await merged();
  folder.env = { ...folder.env, SECRET_OF_HOST: 'canary-other', UNUSED: '1' };
  const after = await merged();
  expect(
    Object.keys(after).filter((key) => after[key] !== before[key] && typeof after[key] === 'string'),
  ).toEqual(['services.app.environment.ASKED']);
});

test('the command does not run again while nothing that it reads has changed, nor ever without trust', async () => {
  folder.known = await readAll();
  const before = await merged();
  expect(await runs()).toBe(1);
  expect((await folder.read(config)).readings.find(({ kind }) => kind === 'compose')?.values).toEqual(before);
  await folder.write({ '.devcontainer/app.env': 'SECRET=other\n' });
  expect((await folder.read(config)).readings.filter(({ kind }) => kind === 'compose')).toEqual([]);
  expect(await runs()).toBe(1);
  expect(await merged()).not.toEqual(before);
  expect(await runs()).toBe(2);
});

test('what the command refuses is a problem with its last line, and the files serve', async () => {
  // A value that is a part of our own words: only the command's are masked.
  await folder.write({ '.devcontainer/.env': 'TAG=conf\n' });
  await folder.write({ '.devcontainer/base.yml': 'version: "3.4"\nservices: { base: { usr: someone } }\n' });
  const readings = await readAll();
  const compose = readings.find(({ kind }) => kind === 'compose');
  expect(compose?.problem?.message).toMatch(/^`docker-compose config` failed: Unsupported .*usr/);
  expect(compose?.problem).toMatchObject({ file: folder.path('.devcontainer/base.yml'), line: 2 });
  expect(compose?.values).toEqual({});
  expect(readings.filter(({ kind }) => kind === 'composeFile')[1]?.values).toEqual({
    'services.base.usr': 'someone',
  });
  expect(readings.filter(({ kind }) => kind === 'envFile').map(({ input }) => input)).toEqual([
    '.devcontainer/app.env',
    '.devcontainer/.env',
  ]);
});

test.each([
  ['an unknown key', 'depends_on: [db]', 'dependson: [db]', 11],
  ['a wrong type', 'volumes: ["..:/workspace"]', 'volumes: 5', 10],
  ['a service that is not there', '[db]', '[nope]', 3],
  ['a service that extends itself', '{ file: base.yml, service: base }', '{ service: app }', 4],
  ['an unknown section', '  unused: { image: unused }', 'foo: {}', 13],
  ['a variable that must be set', 'PLAIN: "plain"', 'PLAIN: "${UNSET:?must}"', 6],
])('%s is refused at its line', async (_, from, to, line) => {
  const file = '.devcontainer/docker-compose.yml';
  const text = files[file];
  expect(text).toContain(from);
  await folder.write({ [file]: text.replace(from, to) });
  const refused = (await readAll()).find(({ kind }) => kind === 'compose');
  expect(refused?.problem).toMatchObject({ file: folder.path(file), line });
  // Of a circle the last line alone says nothing.
  if (to === '{ service: app }')
    expect(refused?.problem?.message).toContain('failed: Circular reference: app');
});

test('an env file that is not there is one problem, where the Compose file names it', async () => {
  await rm(folder.path('.devcontainer/app.env'));
  const readings = await readAll();
  const file = folder.path('.devcontainer/docker-compose.yml');
  const message = 'Env file `.devcontainer/app.env` does not exist.';
  expect(readings.find(({ kind }) => kind === 'compose')?.problem).toMatchObject({ message, file, line: 9 });
  const configFile = folder.path('.devcontainer/devcontainer.json');
  const reading = { status: 'ok', text: '{}', value: config, modifiedAt: 0 } as const;
  const found = problemsByFile(configFile, reading, readings, placesIn);
  expect([...found]).toEqual([
    [configFile, []],
    [file, [{ message, line: 9, column: 1, severity: 'error' }]],
  ]);
});

test('a file whose aliases multiply is refused before the command has to bear it', async () => {
  const levels = Array.from(
    { length: 7 },
    (_, n) => `x-${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`,
  );
  await folder.write({
    '.devcontainer/docker-compose.yml': `version: "3.4"
x-0: &a0 v
${levels.join('\n')}
services: { app: { image: img, command: *a7 } }
`,
  });
  const readings = await readAll();
  expect(readings.find(({ kind }) => kind === 'composeFile')?.problem?.message).toContain('20000');
  expect(await runs()).toBe(0);
});

test('without a compose command the files serve', async () => {
  folder.env = { ...folder.env, PATH: '/nowhere' };
  const kinds = (await readAll()).map(({ kind }) => kind);
  expect(kinds).not.toContain('compose');
  expect(kinds).toContain('envFile');
});
