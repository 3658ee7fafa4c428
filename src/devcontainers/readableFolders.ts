import { realpathSync } from 'node:fs';
import { isInside } from '../core/identity';

/** Whether a real path lies in one of the folders, which may themselves be reached through links. */
export function isReallyInside(realPath: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(realPath, folder) || isInside(realPath, realFolder(folder)));
}

function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}
