/** Credential helpers of docker: programs called `docker-credential-NAME` that look into a keychain. */
import { spawn, type ChildProcess } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { own } from '../common/record';
import type { Timers } from '../common/scheduling';
import type { AskHelper, Credentials, CredentialSystem } from './credentials';

export interface HelperOptions {
  readonly system: Pick<CredentialSystem, 'env' | 'home'>;
  /** Whether programs may be run at all. */
  readonly mayRun: () => boolean;
  readonly timers: Timers;
  readonly logger: Logger;
  /** How long a helper may take, in milliseconds. */
  readonly limitMs?: number;
}

/** One that fails is left alone for a while; one that knows nothing is asked again, since a login may come. */
export function credentialHelpers(options: HelperOptions): AskHelper {
  const failedUntil = new Map<string, number>();
  return async (name, server) => {
    const key = `${name}\n${server}`;
    if (!options.mayRun() || (failedUntil.get(key) ?? 0) > options.timers.now()) return undefined;
    try {
      return await ask(name, server, options);
    } catch (error) {
      failedUntil.set(key, options.timers.now() + FAILURE_MS);
      options.logger.warn(
        `The credential helper ${name.slice(0, 50)} did not tell of ${server}, which is asked without: ${messageOf(error)}`,
      );
      return undefined;
    }
  };
}

const LIMIT_MS = 10_000;
const FAILURE_MS = 300_000;
const MAX_BYTES = 64 * 1024;

async function ask(name: string, server: string, options: HelperOptions): Promise<Credentials | undefined> {
  const program = await programOf(name, options.system.env['PATH'] ?? options.system.env['Path'] ?? '');
  const { code, stdout } = await run(program, server, options);
  if (code !== 0) {
    if (/credentials not found/i.test(stdout)) return undefined;
    // What it says is not repeated: it may be a secret.
    throw new Error(`it ended with ${code === null ? 'a signal' : `status ${code}`}`);
  }
  return fromAnswer(stdout);
}

/** The name becomes a program's, so it is looked for where programs are, and nowhere near the user's projects. */
async function programOf(name: string, searchPath: string): Promise<string> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw new Error('its name is none');
  const file = `docker-credential-${name}${process.platform === 'win32' && !name.endsWith('.exe') ? '.exe' : ''}`;
  for (const folder of searchPath.split(delimiter).filter((each) => isAbsolute(each))) {
    const path = join(folder, file);
    const isUsable = await access(path, constants.X_OK).then(
      async () => (await stat(path)).isFile(),
      () => false,
    );
    if (isUsable) return path;
  }
  throw new Error(`there is no program ${file} on the PATH`);
}

function run(
  program: string,
  server: string,
  { system, timers, limitMs = LIMIT_MS }: HelperOptions,
): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      ...{ cwd: system.home, detached: process.platform !== 'win32', windowsHide: true },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let stdout = '';
    const end = (reason: string): void => {
      // The whole group: a helper may be a script that waits for another program.
      endGroup(child);
      child.stdout.destroy();
      timer.dispose();
      reject(new Error(reason));
    };
    const timer = timers.after(limitMs, () => end(`it did not answer within ${limitMs / 1000} s`));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MAX_BYTES) end('its answer has no end');
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
    child.on('error', (error) => {
      timer.dispose();
      reject(error);
    });
    child.on('close', (code) => {
      timer.dispose();
      resolve({ code, stdout });
    });
  });
}

function endGroup(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function fromAnswer(stdout: string): Credentials | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw new Error('its answer is no JSON');
  }
  const [username, secret] = [own(answer, 'Username'), own(answer, 'Secret')];
  if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
  return username === '<token>' ? { identityToken: secret } : { username, password: secret };
}
