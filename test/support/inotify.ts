import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How many inotify watches this process holds, leaving out those on the folders in `except`. */
export function inotifyWatches(except?: string): number {
  const infos = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  const others = new Set(except === undefined ? [] : inodesIn(except));
  const inodes = [...infos.join('\n').matchAll(/^inotify .*?\bino:([0-9a-f]+)/gm)].map(
    ([, inode = '']) => inode,
  );
  return inodes.filter((inode) => !others.has(inode)).length;
}

function inodesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => statSync(join(folder, name)).ino.toString(16));
}
