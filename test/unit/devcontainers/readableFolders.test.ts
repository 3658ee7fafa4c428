import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReallyInside } from '../../../src/devcontainers/readableFolders';

let root = '';

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-inside-')));
  await mkdir(join(root, 'real'));
  await symlink(join(root, 'real'), join(root, 'link'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('what lies in a folder that was opened through a link lies in it', () => {
  expect(isReallyInside(join(root, 'real', 'x.json'), [join(root, 'link')])).toBe(true);
  expect(isReallyInside(join(root, 'real', 'x.json'), [join(root, 'other'), join(root, 'real')])).toBe(true);
});

test('what lies beside it does not, and neither does anything in a folder that is not there', () => {
  expect(isReallyInside(join(root, 'realm', 'x.json'), [join(root, 'link')])).toBe(false);
  expect(isReallyInside(join(root, 'real', 'x.json'), [join(root, 'gone')])).toBe(false);
  expect(isReallyInside(join(root, 'real', 'x.json'), [])).toBe(false);
});
