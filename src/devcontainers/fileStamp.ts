import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '../common/inParallel';

/** What tells one version of a file from another without reading it. */
export interface FileStamp {
  /** Real path, undefined while there is no such file. */
  readonly real: string | undefined;
  /** Equal for two looks at a file that nobody touched in between. */
  readonly text: string;
}

export const noFile: FileStamp = { real: undefined, text: '' };

/** Looks at a file, through symbolic links; never rejects. */
export async function stampOf(path: string): Promise<FileStamp> {
  try {
    const real = await realpath(path);
    const { mtimeNs, ctimeNs, size, ino } = await stat(real, { bigint: true });
    return { real, text: [real, mtimeNs, ctimeNs, size, ino].join('|') };
  } catch {
    return noFile;
  }
}

/** Of a folder so many files are looked at one by one; of more their names alone count. */
const MAX_ENTRIES = 1000;
const PARALLEL = 8;

/** Looks at a folder and at what lies right in it: a file's own change is none of its folder. Never rejects. */
export async function folderStampOf(path: string): Promise<FileStamp> {
  const stamp = await stampOf(path);
  if (stamp.real === undefined) return stamp;
  const names = (await readdir(path).catch(() => [])).sort();
  const texts = new Map<string, string>();
  await inParallel(names.slice(0, MAX_ENTRIES), PARALLEL, async (name) => {
    texts.set(name, (await stampOf(join(path, name))).text);
  });
  const inside = names.map((name) => `${name}|${texts.get(name) ?? ''}`);
  return { real: stamp.real, text: [stamp.text, ...inside].join('\n') };
}

/** The real path, or the path itself where there is nothing yet. */
export async function realOrSame(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
