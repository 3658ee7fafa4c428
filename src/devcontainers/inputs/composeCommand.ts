import { isAbsolute } from 'node:path';
import { Slots } from '../../common/scheduling';
import { findProgram } from '../cliCommand';
import { run } from '../shortRun';
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

const maxReason = 4096;

/** The compose command of this machine: `docker compose`, else `docker-compose`, as the CLI looks for it. */
export class ComposeCommand {
  #command: Promise<Command | undefined> | undefined;
  // A window with many configurations must not start as many programs at once.
  readonly #slots = new Slots(() => 2);

  constructor(private readonly dockerPath: () => string | undefined) {}

  /** The merged model as YAML; undefined where there is no compose command. */
  async config(source: ComposeSource, env: Environment, cwd: string): Promise<ComposeAnswer | undefined> {
    const command = await this.#found(env);
    if (!command) return undefined;
    const args = [
      ...command.args,
      ...source.files.flatMap((file) => ['-f', file]),
      ...(source.envFile === undefined ? [] : ['--env-file', source.envFile]),
      ...(command.isOld ? [] : ['--profile', '*']),
      'config',
    ];
    return this.#slots.run(() => answer(command, args, env, cwd));
  }

  /** Whether it is Compose 1; undefined where there is no compose command. */
  async isOld(env: Environment): Promise<boolean | undefined> {
    return (await this.#found(env))?.isOld;
  }

  async #found(env: Environment): Promise<Command | undefined> {
    const command = await (this.#command ??= this.#find(env));
    if (!command) this.#command = undefined;
    return command;
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
