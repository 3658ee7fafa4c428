import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { FileRecords } from '../../../src/storage/fileRecords';

test('a watcher is told which record came, changed or went', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-records-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [here, there] = [new FileRecords(folder, silentLogger), new FileRecords(folder, silentLogger)];
  const told: (string | undefined)[] = [];
  const watching = here.watch((key) => told.push(key));
  onTestFinished(() => watching.dispose());
  const seen = async (key: string, deed: () => Promise<unknown>): Promise<void> => {
    // Nobody says when the folder is watched: the deed is done until it is told.
    await vi.waitFor(async () => {
      await deed();
      expect(told).toContain(key);
    });
    expect(new Set(told)).toEqual(new Set([key]));
    told.length = 0;
  };
  await seen('first', () => there.write('first', { a: 1 }));
  expect(await here.read('first')).toEqual({ a: 1 });
  await writeFile(join(folder, 'not a record.json'), '{}');
  await seen('first', () => there.remove('first').then(() => there.write('first', 2)));
  expect(await here.read('first')).toBe(2);
  expect(await here.read('nosuch')).toBeUndefined();
});
