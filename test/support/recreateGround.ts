/** One dev container of its own on a real engine, with the real CLI. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevContainer, JobOutcome } from '../../src/api';
import type { JobKind } from '../../src/core/jobKinds';
import { startCore, type Core, type CoreOptions } from './core';

export const IMAGE = 'shipshape-test/base:1';

export class RecreateGround {
  folder = '';
  core!: Core;

  constructor(private readonly dockerHost: () => string) {}

  /** Makes the folder with these files under `.devcontainer`, and opens it. */
  async open(files: Readonly<Record<string, unknown>>, options: Partial<CoreOptions> = {}): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'shipshape-swap-'));
    await mkdir(join(this.folder, '.devcontainer'));
    await this.write(files);
    this.core = await startCore({ dockerHost: this.dockerHost(), folders: [this.folder], ...options });
  }

  /** Opens the folder once more, as a new window does that knows nothing. */
  async reopen(): Promise<void> {
    this.core = await startCore({ dockerHost: this.dockerHost(), folders: [this.folder] });
  }

  /** Texts as they are, anything else as JSON. */
  async write(files: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [name, value] of Object.entries(files)) {
      const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
      await writeFile(join(this.folder, '.devcontainer', name), text);
    }
    await (this.core as Core | undefined)?.configs.check();
  }

  run(kind: JobKind, signal?: AbortSignal): Promise<JobOutcome> {
    return this.core.recreate.run(kind, this.item().key, signal ? { signal } : {});
  }

  item(): DevContainer {
    return this.core.item(this.folder);
  }

  docker(...args: string[]): string {
    return execFileSync('docker', ['-H', this.dockerHost(), ...args], { encoding: 'utf8' }).trim();
  }

  /** What a command in the dev container's container says. */
  inside(command: string, id = this.item().containerId): string {
    return this.docker('exec', id ?? '', 'sh', '-c', command);
  }

  /** `id state` of each container of the folder, the newest first. */
  left(): string[] {
    const filter = `label=devcontainer.local_folder=${this.folder}`;
    const said = this.docker('ps', '-a', '--no-trunc', '--filter', filter, '--format', '{{.ID}} {{.State}}');
    return said.split('\n').filter(Boolean);
  }

  async close(): Promise<void> {
    const ids = this.left().map((line) => line.split(' ')[0] ?? '');
    if (ids.length > 0) this.docker('rm', '-f', ...ids);
    await this.core.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}
