/** A project of which other tools make a container: the bare Dev Containers CLI, without Shipshape. */
import { mkdir, mkdtemp, readFile, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { vi } from 'vitest';
import type { DevContainer } from '../../src/api';
import type { Core } from './core';
import { run } from './processes';

const CLI = resolve('node_modules/@devcontainers/cli/dist/spec-node/devContainersSpecCLI.js');
export const CONFIG_FILE = '.devcontainer/devcontainer.json';

export class ForeignProject {
  readonly #times = new Map<string, Date>();

  private constructor(
    readonly folder: string,
    private readonly files: Readonly<Record<string, string>>,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async make(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv) {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-foreign-')));
    const project = new ForeignProject(folder, files, env);
    for (const [file, text] of Object.entries(files)) {
      await project.write(file, text);
      project.#times.set(file, (await stat(project.path(file))).mtime);
    }
    return project;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), text);
  }

  /** Replaces a part that must be there. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(this.path(file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}.`);
    await this.write(file, text.replace(from, to));
  }

  async touch(file: string): Promise<void> {
    await utimes(this.path(file), new Date(), new Date());
  }

  /** Contents as they were; and times, since a container without a record is judged by them. */
  async restore({ withTimes = true } = {}): Promise<void> {
    for (const [file, text] of Object.entries(this.files)) {
      await this.write(file, text);
      const time = this.#times.get(file);
      if (withTimes && time) await utimes(this.path(file), time, time);
    }
  }

  /** `devcontainer up`; gives the container's id. */
  up(config = CONFIG_FILE, ...more: string[]): Promise<string> {
    return bareUp(this.folder, this.env, ['--config', this.path(config), ...more]);
  }

  async docker(...args: string[]): Promise<string> {
    return docker(this.env, ...args);
  }

  async remove(): Promise<void> {
    await removeMade(this.folder, this.env);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** `devcontainer up` in a folder; gives the container's id. `onStderr` gets the CLI's log, the build's among it. */
export async function bareUp(
  folder: string,
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
  onStderr?: (text: string) => void,
): Promise<string> {
  const args = [CLI, 'up', '--workspace-folder', folder, '--docker-path', 'docker', ...more];
  const out = await run(process.execPath, args, { env, ...(onStderr ? { onStderr } : {}) });
  return (JSON.parse(out.trim().split('\n').at(-1) ?? '') as { containerId: string }).containerId;
}

/** Removes a folder's containers, those of its Compose project among them, and the project's network. */
export async function removeMade(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const labels = {
    'devcontainer.local_folder': folder,
    'com.docker.compose.project.working_dir': join(folder, '.devcontainer'),
  };
  for (const [label, path] of Object.entries(labels)) {
    const ids = await docker(env, 'ps', '-aq', '--filter', `label=${label}=${path}`);
    if (ids) await docker(env, 'rm', '-f', '-v', ...ids.split('\n'));
  }
  const network = `${basename(folder).toLowerCase()}_devcontainer_default`;
  if (await docker(env, 'network', 'ls', '-q', '--filter', `name=${network}`))
    await docker(env, 'network', 'rm', network);
}

async function docker(env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> {
  return (await run('docker', args, { env })).trim();
}

/** The item once everything is known by which it is judged: inputs, the container's settings and its images. */
export async function judged(core: Core, folder: string): Promise<DevContainer> {
  await core.inventory.complete();
  await vi.waitFor(
    () => {
      const facts = core.inventory.facts(core.item(folder).key);
      const now = facts && core.inventory.evidence(facts);
      const isRecorded = facts?.container && core.drift.madeFrom(facts.engine, facts.container.id);
      if (!now?.inputs || (!isRecorded && !now.details)) throw new Error(`${folder} is not known by now.`);
    },
    { timeout: 20_000 },
  );
  await core.inputs.settled();
  return core.item(folder);
}
