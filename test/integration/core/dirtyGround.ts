import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type { Change, DevContainer } from '../../../src/api';
import { removeMade } from '../../support/bareCli';
import { snapshotWhere, startCore, type Core } from '../../support/core';

export const IMAGE = 'shipshape-test/base:1';
export const CONFIG_PATH = '.devcontainer/devcontainer.json';

export const CONFIG = `{
  // What the container is made from.
  "name": "cases",
  "build": { "dockerfile": "Dockerfile", "context": "..", "args": { "LEVEL": "\${localEnv:SHIPSHAPE_LEVEL}" } },
  "containerEnv": { "NODE_ENV": "dev", "LANG": "C" },
  "runArgs": ["--env-file", "\${localWorkspaceFolder}/dev.env"],
  "customizations": { "shipshape": { "watch": ["tools/*.sh"] } },
  "forwardPorts": [3000],
  "postStartCommand": "true"
}
`;

type Files = Readonly<Record<string, string>>;

const FILES: Files = {
  '.devcontainer/devcontainer.json': CONFIG,
  '.devcontainer/Dockerfile': `FROM ${IMAGE}\n# The level.\nARG LEVEL\nCOPY src /src\nCOPY req*.txt /\nRUN echo built\n`,
  '.dockerignore': 'src/*.tmp\n',
  'src/main.py': 'print(1)\n',
  'src/a.tmp': 'x',
  'requirements.txt': 'flask\n',
  'README.md': 'not copied',
  'dev.env': 'TOKEN=secret-value\n',
  'tools/set-up.sh': 'echo hi\n',
};

/** A project under version control with a dev container of it, and the core that watches it. */
export class DirtyGround {
  private constructor(
    readonly folder: string,
    readonly storage: string,
    readonly files: Files,
    public core: Core,
  ) {}

  /** There is no container yet. */
  static async make(files: Files = FILES): Promise<DirtyGround> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-dirty-')));
    const storage = await mkdtemp(join(tmpdir(), 'shipshape-dirty-storage-'));
    await writeAll(folder, files);
    await promisify(execFile)('git', ['init', '-q', '-b', 'main', folder]);
    process.env['SHIPSHAPE_LEVEL'] = 'one';
    const ground = new DirtyGround(folder, storage, files, await startIn(folder, storage));
    await ground.git('add', '.');
    await ground.git('commit', '-qm', 'one');
    return ground;
  }

  get item(): DevContainer {
    return this.core.item(this.folder);
  }

  at(file: string): string {
    return join(this.folder, file);
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(this.at(file), text);
  }

  async edit(file: string, change: (text: string) => string): Promise<void> {
    await this.write(file, change(await readFile(this.at(file), 'utf8')));
  }

  async git(...args: string[]): Promise<void> {
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    await promisify(execFile)('git', [...author, ...args], { cwd: this.folder });
  }

  /** Settles once the dev container is dirty, or clean, with what is told of it then. */
  async is(dirty: boolean): Promise<readonly Change[]> {
    await snapshotWhere(this.core, () => this.item.dirty === dirty);
    return this.item.changes;
  }

  /** Settles once nothing that was written before is still on its way. */
  async looked(): Promise<void> {
    await Promise.all([this.core.watcher.check(), this.core.inputWatcher.check(), this.core.configs.check()]);
    await this.core.inputs.check();
  }

  /** The configuration's folder is elsewhere until that is noticed, and then where it was. */
  async moveAwayAndBack(): Promise<void> {
    await rename(this.at('.devcontainer'), this.at('elsewhere'));
    await snapshotWhere(this.core, () => this.item.problem?.isMissing === true);
    await rename(this.at('elsewhere'), this.at('.devcontainer'));
    await snapshotWhere(this.core, () => this.item.problem === undefined);
    await this.looked();
  }

  /** All files are as they were again. */
  async restore(): Promise<void> {
    await rm(this.at('src/new.py'), { force: true });
    await writeAll(this.folder, this.files);
  }

  /** The window is closed, something happens, and it is opened again. */
  async whileClosed(deed: () => unknown): Promise<void> {
    await this.core.dispose();
    await deed();
    this.core = await startIn(this.folder, this.storage);
  }

  async discard(): Promise<void> {
    await this.core.dispose();
    await removeMade(this.folder, { ...process.env, DOCKER_HOST: inject('dockerHost') });
    for (const path of [this.folder, this.storage]) await rm(path, { recursive: true, force: true });
  }
}

function startIn(folder: string, storage: string): Promise<Core> {
  return startCore({ dockerHost: inject('dockerHost'), folders: [folder], storage });
}

async function writeAll(folder: string, files: Files): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}
