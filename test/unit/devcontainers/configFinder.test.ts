import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Logger } from '../../../src/common/logger';
import { silentLogger } from '../../../src/common/logger';
import { FileConfigFinder } from '../../../src/devcontainers/configFinder';

let root = '';
let warnings: string[] = [];

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-find-')));
  warnings = [];
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function files(...paths: string[]): Promise<void> {
  for (const path of paths) await file(path, '{}');
}

async function file(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** What is found in the root, relative to it. */
async function found(
  options: { maxDepth?: number; maxFolders?: number } = {},
  folders = [root],
  signal?: AbortSignal,
): Promise<string[]> {
  const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
  const configs = await new FileConfigFinder({ logger, ...options }).find(folders, signal);
  return configs.map(({ configFile }) => relative(root, configFile));
}

test('the three places count, and nothing else', async () => {
  await files(
    '.devcontainer/devcontainer.json',
    '.devcontainer.json',
    '.devcontainer/python/devcontainer.json',
    '.devcontainer/a/b/devcontainer.json',
    '.devcontainer/other.json',
    'devcontainer.json',
    '.devcontainer/node_modules/devcontainer.json',
  );
  expect(await found()).toEqual([
    '.devcontainer.json',
    '.devcontainer/devcontainer.json',
    '.devcontainer/node_modules/devcontainer.json',
    '.devcontainer/python/devcontainer.json',
  ]);
});

test('a folder in the place of a configuration is found, so that reading it can say what is wrong', async () => {
  await mkdir(join(root, '.devcontainer/devcontainer.json'), { recursive: true });
  expect(await found()).toEqual(['.devcontainer/devcontainer.json']);
});

test('projects below are found with their own folder, sorted', async () => {
  await files(
    'b/.devcontainer.json',
    'a/x/.devcontainer/devcontainer.json',
    'a/.devcontainer/devcontainer.json',
  );
  const configs = await new FileConfigFinder({ logger: silentLogger }).find([root]);
  expect(configs).toEqual([
    { workspaceFolder: join(root, 'a'), configFile: join(root, 'a/.devcontainer/devcontainer.json') },
    { workspaceFolder: join(root, 'a/x'), configFile: join(root, 'a/x/.devcontainer/devcontainer.json') },
    { workspaceFolder: join(root, 'b'), configFile: join(root, 'b/.devcontainer.json') },
  ]);
});

test('.gitignore counts, nested ones and exceptions too', async () => {
  await file('.gitignore', 'out/\n/only-top/\n*.tmp\n');
  await file('a/.gitignore', 'secret/\n');
  await file('keep/.gitignore', '!out/\n');
  await files(
    'out/.devcontainer.json',
    'a/out/.devcontainer.json',
    'a/secret/.devcontainer.json',
    'b/secret/.devcontainer.json',
    'only-top/.devcontainer.json',
    'b/only-top/.devcontainer.json',
    'keep/out/.devcontainer.json',
  );
  expect(await found()).toEqual([
    'b/only-top/.devcontainer.json',
    'b/secret/.devcontainer.json',
    'keep/out/.devcontainer.json',
  ]);
});

test('.git/info/exclude counts, in nested repositories too', async () => {
  await file('.git/info/exclude', 'mine/\n');
  await file('repo/.git/info/exclude', 'yours/\n');
  await files(
    'mine/.devcontainer.json',
    'repo/yours/.devcontainer.json',
    'repo/.devcontainer.json',
    'yours/.devcontainer.json',
  );
  expect(await found()).toEqual(['repo/.devcontainer.json', 'yours/.devcontainer.json']);
});

test('the places of a given folder count even if they are ignored, those below do not', async () => {
  await file('.gitignore', '.devcontainer\n.devcontainer.json\n');
  await files('.devcontainer/devcontainer.json', '.devcontainer.json', 'sub/.devcontainer/devcontainer.json');
  expect(await found()).toEqual(['.devcontainer.json', '.devcontainer/devcontainer.json']);
  expect(await found({}, [root, join(root, 'sub')])).toContain('sub/.devcontainer/devcontainer.json');
});

test('.git, node_modules and links to folders are not entered', async () => {
  await files('.git/x/.devcontainer.json', 'node_modules/x/.devcontainer.json', 'real/.devcontainer.json');
  await symlink(join(root, 'real'), join(root, 'link'));
  await symlink(root, join(root, 'real/loop'));
  expect(await found()).toEqual(['real/.devcontainer.json']);
});

test('a linked configuration counts', async () => {
  await files('elsewhere.json');
  await mkdir(join(root, '.devcontainer'));
  await symlink(join(root, 'elsewhere.json'), join(root, '.devcontainer/devcontainer.json'));
  expect(await found()).toEqual(['.devcontainer/devcontainer.json']);
});

test('depth and number of folders are bounded, and a cut is told', async () => {
  await files('1/2/3/.devcontainer.json', '1/2/3/4/.devcontainer.json');
  expect(await found({ maxDepth: 3 })).toEqual(['1/2/3/.devcontainer.json']);
  expect(warnings).toEqual([]);
  expect(await found({ maxFolders: 3 })).toEqual([]);
  expect(warnings).toHaveLength(1);
});

test('a folder given twice or within another yields each configuration once', async () => {
  await files('a/.devcontainer.json');
  expect(await found({}, [root, join(root, 'a'), root])).toEqual(['a/.devcontainer.json']);
});

test('what cannot be read or is not there is left out', async () => {
  await files('a/.devcontainer.json');
  expect(await found({}, [root, join(root, 'nosuch'), join(root, 'a/.devcontainer.json')])).toEqual([
    'a/.devcontainer.json',
  ]);
});

test('it can be cancelled', async () => {
  await files('a/.devcontainer.json');
  await expect(found({}, [root], AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});

test('hostile patterns do not hold the walk up', async () => {
  await file('.gitignore', `${'*a'.repeat(60)}b\n${'**/'.repeat(100)}x\n${'('.repeat(5000)}\nout\n`);
  await files(`${'a'.repeat(200)}/.devcontainer.json`, 'out/.devcontainer.json');
  const startedAt = performance.now();
  expect(await found()).toHaveLength(1);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
