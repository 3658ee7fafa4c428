/** What endpoint resolution reads from the machine, as a value, so that tests can say what is there. */
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export interface System {
  readonly env: Readonly<Partial<Record<string, string>>>;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** The user's number, where users have one. */
  readonly uid?: number | undefined;
  /**
   * The bytes of a regular file of at most 1 MiB, undefined when there is none; rejects when it is there and cannot be
   * read.
   */
  readFile(file: string): Promise<Buffer | undefined>;
  /** Something is at this path. */
  exists(file: string): Promise<boolean>;
  /** The path behind all links; the path itself when nothing is there. */
  realPath(file: string): Promise<string>;
  /** Names in a folder; none when it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
}

/** This machine. */
export function thisSystem(): System {
  return {
    env: process.env,
    home: homedir(),
    platform: process.platform,
    uid: process.getuid?.(),
    readFile: (file) => readSmall(file).catch(undefinedIfMissing),
    exists: (file) => stat(file).then(() => true).catch(() => false), // prettier-ignore
    realPath: (file) => realpath(file).catch(() => file),
    list: (folder) => readdir(folder).catch(() => []),
  };
}

const MAX_BYTES = 1024 * 1024;

/** Opens without waiting for a writer: a FIFO in the place of a settings file would hold a thread of Node's for ever. */
async function readSmall(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error(`${file} is no file.`);
    if (found.size > MAX_BYTES) throw new Error(`${file} is larger than 1 MiB.`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** An environment variable; an empty one counts as unset, as with the docker command. */
export function variable(system: System, name: string): string | undefined {
  const value = system.env[name];
  return value === '' ? undefined : value;
}

/** Path functions of the system's platform, which in tests is not the one they run on. */
export function pathsOf(system: System): path.PlatformPath {
  return system.platform === 'win32' ? path.win32 : path.posix;
}

function undefinedIfMissing(error: unknown): undefined {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}
