import { spawn } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { messageOf } from '../../common/errors';
import { hostTimers, Slots } from '../../common/scheduling';
import { findProgram } from '../cliCommand';
import type { ComposeSource } from './composeSource';

/** What `config` of the compose command said. */
export type ComposeAnswer =
  | { readonly status: 'ok'; readonly text: string }
  /**
   * `reason` is its own last words, with the file that they are about where it names one. `isLasting`: it will say the
   * same as long as the files stay as they are.
   */
  | {
      readonly status: 'failed';
      readonly name: string;
      readonly reason: string;
      readonly isLasting: boolean;
    };

type Environment = Readonly<Record<string, string | undefined>>;

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly isOld: boolean;
}

const maxMs = 20_000;
const maxBytes = 4 * 1024 * 1024;
const maxReason = 4096;

/** The compose command of this machine: `docker compose`, else `docker-compose`, as the CLI looks for it. */
export class ComposeCommand {
  #command: Promise<Command | undefined> | undefined;
  // A window with many configurations must not start as many programs at once.
  readonly #slots = new Slots(() => 2);

  constructor(private readonly dockerPath: () => string | undefined) {}

  /** The merged model as YAML; undefined where there is no compose command. */
  async config(source: ComposeSource, env: Environment, cwd: string): Promise<ComposeAnswer | undefined> {
    const command = await (this.#command ??= this.#find(env));
    if (!command) {
      this.#command = undefined;
      return undefined;
    }
    const args = [
      ...command.args,
      ...source.files.flatMap((file) => ['-f', file]),
      ...(source.envFile === undefined ? [] : ['--env-file', source.envFile]),
      ...(command.isOld ? [] : ['--profile', '*']),
      'config',
    ];
    return this.#slots.run(() => answer(command, args, env, cwd));
  }

  async #find(env: Environment): Promise<Command | undefined> {
    const docker = await this.#locate(this.dockerPath() ?? 'docker', env);
    if (docker !== undefined) {
      const version = await run(docker, ['compose', 'version', '--short'], env, undefined);
      if (version.code === 0) return { program: docker, args: ['compose'], isOld: isOld(version.stdout) };
    }
    const compose = await this.#locate('docker-compose', env);
    if (compose === undefined) return undefined;
    const version = await run(compose, ['version', '--short'], env, undefined);
    return version.code === 0 ? { program: compose, args: [], isOld: isOld(version.stdout) } : undefined;
  }

  #locate(name: string, env: Environment): Promise<string | undefined> {
    return isAbsolute(name) ? Promise.resolve(name) : findProgram(name, env['PATH'] ?? env['Path'] ?? '');
  }
}

async function answer(
  command: Command,
  args: readonly string[],
  env: Environment,
  cwd: string,
): Promise<ComposeAnswer> {
  const { code, stdout, stderr, why } = await run(command.program, args, env, cwd);
  if (code === 0) return { status: 'ok', text: stdout };
  const name = command.args.length > 0 ? 'docker compose' : 'docker-compose';
  const reason = why ?? (lastWords(stderr) || `exit code ${code ?? 'unknown'}`);
  return { status: 'failed', name, reason, isLasting: why === undefined && code !== undefined };
}

/** The last line; Compose 1 says before it which file it is about, or that what follows goes in a circle. */
function lastWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !line.includes('level=warning'));
  const about = said.findLastIndex((line) => /(?:because|Circular reference):$/.test(line));
  return said
    .slice(about >= 0 ? about : -1)
    .join(' ')
    .slice(0, maxReason);
}

function isOld(version: string): boolean {
  return /^v?[01]\./.test(version.trim());
}

interface Run {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended or could not begin. */
  readonly why?: string;
}

/** Runs a program to its end, at most 20 seconds and 4 MiB. Never rejects. */
function run(
  program: string,
  args: readonly string[],
  env: Environment,
  cwd: string | undefined,
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
