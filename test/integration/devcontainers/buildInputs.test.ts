import { chmod, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { run } from '../../support/processes';
import { BuildGround } from '../../unit/devcontainers/inputs/ground';

const ground = new BuildGround();
const env = { ...process.env, DOCKER_HOST: inject('dockerHost'), DOCKER_BUILDKIT: '0' };

/** The image that the engine builds; the same one as long as every step comes from its cache. */
async function built(): Promise<string> {
  return (await run('docker', ['build', '-q', '--force-rm', ground.root], { env })).trim();
}

const files = {
  a: '1',
  'b.txt': '1',
  'd/c': '1',
  'd/e/f.md': '1',
  'n/node_modules/x': '1',
  constructor: '1',
  'c++': '1',
  link: '-> a',
  up: '-> d',
};

type Change = () => Promise<unknown>;
const path = (name: string): string => join(ground.root, name);
const edit =
  (name: string): Change =>
  () =>
    ground.write({ [name]: 'changed' });
const touch =
  (name: string): Change =>
  () =>
    utimes(path(name), 1_000, 1_000);

const relink =
  (name: string, target: string): Change =>
  async () => {
    await rm(path(name));
    await ground.write({ [name]: `-> ${target}` });
  };

/** Dockerfile without FROM, .dockerignore, and edits: the engine says whether they change what is taken. */
const cases: [what: string, lines: string, ignored: string, changes: Change[]][] = [
  ['one file', 'COPY a /', '', [edit('a'), edit('b.txt'), touch('a')]],
  ['a folder', 'COPY d /', '', [edit('d/e/f.md'), edit('a'), edit('d/new'), () => rm(path('d/c'))]],
  [
    'all',
    'COPY . /',
    '',
    [edit('n/node_modules/x'), edit('new/x'), () => chmod(path('a'), 0o755), touch('d/c')],
  ],
  ['an empty folder', 'COPY . /', '', [() => ground.write({ 'd/empty/': '' })]],
  ['wildcards', 'COPY *.txt d/*/*.md /x/', '', [edit('b.txt'), edit('d/c'), edit('d/e/f.md'), edit('z.txt')]],
  ['ADD', 'ADD d/c b.txt /x/', '', [edit('d/c'), edit('d/e/f.md'), edit('b.txt')]],
  [
    'a link inside a folder',
    'COPY . /',
    'a',
    [() => rm(path('link')).then(() => ground.write({ link: '-> b.txt' }))],
  ],
  ['a link that is named', 'COPY link /x', '', [edit('a'), edit('b.txt')]],
  ['a link to a folder', 'COPY up /x', '', [edit('d/c'), relink('up', 'd/e')]],
  [
    'a file in a folder that becomes a link',
    'COPY d /x',
    '',
    [relink('d/c', 'e/f.md'), edit('d/e/f.md'), relink('d/c', '../a')],
  ],
  [
    'ignored ones',
    'COPY . /',
    '**/node_modules\n*.txt',
    [edit('n/node_modules/x'), edit('b.txt'), edit('d/b.txt')],
  ],
  ['taken back', 'COPY . /', '*\n!d\nd/e', [edit('a'), edit('d/c'), edit('d/e/f.md')]],
  ['taken back below', 'COPY . /', 'd\n!d/e', [edit('d/c'), edit('d/e/f.md')]],
  ['odd names', 'COPY . /', 'c++', [edit('c++'), edit('constructor')]],
  ['upper case', 'COPY . /', 'A\nD', [edit('a'), edit('d/c')]],
  ['a default', 'ARG V=a\nCOPY $V /', '', [edit('a'), edit('b.txt')]],
  [
    'another stage',
    'COPY a /\nFROM scratch\nCOPY --from=0 /a /b\nCOPY d /',
    '',
    [edit('a'), edit('b.txt'), edit('d/c')],
  ],
];

test.each(cases)(
  'the engine builds anew exactly when the values change: %s',
  async (_, lines, ignored, changes) => {
    await ground.write({
      ...files,
      Dockerfile: `FROM scratch\n${lines}\n`,
      '.dockerignore': `Dockerfile\n.dockerignore\n${ignored}`,
    });
    let image = await built();
    let values = await ground.values();
    expect(await built()).toBe(image);
    for (const [index, change] of changes.entries()) {
      await change();
      const [nextImage, nextValues] = [await built(), await ground.values()];
      const isSame = JSON.stringify(nextValues) === JSON.stringify(values);
      expect([index, isSame]).toEqual([index, nextImage === image]);
      [image, values] = [nextImage, nextValues];
    }
  },
);

/** Names, kinds, modes, links and contents below /x of the image that the engine builds. */
async function contents(): Promise<string> {
  const id = (await run('docker', ['create', await built(), 'x'], { env })).trim();
  const to = await mkdtemp(join(tmpdir(), 'shipshape-image-'));
  try {
    await run('docker', ['cp', `${id}:/x`, to], { env });
    return await run('sh', ['-c', `find . -printf '%P %y %m %l\\n'; find . -type f -exec sha256sum {} +`], {
      cwd: to,
    });
  } finally {
    await run('docker', ['rm', id], { env });
    await rm(to, { recursive: true });
  }
}

test.each<[string, string, Change[]]>([
  [
    'a file that becomes a link to the same, another link, and a link to something else',
    'COPY a b.txt d/c *.md /x/',
    [relink('a', 'b.txt'), relink('a', 'd/c'), relink('b.txt', 'd/e/f.md'), relink('a', 'other')],
  ],
  [
    'a wildcard that finds a link',
    'COPY *.txt /x/',
    [relink('b.txt', 'a'), edit('a'), relink('b.txt', 'd/c')],
  ],
  ['a link of a link', 'COPY link /x/', [relink('a', 'b.txt'), edit('b.txt'), relink('link', 'b.txt')]],
])('the values change exactly when what is in the image does: %s', async (_, line, changes) => {
  await ground.write({ ...files, 'z.md': 'z', other: '2', Dockerfile: `FROM scratch\n${line}\n` });
  let [before, values] = [await contents(), await ground.values()];
  for (const [index, change] of changes.entries()) {
    await change();
    const [now, nextValues] = [await contents(), await ground.values()];
    const isSame = JSON.stringify(nextValues) === JSON.stringify(values);
    expect([index, isSame]).toEqual([index, now === before]);
    [before, values] = [now, nextValues];
  }
});
