import { realpath, stat } from 'node:fs/promises';

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

/** The real path, or the path itself where there is nothing yet. */
export async function realOrSame(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
