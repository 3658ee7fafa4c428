/** Registries as they are reached from this machine, with what lies on it. */
import { constants, open, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { RegistryClient, type RegistryOptions } from './client';

/** Nothing is read before the first question. */
export function hostRegistries(options: Omit<RegistryOptions, 'system'>): RegistryClient {
  return new RegistryClient({ ...options, system: { env: process.env, home: homedir(), readFile, list } });
}

const MAX_BYTES = 1024 * 1024;

async function readFile(path: string): Promise<Buffer | undefined> {
  // To open a FIFO would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(undefinedIfMissing);
  try {
    const found = await file?.stat();
    if (found && (!found.isFile() || found.size > MAX_BYTES))
      throw new Error('it is no file of ordinary size');
    return await file?.readFile();
  } finally {
    await file?.close();
  }
}

function list(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function undefinedIfMissing(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
