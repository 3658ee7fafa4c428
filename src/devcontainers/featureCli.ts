import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isRecord, own } from '../common/record';
import type { FeaturePort, FeatureVersions } from '../core/features';
import type { ConfigFile } from '../core/ports';
import { hostEnvironment, launcherSource, locateCli } from './cliCommand';
import { run } from './shortRun';

export interface FeatureCliOptions {
  /** Folder of the extension's own, outside any workspace. */
  readonly storageFolder: string;
  /** Absolute path of the bundled devContainersSpecCLI.js. */
  readonly bundledCli: string;
  /** The setting shipshape.cli.path. */
  readonly cliPath: () => string | undefined;
  /** The environment that the CLI gets; the host's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
}

/** It asks a registry for each Feature, one after the other. */
const LIMIT_MS = 60_000;

/**
 * What the Dev Containers CLI knows of Features. Of its `upgrade`, only the dry run for all of them is used: with
 * `--feature` it pins the version in devcontainer.json, dry run or not, and upgrades all the others too (0.89).
 */
export class FeatureCli implements FeaturePort {
  constructor(private readonly options: FeatureCliOptions) {}

  async versions(config: ConfigFile): Promise<readonly FeatureVersions[]> {
    const text = await this.#run('outdated', config, ['--output-format=json']);
    const features = own(parsed(text), 'features');
    return Object.entries(isRecord(features) ? features : {}).map(([id, entry]) => {
      const version = (name: string): string | undefined => {
        const value = own(entry, name);
        return typeof value === 'string' ? value : undefined;
      };
      return { id, current: version('current'), wanted: version('wanted'), latest: version('latest') };
    });
  }

  newestLockfile(config: ConfigFile): Promise<string> {
    return this.#run('upgrade', config, ['--dry-run']);
  }

  async #run(command: string, config: ConfigFile, more: readonly string[]): Promise<string> {
    const { storageFolder, bundledCli: bundled, cliPath, env: host = process.env } = this.options;
    const { workspaceFolder, configFile } = config;
    await mkdir(storageFolder, { recursive: true, mode: 0o700 });
    const launcher = join(storageFolder, 'launcher.cjs');
    await writeFile(launcher, launcherSource, { mode: 0o600 });
    const cli = await locateCli({ custom: cliPath(), bundled, launcher, platform: process.platform });
    const args = [
      ...[...cli.args, command, `--workspace-folder=${workspaceFolder}`, `--config=${configFile}`],
      ...['--oci-auth-hardening', ...more],
    ];
    const env = { ...hostEnvironment(host, workspaceFolder), ...cli.env };
    const { code, stdout, stderr, why } = await run(cli.program, args, env, homedir(), LIMIT_MS);
    if (code === 0) return stdout;
    const last = stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(`The Dev Containers CLI cannot tell of Features: ${why ?? last.slice(0, 300)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The Dev Containers CLI cannot tell of Features: its answer is no JSON.');
  }
}
