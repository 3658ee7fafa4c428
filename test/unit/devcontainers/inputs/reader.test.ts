import { execFileSync } from 'node:child_process';
import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { variableDigest } from '../../../../src/devcontainers/inputs/environment';
import { assignmentsIn } from '../../../../src/devcontainers/inputs/envFile';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

test('each variable of the host is an input, with the properties that use it', async () => {
  folder.env = { A: 'one', B: 'two' };
  const config = {
    image: 'x:${localEnv:A}',
    build: { args: { V: '${localEnv:A}${env:B}' } },
    containerEnv: { X: '${localEnv:A}', Y: '${localEnv:GONE:default}' },
    mounts: [{ source: '${localEnv:B}' }],
    unknownToUs: '${localEnv:B}',
    name: '${localEnv:B}',
    customizations: { x: '${localEnv:ONLY_HERE}' },
    initializeCommand: 'echo ${localEnv:ONLY_HERE}',
    remoteUser: '${localWorkspaceFolder} ${containerEnv:B} ${localEnv}',
  };
  const [one, two] = [variableDigest('one'), variableDigest('two')];
  expect(await folder.values('environment', config)).toEqual({
    '${localEnv:A}': { image: one, 'build.args': one, 'containerEnv.X': one },
    '${localEnv:B}': { 'build.args': two, mounts: two },
    '${localEnv:GONE}': { 'containerEnv.Y': variableDigest('default') },
  });
  expect(JSON.stringify(await folder.read(config))).not.toMatch(/"(one|two)"/);
});

test.each([
  ['${localEnv:A:x}', 'x', true],
  ['${localEnv:A:x}', 'y', false],
  ['${localEnv:A:}', '', true],
  ['${localEnv:A}', 'x', false],
  ['${localEnv:A:x}${localEnv:A:y}', 'x', false],
  ['${localEnv:A:x}${localEnv:A:x}', 'x', true],
])('%s takes the same whether A is unset or %j: %s', async (image, value, isSame) => {
  const unset = await folder.values('environment', { image });
  folder.env = { A: value };
  const set = await folder.values('environment', { image });
  if (isSame) expect(set).toEqual(unset);
  else expect(set).not.toEqual(unset);
});

test('an unset variable differs from an empty one, and from one of that name', () => {
  const digests = [undefined, '', 'unset'].map(variableDigest);
  expect(new Set(digests).size).toBe(3);
});

test.each([
  ['A=1\nB=2', ['A', 'B']],
  ['# A=1\n\n  B=2  \r\nexport C=3', ['B', 'C']],
  ['=1\nA', ['A']],
  ['A=#x\nA=2', ['A', 'A']],
])('%j assigns %j', (text, names) => {
  expect(assignmentsIn(text).map(({ name }) => name)).toEqual(names);
});

test('env files of runArgs count by name, each value as a digest', async () => {
  await folder.write({ 'a.env': '# c\nTOKEN=s3cret\nFROM_HOST\n', 'sub/b.env': 'B=1' });
  folder.env = { FROM_HOST: 'h', DIR: 'sub' };
  const runArgs = ['--env-file', 'a.env', '--env-file=${localEnv:DIR}/b.env', '--env-file', 'gone.env', 7];
  const { readings, files } = await folder.read({ runArgs });
  expect(readings.filter(({ kind }) => kind === 'envFile')).toMatchObject([
    {
      input: 'a.env',
      values: { TOKEN: variableDigest('s3cret'), FROM_HOST: variableDigest('h') },
      lines: { TOKEN: 2, FROM_HOST: 3 },
    },
    { input: 'sub/b.env', values: { B: variableDigest('1') } },
    {
      input: 'gone.env',
      values: {},
      problem: { message: 'Env file `gone.env` does not exist.', property: ['runArgs'] },
    },
  ]);
  expect(files).toEqual(
    expect.arrayContaining(['a.env', 'sub/b.env', 'gone.env'].map((it) => folder.path(it))),
  );
  expect(JSON.stringify(readings)).not.toContain('s3cret');
});

test.each([
  ['A=x', 'A= x', true],
  ['A=x', 'A=x ', true],
  ['A=x', 'A=x\ry', true],
  ['A=x', '  A=x\r\n', false],
  ['A=x', 'A=x\r', false],
])('%j and %j in an env file of `docker run` differ: %s', async (before, now, isOther) => {
  const read = async (text: string): Promise<unknown> => {
    await folder.write({ 'a.env': text });
    return folder.values('envFile', { runArgs: ['--env-file', 'a.env'] });
  };
  const old = await read(before);
  if (isOther) expect(await read(now)).not.toEqual(old);
  else expect(await read(now)).toEqual(old);
});

test('around a value in an env file of Compose, space says nothing', async () => {
  await folder.write({
    '.devcontainer/c.yml': 'services: {app: {image: x, env_file: a.env}}',
    '.devcontainer/a.env': 'A=  x  \r\n',
  });
  const values = await folder.values('envFile', { dockerComposeFile: 'c.yml', service: 'app' });
  expect(values['.devcontainer/a.env']).toEqual({ A: variableDigest('x') });
});

test('every file of a local Feature counts, by content', async () => {
  const files = { 'devcontainer-feature.json': '{}', 'install.sh': 'true', 'lib/x.sh': '1' };
  for (const [path, text] of Object.entries(files)) await folder.write({ [`.devcontainer/f/${path}`]: text });
  const config = { features: { './f': {}, 'ghcr.io/a/b:1': {}, './gone': {} } };
  const before = await folder.values('feature', config);
  expect(Object.keys(before['.devcontainer/f'] ?? {})).toEqual(Object.keys(files));
  expect(before['.devcontainer/gone']).toEqual({});
  expect(await folder.problems('feature', config)).toEqual(['Feature `.devcontainer/gone` does not exist.']);
  expect((await folder.read(config)).folders).toEqual(
    ['f', 'f/lib'].map((it) => folder.path(`.devcontainer/${it}`)),
  );
  await utimes(folder.path('.devcontainer/f/lib/x.sh'), 1, 1);
  expect(await folder.values('feature', config)).toEqual(before);
  await folder.write({ '.devcontainer/f/lib/x.sh': '2' });
  const after = await folder.values('feature', config);
  expect(after['.devcontainer/f']).not.toEqual(before['.devcontainer/f']);
});

test('a Feature behind a link that leads outside is not read', async () => {
  await symlink('/usr', folder.path('.devcontainer/f'));
  const [problem] = await folder.problems('feature', { features: { './f': {} } });
  expect(problem).toMatch(/^Feature `.devcontainer\/f` cannot be read\. It lies outside/);
});

test.each(['', ' \n', '{}', '{"features":{}}', '{"features": 7}'])(
  'the lockfile %j equals a missing one',
  async (text) => {
    const none = await folder.values('lockfile', {});
    expect(await folder.problems('lockfile', {})).toEqual([]);
    await folder.write({ '.devcontainer/devcontainer-lock.json': text });
    expect(await folder.values('lockfile', {})).toEqual(none);
    expect(await folder.problems('lockfile', {})).toEqual([]);
  },
);

test('a lockfile counts by version, with the line; a broken one is a problem', async () => {
  const file = '.devcontainer/devcontainer-lock.json';
  const entry = { version: '1.2.3', resolved: 'ghcr.io/a/b@sha256:0', integrity: 'sha256:0' };
  await folder.write({ [file]: JSON.stringify({ features: { 'ghcr.io/a/b:1': entry } }, null, 2) });
  const { readings } = await folder.read({});
  expect(readings.find(({ kind }) => kind === 'lockfile')).toMatchObject({
    values: { 'ghcr.io/a/b:1': '1.2.3 ghcr.io/a/b@sha256:0' },
    lines: { 'ghcr.io/a/b:1': 3 },
  });
  await folder.write({ [file]: '{"features":' });
  expect(await folder.problems('lockfile', {})).toEqual([
    `Lockfile \`${file}\` cannot be read. A value is expected`,
  ]);
});

test('a byte order mark in a lockfile is no part of it', async () => {
  const text = '{"features":{"ghcr.io/a/b:1":{"version":"1.2.3"}}}';
  await folder.write({ '.devcontainer/devcontainer-lock.json': `\uFEFF${text}` });
  expect(await folder.problems('lockfile', {})).toEqual([]);
  expect(await folder.values('lockfile', {})).toMatchObject({
    '.devcontainer/devcontainer-lock.json': { 'ghcr.io/a/b:1': '1.2.3' },
  });
});

const watch = (...globs: unknown[]): Record<string, unknown> => ({
  customizations: { shipshape: { watch: globs } },
});

test('watched globs take in the files of the workspace', async () => {
  await folder.write({
    'a/x.txt': '1',
    'a/b/y.txt': '2',
    'a/b/.z.txt': '3',
    'a/n.md': '4',
    'node_modules/m.txt': '5',
  });
  const { readings, folders } = await folder.read(watch('a/**/*.txt', './a/n.md', '*.gone', '**/*.txt'));
  const taken = readings
    .filter(({ kind }) => kind === 'watched')
    .map((it) => [it.input, Object.keys(it.values)]);
  const texts = ['a/b/.z.txt', 'a/b/y.txt', 'a/x.txt'];
  expect(taken).toEqual([
    ['a/**/*.txt', texts],
    ['./a/n.md', ['a/n.md']],
    ['*.gone', []],
    ['**/*.txt', texts],
  ]);
  expect(folders).toEqual(expect.arrayContaining([folder.path('a'), folder.path('a/b')]));
});

test.each(['../x', '/etc/passwd', 'a/../../x', '{..,a}/*', '', 'a\\..\\b', '@(..|a)/*.txt'])(
  'the glob %j leads nowhere, and says so',
  async (glob) => {
    await folder.write({ '../x': 'outside', '../x.txt': 'outside' });
    const { readings } = await folder.read(watch(glob));
    expect(readings.filter(({ kind }) => kind === 'watched')).toMatchObject([
      { values: {}, problem: { property: ['customizations', 'shipshape', 'watch', '0'] } },
    ]);
  },
);

test('watched globs do not follow links out of the workspace', async () => {
  await folder.write({ '../outside/x.txt': 'outside' });
  await symlink(join(folder.root, 'outside'), folder.path('link'));
  await symlink(join(folder.root, 'outside/x.txt'), folder.path('x.txt'));
  const { readings } = await folder.read(watch('link/*.txt', '**/*.txt', 'x.txt', 'link/x.txt'), {
    mayRead: () => true,
  });
  expect(readings.filter(({ kind }) => kind === 'watched').map(({ values }) => Object.keys(values))).toEqual([
    [],
    [],
    [],
    [],
  ]);
});

test.each([
  [{ build: 'Dockerfile' }, '`build` must be an object with a `dockerfile`.'],
  [{ build: {} }, '`build` names no `dockerfile`.'],
  [{ build: { dockerfile: 7 } }, '`build.dockerfile` must be the path of a Dockerfile.'],
  [{ dockerFile: null }, '`dockerFile` must be the path of a Dockerfile.'],
  [{ build: { dockerfile: 'D', context: [] } }, '`build.context` must be the path of a folder.'],
  [{ build: { dockerfile: 'Dokerfile' } }, 'Dockerfile `.devcontainer/Dokerfile` does not exist.'],
  [{ dockerFile: '${localEnv:X:Dokerfile}' }, 'Dockerfile `.devcontainer/Dokerfile` does not exist.'],
])('%j has the problem %j', async (config, message) => {
  expect(await folder.problems('dockerfile', config)).toContain(message);
});

test('a FIFO in the place of any input is named at once', async () => {
  for (const name of ['a.env', '.devcontainer/devcontainer-lock.json', '.devcontainer/c.yml'])
    execFileSync('mkfifo', [folder.path(name)]);
  const config = { runArgs: ['--env-file=a.env'], dockerComposeFile: 'c.yml' };
  expect(await folder.problems('envFile', config)).toEqual([expect.stringContaining('a FIFO')]);
  expect(await folder.problems('lockfile', config)).toEqual([expect.stringContaining('a FIFO')]);
  expect(await folder.problems('composeFile', config)).toEqual([expect.stringContaining('a FIFO')]);
});
