import { readFile, rm, writeFile } from 'node:fs/promises';
import { startTimeOf, waitFor } from './processes';

/** Does the work while no other process holds this lock file; the lock of a dead process doesn't count. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await waitFor(`the lock ${file}`, () => take(file), 600_000);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, owner(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
    await breakStale(file);
    return false;
  }
}

async function breakStale(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text !== '' && owner(Number(text.split(' ')[0])) !== text) {
    await rm(file, { force: true });
  }
}

function owner(pid: number): string {
  return `${pid} ${startTimeOf(pid) ?? 'gone'}`;
}
