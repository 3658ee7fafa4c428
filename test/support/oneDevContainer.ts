import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { inject } from 'vitest';
import { baseImage } from './baseImage';
import { DevFolder } from './devFolder';
import { startVsCodeServer } from './vscodeHost';
import { openWorkbench, type Workbench } from './workbench';

/** A server and a workbench of its own on a folder whose only dev container, `api`, runs. */
export class OneDevContainer {
  private constructor(
    private readonly of: DevFolder,
    readonly server: Awaited<ReturnType<typeof startVsCodeServer>>,
    readonly workbench: Workbench,
  ) {}

  static async open(): Promise<OneDevContainer> {
    const { version: tested, dockerHost } = inject('workbench');
    const version = tested as '1.100.3';
    const of = new DevFolder(dockerHost, 'api');
    writeConfig(of, {});
    const installed = join(import.meta.dirname, '../..');
    const server = await startVsCodeServer({ version, installed, env: { DOCKER_HOST: dockerHost } });
    const workbench = await openWorkbench({ ...server, version, folder: of.path });
    const ground = new OneDevContainer(of, server, workbench);
    await workbench.openView('Shipshape');
    await ground.act(/^api, not created/, /Create or Start/, ground.row('api, running'));
    return ground;
  }

  get folder(): string {
    return this.of.path;
  }

  async close(): Promise<void> {
    await this.workbench.close();
    await this.server.stop();
    this.of.remove();
  }

  /** Writes the configuration, with more properties than its name and image. */
  write(more: Record<string, unknown>): void {
    writeConfig(this.of, more);
  }

  row(name: string | RegExp): Locator {
    return this.workbench.row(name, 'Dev Containers');
  }

  /** Presses a row's button until that shows something. */
  act(row: RegExp, button: RegExp, shown: Locator): Promise<void> {
    return this.workbench.press(this.row(row), button, shown);
  }

  docker(...args: string[]): string {
    return this.of.docker(...args);
  }

  /** The ids of the folder's containers, whatever their state. */
  left(): string[] {
    return this.of.containers();
  }

  /** A container that has nothing to do with the folder; the caller removes it. */
  runOther(...options: string[]): string {
    return this.docker('run', '-d', ...options, baseImage, 'sleep', '1d');
  }
}

function writeConfig(of: DevFolder, more: Record<string, unknown>): void {
  of.write({ name: 'api', image: baseImage, ...more });
}
