import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import type { CliListener, CliRequest, CliResult, CliRun, DevContainerCli } from '../core/ports';
import {
  buildArguments,
  cliEnvironment,
  forgetArguments,
  launcherSource,
  locateCli,
  upArguments,
} from './cliCommand';
import type { CliCommand } from './cliCommand';
import { CliLogParser } from './cliLog';
import { adoptedProcess, spawnToFiles, untilEnd } from './cliProcess';
import type { CliProcess } from './cliProcess';
import { readAnswer } from './cliResult';
import { explainRun } from './cliExplanation';
import { FileTail } from './fileTail';
import { addFile, jobFolderAt, makeJobFolder, replacedAt } from './jobFolder';
import type { JobFolder } from './jobFolder';
import { limitLog } from './logLimit';
import type { Cut } from './logLimit';
import { LogMemory } from './logMemory';
import { findDocker, programsFor } from './cliPrograms';
import { SecretMask } from './redaction';
import { readSecrets } from './secretsFile';

export interface DevContainersCliOptions {
  /** Folder of the extension's own, outside any workspace; `jobs` and `cli-data` are made in it. */
  readonly storageFolder: string;
  /** Absolute path of the bundled devContainersSpecCLI.js. */
  readonly bundledCli: string;
  /** The setting shipshape.cli.path: absolute path of an executable or a .js file; empty for the bundled CLI. */
  readonly cliPath: () => string | undefined;
  /** Name or absolute path of the docker program; `docker` when empty. */
  readonly dockerPath?: () => string | undefined;
  /** The logs of earlier runs that are to stay; without it all do. */
  readonly keptLogs?: () => Promise<ReadonlySet<string>>;
  readonly logger: Logger;
  /** The environment that the CLI gets; the host's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whose rules for programs count; the host's unless told. */
  readonly platform?: NodeJS.Platform;
}

/** What one run of the CLI is given besides its arguments. */
interface Run {
  readonly job: JobFolder;
  readonly command: CliCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: SecretMask;
  readonly request: CliRequest;
}

/** The real Dev Containers CLI, each run in a process group of its own with its output in files. */
export class DevContainersCli implements DevContainerCli {
  readonly #options: DevContainersCliOptions;
  readonly #platform: NodeJS.Platform;

  constructor(options: DevContainersCliOptions) {
    this.#options = options;
    this.#platform = options.platform ?? process.platform;
  }

  async up(request: CliRequest, listener: CliListener, signal: AbortSignal): Promise<CliResult> {
    throwIfAborted(signal);
    const { keptLogs = () => Promise.reject(new Error('Nobody knows.')) } = this.#options;
    const job = await makeJobFolder(join(this.#options.storageFolder, 'jobs'), keptLogs);
    const launcher = await addFile(job, 'launcher.cjs', launcherSource, 0o600);
    const { bundledCli: bundled, cliPath, dockerPath, env: host = process.env } = this.#options;
    const platform = this.#platform;
    const command = await locateCli({ custom: cliPath(), bundled, launcher, platform });
    const env = { ...cliEnvironment(host, request, platform), ...command.env };
    const secrets = new SecretMask(await readSecrets(request.secretsFile));
    const run = { job, command, env, secrets, request };
    const docker = await findDocker(env, dockerPath?.(), platform);
    const userData = join(this.#options.storageFolder, 'cli-data');
    await mkdir(userData, { recursive: true, mode: 0o700 });
    if (request.replace && platform === 'win32') {
      return this.#replaceWithoutScript(run, docker, userData, listener, signal);
    }
    const programs = await programsFor(run, docker, platform);
    if (request.runAgain) await this.#forgetHooks(run, programs.docker, userData, request.runAgain, signal);
    const config = await this.#otherConfig(run);
    const args = [...upArguments(request, { userData }, programs), ...config];
    const result = await this.#run(run, args, listener, signal);
    return request.metadata && platform === 'win32' ? withOldHooks(result) : result;
  }

  async follow(
    run: CliRun & { readonly isAlive: () => boolean },
    request: CliRequest,
    listener: CliListener,
    signal: AbortSignal,
  ): Promise<CliResult> {
    const job = jobFolderAt(join(this.#options.storageFolder, 'jobs'), run.folder);
    const secrets = new SecretMask(await readSecrets(request.secretsFile));
    const child = adoptedProcess(run.pid, run.isAlive, this.#platform);
    return this.#read({ job, secrets, request }, child, listener, signal);
  }

  /** The CLI notes in the container which hooks were begun, and runs none of them again: takes these notes away. */
  async #forgetHooks(
    run: Run,
    docker: string,
    userData: string,
    hooks: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const quiet: CliListener = { onLine: () => undefined, onProgress: () => undefined };
    const result = await this.#run(
      run,
      forgetArguments(run.request, { userData }, docker, hooks),
      quiet,
      signal,
    );
    if (result.exitCode === 0) return;
    const why = result.tail.at(-1) ?? 'the container does not answer';
    throw new ShipshapeError('engineFailed', `${hooks.join(', ')} cannot be run again: ${why}`);
  }

  async #otherConfig({ job, request }: Run): Promise<string[]> {
    if (request.configText === undefined) return [];
    return [`--override-config=${await addFile(job, 'devcontainer.json', request.configText, 0o600)}`];
  }

  /** Windows has no sh for a script: builds under a name of its own first, then lets the CLI remove the container. */
  async #replaceWithoutScript(
    run: Run,
    docker: string,
    userData: string,
    listener: CliListener,
    signal: AbortSignal,
  ): Promise<CliResult> {
    const candidate = 'shipshape-candidate';
    const args = buildArguments(run.request, { userData }, docker, candidate);
    const built = await this.#run(run, args, listener, signal);
    if (built.outcome !== 'success') return built;
    await addFile(run.job, 'replaced', '', 0o600);
    const up = [...upArguments({ ...run.request, noCache: false }, { userData }, { docker }), removeExisting];
    return this.#run(run, up, listener, signal);
  }

  async #run(
    run: Run,
    args: readonly string[],
    listener: CliListener,
    signal: AbortSignal,
  ): Promise<CliResult> {
    throwIfAborted(signal);
    const child = await this.#spawn(run, args);
    await run.request.onStarted?.({ pid: child.pid, folder: basename(run.job.folder) });
    return this.#read(run, child, listener, signal);
  }

  /** Hands on what the CLI says, from its first line, and tells how it ended. */
  async #read(
    run: Pick<Run, 'job' | 'secrets' | 'request'>,
    child: CliProcess,
    listener: CliListener,
    signal: AbortSignal,
  ): Promise<CliResult> {
    const { job } = run;
    const memory = new LogMemory();
    const guarded = this.#guarded(listener, memory);
    const parser = new CliLogParser(guarded, run.secrets);
    guarded.onLog?.(job.log, job.startedAt);
    const tail = new FileTail(job.log, (chunk) => parser.push(chunk));
    const { exit, cancelled } = await untilEnd(child, signal);
    await tail.finish();
    parser.end();
    const cut = await this.#limit(job);
    if (cancelled) throw new ShipshapeError('cancelled', 'The job was cancelled.');
    const answer = await readAnswer(job.answer);
    // A CLI that died without a word leaves children at work, which would change what we are about to look at.
    if (answer === undefined) await child.end();
    const givenUp = await replacedAt(job);
    const explained = await explainRun(run.request, { answer, exit, memory, cut }, run.secrets);
    return {
      ...explained,
      ...(exit.code === undefined ? {} : { exitCode: exit.code }),
      ...(answer?.containerId === undefined ? {} : { containerId: answer.containerId }),
      ...(givenUp === undefined ? {} : { replacedAt: givenUp }),
      tail: memory.tail(),
      logFile: job.log,
    };
  }

  async #spawn(run: Run, args: readonly string[]): Promise<CliProcess> {
    const { job, command, env } = run;
    const platform = this.#platform;
    const options = { program: command.program, args: [...command.args, ...args], env, cwd: homedir() };
    try {
      return await spawnToFiles({ ...options, stdoutFile: job.answer, stderrFile: job.log, platform });
    } catch (error) {
      const message = `The Dev Containers CLI cannot be started: ${messageOf(error)}. See the setting shipshape.cli.path.`;
      throw new ShipshapeError('cliMissing', message, { cause: error });
    }
  }

  /** A disk without room for the shorter log keeps the longer one. */
  async #limit(job: JobFolder): Promise<Cut | undefined> {
    try {
      return await limitLog(job.log);
    } catch (error) {
      this.#options.logger.warn(`${job.log} cannot be shortened: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** A listener that throws must not keep the log from being read to its end. */
  #guarded(listener: CliListener, memory: LogMemory): CliListener {
    const guard = (call: () => void): void => {
      try {
        call();
      } catch (error) {
        this.#options.logger.error(`A listener of the CLI's log failed: ${messageOf(error)}`);
      }
    };
    return {
      onLine: (line) => {
        memory.line(line);
        guard(() => listener.onLine(line));
      },
      onProgress: (progress, at) => {
        memory.progress(progress);
        guard(() => listener.onProgress(progress, at));
      },
      onLog: (file, at) => guard(() => listener.onLog?.(file, at)),
      onUnfinished: (text) => guard(() => listener.onUnfinished?.(text)),
    };
  }
}

/** Windows has no sh for a script that shows today's hooks: it runs, but what ran is not what the file says. */
function withOldHooks(result: CliResult): CliResult {
  if (result.outcome !== 'success') return result;
  const message =
    'On Windows a start runs the hooks from when the container was made: recreate it to have those of today.';
  return { ...result, outcome: 'error', message, failure: { kind: 'lifecycle', message } };
}

const removeExisting = '--remove-existing-container';

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ShipshapeError('cancelled', 'The job was cancelled.');
}
