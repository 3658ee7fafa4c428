import { readdirSync, readFileSync } from 'node:fs';

/** How many inotify watches this process holds. */
export function inotifyWatches(): number {
  const infos = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  const lines = infos.join('\n').split('\n');
  return lines.filter((line) => line.startsWith('inotify ')).length;
}
