import { afterEach, beforeEach, expect, test } from 'vitest';
import type { InputReading } from '../../../../src/core/ports';
import { flatten } from '../../../../src/devcontainers/inputs/composeValues';
import { parseCompose } from '../../../../src/devcontainers/inputs/composeYaml';
import { variableDigest } from '../../../../src/devcontainers/inputs/environment';
import { interpolate, variablesIn } from '../../../../src/devcontainers/inputs/interpolation';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

async function flat(text: string): Promise<ReturnType<typeof flatten>> {
  const parsed = await parseCompose(text);
  if ('problem' in parsed) throw new Error(parsed.problem.message);
  const { values, lines } = flatten(parsed.model, parsed.lines);
  return { values: { ...values }, lines: { ...lines } };
}

test('values are flat, lists of KEY=VALUE like mappings, each with its line', async () => {
  const text = `services:
  app:
    environment:
      - A=1
      - "B=x=y" # why

      - FROM_HOST
    command: [sleep, "1"]
    ports:
      - "80:80"
      - { target: 81, published: 82 }
    tty: true
    networks: {}
    labels: { a.b: c }
    init:
`;
  expect(await flat(text)).toEqual({
    values: {
      'services.app.environment.A': '1',
      'services.app.environment.B': 'x=y',
      'services.app.environment.FROM_HOST': 'null',
      'services.app.command': ['sleep', '1'],
      'services.app.ports': ['80:80', '{published: 82, target: 81}'],
      'services.app.tty': 'true',
      'services.app.networks': '{}',
      'services.app.labels.a.b': 'c',
      'services.app.init': 'null',
    },
    lines: {
      'services.app.environment.A': 4,
      'services.app.environment.B': 5,
      'services.app.environment.FROM_HOST': 7,
      'services.app.command': [8, 8],
      'services.app.ports': [10, 11],
      'services.app.tty': 12,
      'services.app.networks': 13,
      'services.app.labels.a.b': 14,
      'services.app.init': 15,
    },
  });
});

test('merge keys, tags of Compose, equal keys and hostile keys are understood', async () => {
  const text = `x-base: &base { image: a, tty: true }
services:
  app:
    <<: *base
    image: b
    image: c
    ports: !reset []
    labels: !override { x: y }
    command: !reset null
    __proto__: { polluted: yes }
`;
  const { values, lines } = await flat(text);
  expect(values).toMatchObject({
    'services.app.image': 'c',
    'services.app.tty': 'true',
    'services.app.ports': [],
    'services.app.labels.x': 'y',
    'services.app.command': 'null',
    'services.app.__proto__.polluted': 'yes',
  });
  expect(lines).toMatchObject({ 'services.app.image': 6, 'services.app.__proto__.polluted': 10 });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.each([
  ['a: [', 1],
  ['a: 1\nb: 2\n c: 3', 3],
  ['a: !unknown x', 1],
  ['- a', 1],
  ['? [1, 2]\n: x', 1],
  ['a: *gone', 1],
])('%j is a problem in line %i', async (text, line) => {
  const parsed = await parseCompose(text);
  expect(parsed).toMatchObject({ problem: { line, message: expect.stringMatching(/./) as string } });
});

test.each([
  ['$A/${A}', 'a/a'],
  ['${GONE:-d} ${GONE-d} ${EMPTY:-d} ${EMPTY-d} ${A:-d}', 'd d d  a'],
  ['${A:+x} ${GONE+x} ${A:?must}', 'x  a'],
  ['$$A $ ${', '$A $ ${'],
])('%j becomes %j', (text, expected) => {
  const variables = new Map([
    ['A', 'a'],
    ['EMPTY', ''],
  ]);
  expect(interpolate(text, (name) => variables.get(name))).toBe(expected);
});

test('the names of variables are found also in defaults of others', () => {
  expect(variablesIn('$A ${B:-${C}} $$D ${E?x}')).toEqual(['A', 'B', 'C', 'E']);
});

const config = { dockerComposeFile: ['a.yml', '../b.yml'], service: 'app', runServices: ['app'] };

async function composeFiles(it: Record<string, unknown> = config): Promise<Record<string, InputReading>> {
  const { readings } = await folder.read(it);
  const files = readings.filter(({ kind }) => kind === 'composeFile');
  return Object.fromEntries(files.map((reading) => [reading.input, reading]));
}

test('extends, include, env files and what a service needs are followed; the rest does not count', async () => {
  await folder.write({
    '.devcontainer/a.yml': `include: [inc.yml]
services:
  app: { depends_on: [db], extends: { file: deep/base.yml, service: base }, env_file: app.env }
  unused: { image: unused }
`,
    'b.yml': 'services: { app: { links: ["cache:c"], env_file: [{ path: maybe.env, required: false }] } }',
    '.devcontainer/inc.yml': 'services: { db: { image: db, env_file: [gone.env] }, cache: { image: cache } }',
    '.devcontainer/deep/base.yml':
      'services: { base: { env_file: [base.env], extends: { service: root } }, root: { user: r }, other: { image: o } }',
    '.devcontainer/app.env': 'SECRET=canary',
    '.devcontainer/deep/base.env': 'B=1',
  });
  const files = await composeFiles();
  expect(
    Object.fromEntries(Object.entries(files).map(([input, it]) => [input, Object.keys(it.values)])),
  ).toEqual({
    '.devcontainer/a.yml': [
      'include',
      'services.app.depends_on.db.condition',
      'services.app.extends.file',
      'services.app.extends.service',
      'services.app.env_file',
    ],
    'b.yml': ['services.app.links', 'services.app.env_file'],
    '.devcontainer/inc.yml': ['services.db.image', 'services.db.env_file', 'services.cache.image'],
    '.devcontainer/deep/base.yml': [
      'services.base.env_file',
      'services.base.extends.service',
      'services.root.user',
    ],
  });
  const { readings, files: watched } = await folder.read(config);
  const envFiles = readings.filter(({ kind }) => kind === 'envFile');
  expect(envFiles.map(({ input, values, problem }) => [input, { ...values }, problem?.message])).toEqual([
    ['.devcontainer/app.env', { SECRET: variableDigest('canary') }, undefined],
    ['.devcontainer/deep/base.env', { B: variableDigest('1') }, undefined],
    ['.devcontainer/gone.env', {}, 'Env file `.devcontainer/gone.env` does not exist.'],
  ]);
  const expected = [
    'a.yml',
    '../b.yml',
    'inc.yml',
    'deep/base.yml',
    'app.env',
    'gone.env',
    'maybe.env',
    '.env',
  ];
  expect(watched).toEqual(expect.arrayContaining(expected.map((it) => folder.path(`.devcontainer/${it}`))));
});

test('without runServices every service counts', async () => {
  await folder.write({ '.devcontainer/a.yml': 'services: { app: { image: a }, other: { image: b } }' });
  const { values } =
    (await composeFiles({ dockerComposeFile: 'a.yml', service: 'app' }))['.devcontainer/a.yml'] ?? {};
  expect(values).toMatchObject({ 'services.other.image': 'b' });
});

test('without trust, the variables that the files use count as digests', async () => {
  folder.env = { FROM_HOST: 'canary-host', UNUSED: 'canary-unused' };
  await folder.write({
    '.devcontainer/a.yml': 'services: { app: { image: "x:$TAG", user: "${FROM_HOST}" } }',
    '.devcontainer/.env': 'TAG=canary-env\nOTHER=canary-other',
  });
  const { readings } = await folder.read({ dockerComposeFile: 'a.yml', service: 'app' });
  const byInput = Object.fromEntries(readings.map(({ input, values }) => [input, { ...values }]));
  expect(byInput).toMatchObject({
    '.devcontainer/.env': { TAG: variableDigest('canary-env') },
    '${FROM_HOST}': { dockerComposeFile: variableDigest('canary-host') },
  });
  expect(Object.keys(byInput['.devcontainer/.env'] ?? {})).toEqual(['TAG']);
  expect(JSON.stringify(readings)).not.toContain('canary');
});

test.each([
  ['COMPOSE_FILE of the host', { COMPOSE_FILE: 'x/h.yml:b.yml' }, ['x/h.yml', 'b.yml']],
  ['COMPOSE_FILE of .env', {}, ['b.yml']],
])('an empty list takes the files of %s', async (_what, env: Record<string, string>, expected) => {
  folder.env = env;
  await folder.write({
    '.env': 'A=1\nCOMPOSE_FILE=b.yml\n',
    'b.yml': 'services: {}',
    'x/h.yml': 'services: {}',
  });
  expect(Object.keys(await composeFiles({ dockerComposeFile: [] }))).toEqual(expected);
});

test('an empty list takes docker-compose.yml and its override, once that is there', async () => {
  await folder.write({ 'docker-compose.yml': 'services: {}' });
  const { files } = await folder.read({ dockerComposeFile: [] });
  expect(files).toContain(folder.path('docker-compose.override.yml'));
  await folder.write({ 'docker-compose.override.yml': 'services: {}' });
  const names = ['docker-compose.yml', 'docker-compose.override.yml'];
  expect(Object.keys(await composeFiles({ dockerComposeFile: [] }))).toEqual(names);
});

test('circles of extends and include come to an end', async () => {
  await folder.write({
    '.devcontainer/a.yml': `include: [a.yml, c.yml]
services:
  app: { extends: { file: c.yml, service: c }, depends_on: [self], build: . }
  self: { depends_on: [app], extends: self }
`,
    '.devcontainer/c.yml': 'include: [a.yml]\nservices: { c: { extends: { file: a.yml, service: app } } }',
  });
  expect(Object.keys(await composeFiles({ dockerComposeFile: 'a.yml', service: 'app' }))).toEqual([
    '.devcontainer/a.yml',
    '.devcontainer/c.yml',
  ]);
});

test.each([
  [{ dockerComposeFile: 7 }, '`dockerComposeFile` must be a path or an array of paths.'],
  [{ dockerComposeFile: ['a.yml', {}] }, '`dockerComposeFile` must be a path or an array of paths.'],
  [{ dockerComposeFile: 'gone.yml' }, 'Compose file `.devcontainer/gone.yml` does not exist.'],
])('%j has the problem %j', async (it, message) => {
  expect(await folder.problems('composeFile', it)).toEqual([message]);
});

test('a quoted value of an env file counts on all of its lines', async () => {
  const config = { dockerComposeFile: '../compose.yml', service: 'app' };
  const compose = 'services: { app: { image: "x:${TAG}", env_file: a.env } }';
  const key = (line: string): string =>
    `KEY="-----BEGIN\n${line}\nX=y \\"z\n-----END" # why\nB=1\nC='x\nD=2\n`;
  const values = async (line: string) => {
    await folder.write({ 'compose.yml': compose, 'a.env': key(line), '.env': `TAG='1\n${line}'\n` });
    return folder.values('envFile', config);
  };
  const [before, after] = [await values('one'), await values('two')];
  expect(Object.keys(before['a.env'] ?? {})).toEqual(['KEY', 'B', 'C', 'D']);
  const differing = Object.keys(before['a.env'] ?? {}).filter(
    (name) => before['a.env']?.[name] !== after['a.env']?.[name],
  );
  expect(differing).toEqual(['KEY']);
  expect(after['.env']).not.toEqual(before['.env']);
});
