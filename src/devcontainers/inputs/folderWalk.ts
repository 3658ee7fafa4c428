import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';

export interface WalkLimits {
  /** Whether to go into a folder; gets its path from the start, with forward slashes. */
  readonly enters: (relative: string) => boolean;
  readonly maxEntries: number;
  readonly maxDepth: number;
}

export interface Walked {
  /** Paths from the start, with forward slashes, sorted; links are files here and never followed. */
  readonly files: readonly string[];
  /** Absolute paths of the folders that were looked into. */
  readonly folders: readonly string[];
  /** It stopped before it had seen everything. */
  readonly isCut: boolean;
}

/** Every file below a folder, within limits. Rejects when the folder itself cannot be read; others are left out. */
export async function walkFolder(start: string, limits: WalkLimits): Promise<Walked> {
  const files: string[] = [];
  const folders: string[] = [];
  const waiting: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  let seen = 0;
  let isCut = false;
  for (let next = waiting.shift(); next && !isCut; next = waiting.shift()) {
    const folder = join(start, next.path);
    const entries = await entriesOf(folder, next.path === '');
    folders.push(folder);
    for (const entry of entries) {
      if (++seen > limits.maxEntries) {
        isCut = true;
        break;
      }
      const path = next.path === '' ? entry.name : `${next.path}/${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (next.depth >= limits.maxDepth) isCut = true;
      else if (limits.enters(path)) waiting.push({ path, depth: next.depth + 1 });
    }
    await breathe();
  }
  return { files: files.sort(), folders, isCut };
}

async function entriesOf(folder: string, isStart: boolean): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // The same entries count however the file system orders them, also where there are too many.
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isStart) throw error;
    return [];
  }
}
