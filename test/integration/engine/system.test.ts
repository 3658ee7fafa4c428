/** The machine's settings files, and what may stand in their places. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contextNames } from '../../../src/engine/contexts';
import { thisSystem, type System } from '../../../src/engine/system';

let folder: string;
let system: System;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shipshape-system-'));
  system = { ...thisSystem(), env: { DOCKER_CONFIG: folder } };
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a file is read, none is none', async () => {
  writeFileSync(join(folder, 'config.json'), '{}');
  expect((await system.readFile(join(folder, 'config.json')))?.toString()).toBe('{}');
  expect(await system.readFile(join(folder, 'nothing'))).toBeUndefined();
  expect(await system.readFile(join(folder, 'config.json/nothing'))).toBeUndefined();
});

test('what is no file, or far too large, is refused at once', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await expect(system.readFile(fifo)).rejects.toThrow('is no file');
  await expect(system.readFile(folder)).rejects.toThrow('is no file');
  const large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 1024 * 1024 + 1);
  await expect(system.readFile(large)).rejects.toThrow('larger than 1 MiB');
});

test('a FIFO in the place of one context hides no other', async () => {
  for (const name of ['a', 'b']) mkdirSync(join(folder, 'contexts/meta', name), { recursive: true });
  writeFileSync(join(folder, 'contexts/meta/a/meta.json'), JSON.stringify({ Name: 'mine' }));
  execFileSync('mkfifo', [join(folder, 'contexts/meta/b/meta.json')]);
  expect(await contextNames(system)).toEqual(['mine']);
});
