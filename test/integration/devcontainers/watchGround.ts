import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { FileConfigWatcher } from '../../../src/devcontainers/configWatcher';
import type { FileConfigWatcherOptions } from '../../../src/devcontainers/configWatcher';

/** A project with one configuration, and a watcher whose events are kept. */
export class WatchGround {
  changes: string[] = [];
  readonly found: string[] = [];
  readonly watcher: FileConfigWatcher;
  readonly project: string;
  readonly config: string;

  private constructor(
    readonly root: string,
    options: Partial<FileConfigWatcherOptions>,
  ) {
    this.project = join(root, 'project');
    this.config = join(this.project, '.devcontainer', 'devcontainer.json');
    this.watcher = new FileConfigWatcher({ logger: silentLogger, ...options });
    this.watcher.onDidChange((file) => this.changes.push(file));
    this.watcher.onDidFindNew((file) => this.found.push(file));
  }

  static async make(options: Partial<FileConfigWatcherOptions> = {}): Promise<WatchGround> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-watch-')));
    const ground = new WatchGround(root, options);
    await mkdir(join(ground.project, '.devcontainer'), { recursive: true });
    await writeFile(ground.config, '{}');
    return ground;
  }

  async watch(...files: string[]): Promise<void> {
    void this.watcher.watch(files);
    await this.watcher.ready();
  }

  /** Waits for an event about the file after the deed; how long it took in milliseconds. */
  async seen(file: string, deed: () => Promise<unknown>): Promise<number> {
    this.changes = [];
    const startedAt = performance.now();
    await deed();
    await vi.waitFor(() => expect(this.changes).toContain(file), { timeout: 2000, interval: 2 });
    return performance.now() - startedAt;
  }

  /** Makes sure that the watcher lives: a write after everything else must still be seen. */
  async stillHears(): Promise<void> {
    await this.seen(this.config, () => appendFile(this.config, ' '));
  }

  async dispose(): Promise<void> {
    this.watcher.dispose();
    await rm(this.root, { recursive: true, force: true });
  }
}
