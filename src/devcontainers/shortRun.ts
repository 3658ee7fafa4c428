import { spawn } from 'node:child_process';
import { messageOf } from '../common/errors';
import { hostTimers } from '../common/scheduling';

/** How a program ended. */
export interface Run {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended or could not begin. */
  readonly why?: string;
}

const maxBytes = 4 * 1024 * 1024;

/** Runs a program to its end, at most so many milliseconds and 4 MiB. Never rejects. */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string | undefined,
  maxMs = 20_000,
): Promise<Run> {
  return new Promise((resolve) => {
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let size = 0;
    let why: string | undefined;
    const child = spawn(program, args, {
      env: { ...env, PYTHONIOENCODING: 'utf-8' },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      detached: process.platform !== 'win32',
    });
    const stop = (reason: string): void => {
      why ??= reason;
      endGroup(child.pid);
    };
    const limit = hostTimers.after(maxMs, () => stop(`no answer in ${maxMs / 1000} seconds.`));
    const finish = (code: number | undefined, reason: string | undefined): void => {
      limit.dispose();
      const [stdout, stderr] = [out.stdout, out.stderr].map((chunks) =>
        Buffer.concat(chunks).toString('utf8'),
      );
      resolve({
        code,
        stdout: stdout ?? '',
        stderr: stderr ?? '',
        ...(reason === undefined ? {} : { why: reason }),
      });
    };
    for (const kind of ['stdout', 'stderr'] as const) {
      child[kind].on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) stop('it says more than 4 MiB.');
        else out[kind].push(chunk);
      });
    }
    child.once('error', (error) => finish(undefined, messageOf(error)));
    // `exit`, not `close`: a grandchild that holds the pipe would keep us waiting.
    child.once('exit', (code) =>
      setImmediate(() => finish(why === undefined ? (code ?? undefined) : undefined, why)),
    );
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Already over.
  }
}
