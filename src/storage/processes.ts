import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** This machine's processes, named so that none is taken for another later, though ids are used again. */
export const hostProcesses = { own: nameOf(process.pid), nameOf, isAlive };

/** Whether the process of this name still runs. */
function isAlive(name: string): boolean {
  const pid = Number(name.split('@')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return nameOf(pid) === name;
}

/** The id with the start time in clock ticks (proc(5), /proc/PID/stat, field 22); elsewhere with that of the machine. */
function nameOf(pid: number): string {
  if (process.platform !== 'linux') return `${pid}@${Math.round((Date.now() / 1000 - uptime()) / 600)}`;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name, may hold spaces and brackets of its own.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The dead whom nobody has buried yet keep their entry, in a container without an init for ever.
    return 'ZX'.includes(state) ? `${pid}@` : `${pid}@${fields[18] ?? ''}`;
  } catch {
    return `${pid}@`;
  }
}
