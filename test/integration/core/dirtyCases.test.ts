/** What makes a real dev container dirty and what does not, each change made as editors and tools make it. */
import { appendFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../../src/api';
import { snapshotWhere } from '../../support/core';
import { CONFIG, CONFIG_PATH, DirtyGround } from './dirtyGround';

describe('a dev container that was made here', () => {
  let g: DirtyGround;

  beforeAll(async () => {
    g = await DirtyGround.make();
    expect(await g.core.up(g.folder)).toMatchObject({ outcome: 'succeeded' });
    expect(g.item).toMatchObject({ dirty: false, changes: [] });
  });

  afterAll(() => g.discard());

  test.each<[string, () => Promise<unknown>]>([
    ['a touch', () => utimes(g.at(CONFIG_PATH), new Date(), new Date())],
    ['a touch of the Dockerfile', () => utimes(g.at('.devcontainer/Dockerfile'), new Date(), new Date())],
    ['other formatting', () => g.write(CONFIG_PATH, JSON.stringify(JSON.parse(withoutComments(CONFIG))))],
    ['keys in another order', () => g.write(CONFIG_PATH, reversed(withoutComments(CONFIG)))],
    ['another comment', () => g.edit(CONFIG_PATH, (text) => text.replace('What the', 'Why the'))],
    ['a byte order mark', () => g.write(CONFIG_PATH, `\uFEFF${CONFIG}`)],
    ['other line ends', () => g.write(CONFIG_PATH, CONFIG.replaceAll('\n', '\r\n'))],
    ['a comment in the Dockerfile', () => g.edit('.devcontainer/Dockerfile', (text) => `# new\n${text}\n\n`)],
    [
      'instructions in lower case',
      () => g.edit('.devcontainer/Dockerfile', (text) => text.replace('RUN echo', 'run   echo')),
    ],
    ['a file that is not copied', () => g.write('README.md', 'other')],
    ['a file that is ignored', () => g.write('src/a.tmp', 'y')],
    ['a comment in the env file', () => appendFile(g.at('dev.env'), '# why\n')],
  ])('%s changes nothing', async (_, deed) => {
    await deed();
    await g.looked();
    expect(g.item).toMatchObject({ dirty: false, changes: [] });
    await g.restore();
    await g.looked();
  });

  test.each<[string, () => Promise<unknown>, Partial<Change>]>([
    [
      'a property, saved in place',
      () => g.edit(CONFIG_PATH, (text) => text.replace('"dev"', '"test"')),
      {
        input: CONFIG_PATH,
        property: 'containerEnv.NODE_ENV',
        from: '"dev"',
        to: '"test"',
        effect: 'recreate',
        line: 5,
      },
    ],
    [
      'a property, saved through a new file',
      () => atomically(g.at(CONFIG_PATH), CONFIG.replace('"dev"', '"test"')),
      { property: 'containerEnv.NODE_ENV' },
    ],
    [
      'a property, saved with a backup',
      async () => {
        await rename(g.at(CONFIG_PATH), `${g.at(CONFIG_PATH)}~`);
        await g.write(CONFIG_PATH, CONFIG.replace('"dev"', '"test"'));
      },
      { property: 'containerEnv.NODE_ENV' },
    ],
    [
      'a property, in a file deleted and made again',
      async () => {
        await rm(g.at(CONFIG_PATH));
        await g.write(CONFIG_PATH, CONFIG.replace('"dev"', '"test"'));
      },
      { property: 'containerEnv.NODE_ENV' },
    ],
    [
      'a hook that runs at each start',
      () => g.edit(CONFIG_PATH, (text) => text.replace('"true"', '"false"')),
      { property: 'postStartCommand', effect: 'restart' },
    ],
    [
      'an instruction',
      () => g.edit('.devcontainer/Dockerfile', (text) => text.replace('echo built', 'echo again')),
      {
        input: '.devcontainer/Dockerfile',
        from: 'RUN echo built',
        to: 'RUN echo again',
        effect: 'rebuild',
        line: 6,
      },
    ],
    [
      'a copied file',
      () => g.write('requirements.txt', 'django\n'),
      { input: 'requirements.txt', effect: 'rebuild' },
    ],
    [
      'a file in a copied folder',
      () => g.write('src/main.py', 'print(2)\n'),
      { input: 'src/main.py', effect: 'rebuild' },
    ],
    ['a new file in a copied folder', () => g.write('src/new.py', ''), { input: 'src/new.py', to: 'file' }],
    [
      'a copied file that went',
      () => rm(g.at('requirements.txt')),
      {
        input: 'requirements.txt',
        from: 'file',
        namedAt: { file: expect.stringContaining('file') as string, line: 5 },
      },
    ],
    [
      'a copied file that is there, and ignored now',
      () => g.write('.dockerignore', 'src/*.tmp\nrequirements.txt\n'),
      { input: 'requirements.txt', from: 'file', to: 'no longer copied' },
    ],
    ['what is ignored', () => g.write('.dockerignore', ''), { input: 'src/a.tmp', to: 'file' }],
    [
      'a variable of the env file',
      () => g.write('dev.env', 'TOKEN=other\n'),
      { input: 'dev.env', property: 'TOKEN', effect: 'recreate' },
    ],
    [
      'a watched file',
      () => g.write('tools/set-up.sh', 'echo ho\n'),
      { input: 'tools/set-up.sh', effect: 'rebuild' },
    ],
    [
      'the Dockerfile, gone',
      () => rm(g.at('.devcontainer/Dockerfile')),
      {
        ...{ input: '.devcontainer/Dockerfile', to: 'missing' },
        namedAt: { file: expect.stringContaining(CONFIG_PATH) as string, line: 4 },
      },
    ],
  ])('%s is told, and undone it is clean again', async (_, deed, change) => {
    await deed();
    const changes = await g.is(true);
    expect(changes).toMatchObject([change]);
    expect(JSON.stringify(changes)).not.toMatch(/secret-value|other/);
    await g.restore();
    expect(await g.is(false)).toEqual([]);
  });

  test('a property without effect is listed, and leaves it clean', async () => {
    await g.edit(CONFIG_PATH, (text) => text.replace('3000', '3001'));
    await snapshotWhere(g.core, () => g.item.changes.length > 0);
    expect(g.item).toMatchObject({ dirty: false, changes: [{ property: 'forwardPorts', effect: 'none' }] });
    await g.restore();
    await snapshotWhere(g.core, () => g.item.changes.length === 0);
  });
});

async function atomically(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\/.*$/gm, '');
}

function reversed(text: string): string {
  const value = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(Object.fromEntries(Object.entries(value).reverse()), undefined, 4);
}
