import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { silentLogger } from '../../src/common/logger';
import type { InputKind, InputReading, InputSet } from '../../src/core/ports';
import { FileInputReader } from '../../src/devcontainers/inputs/reader';
import type { FileInputReaderOptions } from '../../src/devcontainers/inputs/reader';

/** A workspace folder with files, and a reader of what its configuration takes in. */
export class InputFolder {
  env: Record<string, string> = {};
  known: readonly InputReading[] = [];

  private constructor(
    readonly root: string,
    readonly workspace: string,
  ) {}

  static async make(): Promise<InputFolder> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-inputs-')));
    const workspace = join(root, 'workspace');
    await mkdir(join(workspace, '.devcontainer'), { recursive: true });
    return new InputFolder(root, workspace);
  }

  path(path: string): string {
    return join(this.workspace, path);
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(this.path(path)), { recursive: true });
      await writeFile(this.path(path), content);
    }
  }

  async read(
    config: Readonly<Record<string, unknown>>,
    options: Partial<FileInputReaderOptions> = {},
  ): Promise<InputSet> {
    const { workspace, env, known } = this;
    const reader = new FileInputReader({
      mayRead: (path) => path.startsWith(`${workspace}/`),
      isTrusted: () => false,
      logger: silentLogger,
      env,
      ...options,
    });
    const configFile = this.path('.devcontainer/devcontainer.json');
    return reader.read({ workspaceFolder: workspace, configFile, config, known });
  }

  /** The values of a kind by input. */
  async values(
    kind: InputKind,
    config: Readonly<Record<string, unknown>>,
    options?: Partial<FileInputReaderOptions>,
  ): Promise<Record<string, InputReading['values']>> {
    const { readings } = await this.read(config, options);
    return Object.fromEntries(
      readings.filter((reading) => reading.kind === kind).map(({ input, values }) => [input, { ...values }]),
    );
  }

  /** Every problem of a kind, in words. */
  async problems(
    kind: InputKind,
    config: Readonly<Record<string, unknown>>,
  ): Promise<(string | undefined)[]> {
    const { readings } = await this.read(config);
    return readings.flatMap((it) => (it.kind === kind && it.problem ? [it.problem.message] : []));
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
