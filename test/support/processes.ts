import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How a program that ran to its end did so. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a started program is given. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Gets what the program says on standard error, as it says it. */
  readonly onStderr?: (text: string) => void;
}

/** Runs a program to its end and tells how it went, whatever the exit code. */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? process.env });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => stdout.push(data));
    child.stderr.on('data', (data: Buffer) => {
      stderr.push(data);
      options.onStderr?.(data.toString());
    });
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    child.stdin.on('error', () => undefined); // A program may end without reading what it is given.
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program to its end, gives what it printed, and throws with its own words when it failed. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(program, args, options);
  if (code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
  }
  return stdout;
}

/** Asks until the answer is neither undefined nor false, and throws when that takes too long. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer as Exclude<T, undefined | false>;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMs} ms`);
    }
    await pause(20);
  }
}

/** Sends a signal to a process, or to a whole group when the id is negative; gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

/** The kernel's start time of a process: with the id it names one process for ever. Undefined when it is gone. */
export function startTimeOf(pid: number): string | undefined {
  const fields = statOf(pid);
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

/** The processes of a program, by the start of its name, that have this text among their arguments. */
export function processesWith(program: RegExp, text: string): number[] {
  return allProcesses().filter((pid) => {
    const [path = '', ...args] = commandLineOf(pid);
    return program.test(basename(path)) && args.some((arg) => arg.includes(text));
  });
}

/** These processes and everything they started. */
export function withDescendants(roots: readonly number[]): number[] {
  const pids = allProcesses();
  const tree = new Set(roots);
  for (let before = -1; before !== tree.size;) {
    before = tree.size;
    pids.filter((pid) => tree.has(Number(statOf(pid)?.[1]))).forEach((pid) => tree.add(pid));
  }
  return [...tree];
}

/** Only Linux tells; elsewhere what is started has to end by its signals alone. */
function allProcesses(): number[] {
  if (!existsSync('/proc')) {
    return [];
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The fields of /proc/PID/stat after the program's name, which may itself contain spaces. */
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The program and its arguments; nothing of a process that has ended. */
export function commandLineOf(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`).split('\0');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // The process ended meanwhile.
  }
}
