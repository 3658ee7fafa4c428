import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { FolderLook } from '../core/folders';
import { errorCode } from './boundedRead';

/** The folders of this machine; shares of others are never looked at, since Windows shows them the user's name. */
export const hostFolders: FolderLook = {
  async exists(folder) {
    if (!isAbsolute(folder) || /^[\\/]{2}/.test(folder)) return undefined;
    try {
      return (await stat(folder)).isDirectory();
    } catch (error) {
      const code = errorCode(error);
      return code === 'ENOENT' || code === 'ENOTDIR' ? false : undefined;
    }
  },
};
