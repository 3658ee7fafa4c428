import { spawn } from 'node:child_process';
import { open, readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface CliProcess {
  readonly pid: number;
  /** Settles when the program itself has ended; rejects when it could not be started. */
  readonly exited: Promise<ProcessExit>;
  /** Ends the program and all its children; settles when none of them is left. */
  end(): Promise<void>;
}

export interface SpawnOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Whose rules count: Windows has no process groups. */
  readonly platform: NodeJS.Platform;
}

/** After SIGTERM this many milliseconds go by before SIGKILL; the attached `docker run` outlives SIGTERM. */
const graceMs = 2000;
const giveUpMs = 10_000;
const lookEveryMs = 25;
/** Between two looks at a process that is not our child, whose end nobody tells. */
const adoptedEveryMs = 200;

/**
 * Starts a program in a process group of its own whose output goes to files: on pipes it would die with us.
 * Rejects when it cannot be started.
 */
export async function spawnToFiles(options: SpawnOptions): Promise<CliProcess> {
  const stdout = await open(options.stdoutFile, 'a', 0o600);
  try {
    const stderr = await open(options.stderrFile, 'a', 0o600);
    try {
      return await start(options, stdout.fd, stderr.fd);
    } finally {
      await stderr.close();
    }
  } finally {
    await stdout.close();
  }
}

/** A process that another program started as `spawnToFiles` does, and that is gone: how it ends nobody can tell. */
export function adoptedProcess(pid: number, isAlive: () => boolean, platform: NodeJS.Platform): CliProcess {
  const wait = async (): Promise<ProcessExit> => {
    while (isAlive()) await pause(adoptedEveryMs);
    return { code: undefined, signal: undefined };
  };
  const exited = wait();
  // Its number may be another's by now.
  return { pid, exited, end: async () => (isAlive() ? endProcess(pid, exited, platform) : undefined) };
}

/** Waits for the program's end, and ends it when `cancel` fires before. */
export async function untilEnd(
  child: CliProcess,
  cancel: AbortSignal,
): Promise<{ exit: ProcessExit; cancelled: boolean }> {
  let ending: Promise<void> | undefined;
  const onAbort = (): void => {
    ending ??= child.end();
    // Awaited below, after the exit; a failure before that must not count as unhandled.
    ending.catch(() => undefined);
  };
  cancel.addEventListener('abort', onAbort, { once: true });
  if (cancel.aborted) onAbort();
  try {
    const exit = await child.exited;
    await ending;
    return { exit, cancelled: ending !== undefined };
  } finally {
    cancel.removeEventListener('abort', onAbort);
  }
}

async function start(options: SpawnOptions, stdout: number, stderr: number): Promise<CliProcess> {
  const child = spawn(options.program, options.args, {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', stdout, stderr],
    detached: options.platform !== 'win32',
    windowsHide: true,
  });
  const exited = new Promise<ProcessExit>((resolve) => {
    // Not 'close': a child that outlives the program would hold it back.
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  return { pid, exited, end: () => endProcess(pid, exited, options.platform) };
}

async function endProcess(
  pid: number,
  exited: Promise<ProcessExit>,
  platform: NodeJS.Platform,
): Promise<void> {
  if (platform === 'win32') await endTree(pid);
  else await endGroup(pid);
  await exited;
}

async function endGroup(pid: number): Promise<void> {
  const startedAt = Date.now();
  signal(-pid, 'SIGTERM');
  while (await isGroupAlive(pid)) {
    const elapsed = Date.now() - startedAt;
    if (elapsed > giveUpMs) throw new Error(`Processes of group ${pid} do not end.`);
    // Each time anew: a process that was just being made may have missed the first.
    if (elapsed >= graceMs) signal(-pid, 'SIGKILL');
    await pause(lookEveryMs);
  }
}

/** To a process, or a group by its negative number; false when there is none. */
function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false;
  }
}

async function isGroupAlive(pid: number): Promise<boolean> {
  if (!signal(-pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  // The dead whom nobody has buried yet still count for kill(2), in a container without an init for ever.
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
  return stats.some((stat) => {
    // After the name in parentheses: state, parent, group.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(group) === pid && state !== 'Z' && state !== 'X';
  });
}

async function endTree(pid: number): Promise<void> {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  const hasEnded = await new Promise<boolean>((resolve) => {
    const killer = spawn(`${root}\\System32\\taskkill.exe`, ['/pid', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      windowsHide: true,
    });
    killer.once('error', () => resolve(false));
    killer.once('exit', (code) => resolve(code === 0));
  });
  // Better without its children than not at all.
  if (!hasEnded) signal(pid, 'SIGKILL');
}
