import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { InputReading, InputValue } from '../../../../src/core/ports';
import { buildInputs, type BuildSource } from '../../../../src/devcontainers/inputs/build';
import { HashedFiles } from '../../../../src/devcontainers/inputs/hashedFiles';
import { inParallel } from '../../../../src/common/inParallel';
import type { InputGround, InputPart } from '../../../../src/devcontainers/inputs/part';

/** A workspace folder on disk, empty before each test. */
export class BuildGround {
  root = '';
  #files = this.#fresh();

  constructor() {
    beforeEach(async () => {
      this.root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-build-')));
      this.forget();
    });
    afterEach(() => rm(this.root, { recursive: true, force: true }));
  }

  /** As after a reload of the window. */
  forget(): void {
    this.#files = this.#fresh();
  }

  /** Files by path; a text `-> x` makes a link, a path with `/` at its end a folder, `x!` an executable file. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    await inParallel(Object.entries(files), 8, async ([name, text]) => {
      const path = join(this.root, name.replace(/!$/, ''));
      await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
      if (name.endsWith('/')) return;
      if (text.startsWith('-> ')) await symlink(text.slice(3), path);
      else await writeFile(path, text);
      if (name.endsWith('!')) await chmod(path, 0o755);
    });
  }

  fifo(name: string): void {
    execFileSync('mkfifo', [join(this.root, name)]);
  }

  /** Makes the files old enough that their times can be believed. */
  async settle(...names: string[]): Promise<void> {
    for (const name of names) await utimes(join(this.root, name), 1_000, 1_000);
    const until = Date.now() + 60;
    while (Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
  }

  read(
    more: Partial<BuildSource> & { known?: readonly InputReading[]; configFile?: string } = {},
  ): Promise<InputPart> {
    const { known = [], configFile = '.devcontainer.json', ...source } = more;
    const { root } = this;
    const earlier: InputGround['earlier'] = (kind, input) =>
      known.filter((reading) => reading.kind === kind && reading.input === input);
    return buildInputs(
      {
        dockerfile: join(root, 'Dockerfile'),
        context: root,
        args: {},
        property: ['build', 'dockerfile'],
        ...source,
      },
      {
        workspaceFolder: root,
        configFile: join(root, configFile),
        config: {},
        files: this.#files,
        env: {},
        isTrusted: true,
        known: (kind, input, fingerprint) =>
          earlier(kind, input).find((reading) => reading.fingerprint === fingerprint),
        earlier,
      },
    );
  }

  async context(more: Parameters<BuildGround['read']>[0] = {}): Promise<InputReading | undefined> {
    return (await this.read(more)).readings.find(({ kind }) => kind === 'context');
  }

  async values(more: Parameters<BuildGround['read']>[0] = {}): Promise<Readonly<Record<string, InputValue>>> {
    return (await this.context(more))?.values ?? {};
  }

  async taken(more: Parameters<BuildGround['read']>[0] = {}): Promise<string[]> {
    return Object.keys(await this.values(more));
  }

  #fresh(): HashedFiles {
    return new HashedFiles((path) => path.startsWith(this.root));
  }
}
