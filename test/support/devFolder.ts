import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with a configuration, and the containers that are made for it on an engine. */
export class DevFolder {
  readonly path: string;

  constructor(
    private readonly dockerHost: string,
    name: string,
  ) {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), `shipshape-${name}-`)));
    mkdirSync(join(this.path, '.devcontainer'));
  }

  /** Absolute path of a file beside the configuration. */
  at(file: string): string {
    return join(this.path, '.devcontainer', file);
  }

  /** Writes a file beside the configuration, or with an object the configuration itself. */
  write(content: Record<string, unknown> | string, file = 'devcontainer.json'): void {
    writeFileSync(
      this.at(file),
      typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
    );
  }

  docker(...args: string[]): string {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('docker', ['-H', this.dockerHost, ...args], options).trim();
  }

  /** The ids of the folder's containers, whatever their state. */
  containers(): string[] {
    const ofFolder = `label=devcontainer.local_folder=${this.path}`;
    return this.docker('ps', '-aq', '--no-trunc', '--filter', ofFolder).split('\n').filter(Boolean);
  }

  /** Removes the folder and its containers. */
  remove(): void {
    const ids = this.containers();
    if (ids.length > 0) this.docker('rm', '-f', ...ids);
    rmSync(this.path, { recursive: true, force: true });
  }
}
