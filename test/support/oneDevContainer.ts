import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { inject } from 'vitest';
import { startVsCodeServer } from './vscodeHost';
import { openWorkbench, type Workbench } from './workbench';

const IMAGE = 'shipshape-test/base:1';

/** A server and a workbench of its own on a folder whose only dev container, `api`, runs. */
export class OneDevContainer {
  readonly #dockerHost: string;

  private constructor(
    readonly folder: string,
    readonly server: Awaited<ReturnType<typeof startVsCodeServer>>,
    readonly workbench: Workbench,
    dockerHost: string,
  ) {
    this.#dockerHost = dockerHost;
  }

  static async open(): Promise<OneDevContainer> {
    const { version: tested, dockerHost } = inject('workbench');
    const version = tested as '1.100.3';
    const folder = await mkdtemp(join(tmpdir(), 'shipshape-api-'));
    await mkdir(join(folder, '.devcontainer'));
    await writeConfig(folder, {});
    const installed = join(import.meta.dirname, '../..');
    const server = await startVsCodeServer({ version, installed, env: { DOCKER_HOST: dockerHost } });
    const workbench = await openWorkbench({ ...server, version, folder });
    const ground = new OneDevContainer(folder, server, workbench, dockerHost);
    await workbench.openView('Shipshape');
    await ground.act(/^api, not created/, /Create or Start/, ground.row('api, running'));
    return ground;
  }

  async close(): Promise<void> {
    await this.workbench.close();
    const ids = this.left();
    if (ids.length > 0) this.docker('rm', '-f', ...ids);
    await this.server.stop();
    await rm(this.folder, { recursive: true });
  }

  /** Writes the configuration, with more properties than its name and image. */
  write(more: Record<string, unknown> = {}): Promise<void> {
    return writeConfig(this.folder, more);
  }

  row(name: string | RegExp): Locator {
    return this.workbench.row(name, 'Dev Containers');
  }

  /** Presses a row's button until that shows something. */
  act(row: RegExp, button: RegExp, shown: Locator): Promise<void> {
    return this.workbench.press(this.row(row), button, shown);
  }

  docker(...args: string[]): string {
    return execFileSync('docker', ['-H', this.#dockerHost, ...args], { encoding: 'utf8' }).trim();
  }

  /** The ids of the folder's containers, whatever their state. */
  left(): string[] {
    const ofFolder = `label=devcontainer.local_folder=${this.folder}`;
    return this.docker('ps', '-aq', '--no-trunc', '--filter', ofFolder).split('\n').filter(Boolean);
  }

  /** A container that has nothing to do with the folder; the caller removes it. */
  runOther(...options: string[]): string {
    return this.docker('run', '-d', ...options, IMAGE, 'sleep', '1d');
  }
}

function writeConfig(folder: string, more: Record<string, unknown>): Promise<void> {
  const config = { name: 'api', image: IMAGE, ...more };
  return writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify(config, undefined, 2));
}
