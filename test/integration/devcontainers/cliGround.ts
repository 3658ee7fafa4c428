import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { DevContainersCli } from '../../../src/devcontainers/cli';
import { silentLogger } from '../../../src/common/logger';
import type { CliProgress, CliRequest, CliResult, LogLine } from '../../../src/core/ports';

const bundledCli = resolve('node_modules/@devcontainers/cli/dist/spec-node/devContainersSpecCLI.js');

export interface Heard {
  readonly lines: LogLine[];
  readonly progress: CliProgress[];
}

/** Folders and an engine for the tests of one file; what they make is removed by `clean`. */
export class CliGround {
  readonly dockerHost = inject('dockerHost');
  #folders: string[] = [];
  #projects: string[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'shipshape-cli-'));
    this.#folders.push(folder);
    return folder;
  }

  /** A project folder with these files in its `.devcontainer`. */
  async project(files: Readonly<Record<string, string>>, name = 'project'): Promise<string> {
    const project = join(await this.folder(), name);
    this.#projects.push(project);
    await this.write(project, files);
    return project;
  }

  async write(project: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(project, '.devcontainer', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  async cli(
    options: {
      cliPath?: string;
      dockerPath?: string;
      env?: NodeJS.ProcessEnv;
      platform?: NodeJS.Platform;
    } = {},
  ): Promise<DevContainersCli> {
    const { cliPath, dockerPath, env, platform } = options;
    return new DevContainersCli({
      storageFolder: await this.folder(),
      bundledCli,
      cliPath: () => cliPath,
      dockerPath: () => dockerPath,
      logger: silentLogger,
      ...(env ? { env } : {}),
      ...(platform ? { platform } : {}),
    });
  }

  /** A Node.js program in the CLI's place. */
  async fakeCli(source: string): Promise<string> {
    const path = join(await this.folder(), 'fake.js');
    await writeFile(path, source);
    return path;
  }

  async executable(source: string): Promise<string> {
    const path = join(await this.folder(), 'fake');
    await writeFile(path, source);
    await chmod(path, 0o755);
    return path;
  }

  request(project: string, more: Partial<CliRequest> = {}): CliRequest {
    return {
      workspaceFolder: project,
      configFile: join(project, '.devcontainer', 'devcontainer.json'),
      engine: {
        key: 'test',
        name: 'test',
        endpoint: this.dockerHost,
        env: { DOCKER_HOST: this.dockerHost },
      },
      noCache: false,
      ...more,
    };
  }

  async docker(...args: string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: this.dockerHost };
    const { stdout } = await promisify(execFile)('docker', args, { env });
    return stdout.trim();
  }

  /** Ids of the dev containers of a project, newest first. */
  async containersOf(project: string, more: string[] = ['-a']): Promise<string[]> {
    const label = `label=devcontainer.local_folder=${project}`;
    const out = await this.docker('ps', '-q', '--no-trunc', ...more, '--filter', label);
    return out.split('\n').filter((id) => id !== '');
  }

  async inspect(id: string, format: string): Promise<string> {
    return this.docker('inspect', '--format', format, id);
  }

  async clean(): Promise<void> {
    for (const project of this.#projects) {
      for (const id of await this.containersOf(project)) await this.docker('rm', '-f', '-v', id);
    }
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
    this.#projects = [];
    this.#folders = [];
  }
}

/** Runs `up` and keeps what the listener heard. */
export async function up(
  cli: DevContainersCli,
  request: CliRequest,
  signal = new AbortController().signal,
  heard: Heard = { lines: [], progress: [] },
): Promise<CliResult & { readonly heard: Heard }> {
  const result = await cli.up(
    request,
    { onLine: (line) => heard.lines.push(line), onProgress: (progress) => heard.progress.push(progress) },
    signal,
  );
  return { ...result, heard };
}
