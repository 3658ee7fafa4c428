import { chmod, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BuildGround } from './ground';

const ground = new BuildGround();

test.each([
  ['one file', 'COPY a x', ['a']],
  ['a folder', 'COPY d x', ['d/b', 'd/e/', 'd/f/c']],
  ['a folder by wildcard', 'COPY d/* x', ['d/b', 'd/e/', 'd/f/c']],
  ['wildcards', 'COPY */?/[bc] x', ['d/f/c']],
  ['a missing file', 'COPY nothing a x', ['a']],
  ['all', 'COPY . .', ['a', 'd/b', 'd/e/', 'd/f/c', 'run', 'script']],
  ['git by name', 'COPY .git/HEAD x', ['.git/HEAD']],
  ['configuration by name', 'COPY .devcontainer.json Dockerfile x', ['.devcontainer.json', 'Dockerfile']],
  ['no copy', 'RUN a', []],
])('what counts of a context: %s', async (_, line, expected) => {
  await ground.write({
    Dockerfile: `FROM scratch\n${line}\n`,
    '.devcontainer.json': '{}',
    '.devcontainer-lock.json': '{}',
    '.git/HEAD': 'x',
    'd/.git': 'gitdir: x',
    a: '1',
    'd/b': '2',
    'd/f/c': '3',
    'd/e/': '',
    'run!': '4',
    script: '4',
  });
  ground.fifo('pipe');
  expect(await ground.taken()).toEqual(expected);
});

test('contents, the executable bit and links count; times, owners and other bits do not', async () => {
  await ground.write({ Dockerfile: 'FROM scratch\nCOPY . .', a: '1', l: '-> a', 'd/': '' });
  const first = await ground.values();
  const path = join(ground.root, 'a');
  const changed = async (change: () => Promise<unknown>): Promise<string[]> => {
    const before = await ground.values();
    await change();
    const after = await ground.values();
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (key) => before[key] !== after[key],
    );
  };
  expect(await changed(() => utimes(path, 1, 1))).toEqual([]);
  expect(await changed(() => chmod(path, 0o600))).toEqual([]);
  expect(
    await changed(() => ground.write({ b: '1' }).then(() => rename(join(ground.root, 'b'), path))),
  ).toEqual([]);
  expect(await changed(() => chmod(path, 0o755))).toEqual(['a']);
  expect(await changed(() => writeFile(path, '2'))).toEqual(['a']);
  expect(await changed(() => rm(join(ground.root, 'l')).then(() => ground.write({ l: '-> b' })))).toEqual([
    'l',
  ]);
  expect(await changed(() => ground.write({ 'd/x': '' }))).toEqual(['d/', 'd/x']);
  expect(await changed(() => ground.write({ __proto__x: '', constructor: '' }))).toEqual([
    '__proto__x',
    'constructor',
  ]);
  expect(Object.values(first).every((value) => /^#[0-9a-f]{16}$/.test(String(value)))).toBe(true);
});

test('a source that no build finds is a flaw of the Dockerfile, at the line that names it', async () => {
  await ground.write({
    Dockerfile:
      'FROM scratch AS base\nCOPY a gone/b /\nCOPY *.none left d /\nCOPY gone/b all/x all/kept /\n' +
      'ARG WHO\nADD $WHO https://x/y /\nRUN --mount=source=lost,target=/l true\nFROM scratch AS unused\nCOPY z /\nFROM base\n',
    '.dockerignore': 'left\nall\n!all/kept\n',
    a: '1',
    left: '2',
    'd/x': '3',
    'all/x': '4',
    'all/kept': '5',
  });
  const flaws = async () =>
    (await ground.read()).readings
      .flatMap((reading) => reading.flaws ?? [])
      .map(({ line, message }) => `${line} ${message}`)
      .sort();
  const gone = (path: string) =>
    `\`${path}\` is not in the build context \`.\`, so that the build will fail.`;
  const out = (path: string) =>
    `\`${path}\` is left out by the ignore file, so that the build will not find it.`;
  expect(await flaws()).toEqual([
    `2 ${gone('gone/b')}`,
    `3 ${out('left')}`,
    `4 ${out('all/x')}`,
    `7 ${gone('lost')}`,
  ]);
  await ground.write({ 'gone/b': '', lost: '', '.dockerignore': '' });
  expect(await flaws()).toEqual([]);
});

test('ignored files do not count; the file beside the Dockerfile comes first', async () => {
  await ground.write({
    'x/Dockerfile': 'FROM scratch\nCOPY . .',
    '.dockerignore': 'a\nx',
    a: '1',
    b: '2',
    'n/c': '3',
  });
  const source = { dockerfile: join(ground.root, 'x/Dockerfile') };
  expect(await ground.taken(source)).toEqual(['b', 'n/c']);
  await ground.write({ 'x/Dockerfile.dockerignore': '*\n!n' });
  expect(await ground.taken(source)).toEqual(['n/c']);
  expect((await ground.read(source)).folders).toEqual([ground.root, join(ground.root, 'n')]);
});

test.each([
  ['one pattern', 'COPY --exclude=*.md . .', ['a', 'd/a.md', 'd/b']],
  ['folders and exceptions', 'COPY --exclude=d --exclude="!d/b" . .', ['a', 'a.md', 'd/b']],
  ['from the source on', 'COPY --exclude=a.md d x', ['d/b']],
  ['a file', 'COPY --exclude=* a.md x', ['a.md']],
  ['taken by another', 'COPY --exclude=* . .\nCOPY d x', ['d/a.md', 'd/b']],
  ['what nobody knows', 'COPY --exclude=$X . .', ['a', 'a.md', 'd/a.md', 'd/b']],
])('what a copy excludes does not count: %s', async (_, lines, expected) => {
  await ground.write({ Dockerfile: `FROM a\n${lines}`, a: '', 'a.md': '', 'd/a.md': '', 'd/b': '' });
  expect(await ground.taken()).toEqual(expected);
});

test('links that sources name are followed within the context only', async () => {
  await ground.write({
    Dockerfile: 'FROM scratch\nCOPY link up/file abs out loop w* /x/',
    'd/file': '1',
    link: '-> d/file',
    up: '-> d',
    abs: '-> /d/file',
    out: '-> ../../../../etc/passwd',
    loop: '-> loop',
    wild: '-> d/file',
  });
  expect(await ground.taken()).toEqual(['abs', 'link', 'loop', 'out', 'up/file', 'wild']);
});

test('what is read and watched', async () => {
  await ground.write({ Dockerfile: 'FROM a\nCOPY a no /x/\nCOPY d /x/', a: '1', 'd/e/b': '2', 'z/q': '' });
  const { files, folders, readings } = await ground.read();
  const paths = ['Dockerfile', 'Dockerfile.dockerignore', '.dockerignore', 'a', 'no'];
  expect(files).toEqual(paths.map((path) => join(ground.root, path)));
  expect(folders).toEqual(['d', 'd/e'].map((path) => join(ground.root, path)));
  expect(readings).toMatchObject([
    {
      kind: 'dockerfile',
      input: 'Dockerfile',
      values: { '': ['FROM a', 'COPY a no /x/', 'COPY d /x/'] },
      lines: { '': [1, 2, 3] },
    },
    { kind: 'context', input: '.', file: ground.root },
  ]);
});

test('with the same fingerprint, the values of the earlier reading serve', async () => {
  await ground.write({ Dockerfile: 'FROM a\nCOPY . .', a: '1', b: '2' });
  await ground.settle('a', 'b');
  const first = await ground.context();
  expect(first?.fingerprint).toMatch(/^#/);
  const known = [{ ...first, kind: 'context', input: '.', values: { from: 'before' } }] as const;
  ground.forget();
  expect(await ground.context({ known })).toEqual(known[0]);
  await ground.write({ c: '' });
  expect(await ground.taken({ known })).toEqual(['a', 'b', 'c']);
});

test('a file written just now has no fingerprint yet: the next write may get the same time', async () => {
  let tookMs = Number.POSITIVE_INFINITY;
  let reading;
  while (tookMs > 40) {
    const began = Date.now();
    await ground.write({ Dockerfile: 'FROM a\nCOPY . .', a: '1' });
    reading = await ground.context();
    tookMs = Date.now() - began;
  }
  expect(reading?.fingerprint).toBeUndefined();
});

test.each([
  ['no Dockerfile', {}, 'Dockerfile `Dockerfile` does not exist.'],
  [
    'a folder',
    { 'Dockerfile/': '' },
    'Dockerfile `Dockerfile` cannot be read: It is a directory, not a regular file.',
  ],
  ['nothing in it', { Dockerfile: '# x' }, 'Dockerfile `Dockerfile` holds no instruction.'],
  [
    'a link that leads out',
    { Dockerfile: '-> /etc/passwd' },
    /^Dockerfile `Dockerfile` cannot be read: .*outside/,
  ],
])('a problem in words: %s', async (_, files, message) => {
  await ground.write(files);
  const { readings, files: watched } = await ground.read();
  const text = typeof message === 'string' ? message : (expect.stringMatching(message) as string);
  expect(readings).toMatchObject([
    { values: {}, problem: { message: text, property: ['build', 'dockerfile'] } },
  ]);
  expect(watched).toEqual([join(ground.root, 'Dockerfile')]);
});

test('problems of the context in words', async () => {
  await ground.write({ Dockerfile: 'FROM a\nCOPY . .', out: '-> /etc', '.dockerignore/': '' });
  const problem = async (context: string): Promise<unknown> =>
    (await ground.context({ context: join(ground.root, context) }))?.problem;
  expect(await problem('no')).toMatchObject({ message: 'Build context `no` does not exist.' });
  expect(await problem('out')).toMatchObject({
    message: 'Build context `out` leads to /etc, which lies outside the folders that may be read.',
  });
  expect(await problem('.')).toMatchObject({ message: expect.stringContaining('`.dockerignore`') as string });
});

test.each([
  ['too many patterns', 'x\n'.repeat(5_001), 'with more than 5,000 patterns.'],
  ['a pattern too long', `a\n${'x'.repeat(1_001)}`, 'with a pattern of more than 1,000 characters.'],
  ['long comments', `#${'x'.repeat(2_000)}\n`.repeat(20), undefined],
])('an ignore file with %s: nothing of it is left out in silence', async (_, ignore, message) => {
  await ground.write({ Dockerfile: 'FROM a\nCOPY . .', '.dockerignore': ignore, a: '1' });
  const problem = (await ground.context())?.problem?.message;
  expect(problem).toBe(message && `Build context \`.\` has an ignore file, \`.dockerignore\`, ${message}`);
});

test('with many files, folders count', async () => {
  const many = Object.fromEntries(Array.from({ length: 2_100 }, (_, n) => [`d${n % 3}/e/f${n}`, '']));
  await ground.write({ Dockerfile: 'FROM a\nCOPY . .', a: '', ...many });
  const before = await ground.values();
  expect(Object.keys(before)).toEqual(['./', 'd0/e/', 'd1/e/', 'd2/e/']);
  await ground.write({ 'd1/e/f1': 'x' });
  const after = await ground.values();
  expect(Object.keys(after).filter((key) => after[key] !== before[key])).toEqual(['d1/e/']);
}, 30_000);
