import { own } from '../../common/record';
import { stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { assignmentsIn } from './envFile';
import type { InputGround } from './part';
import { hostVariable, substitute } from './variables';

/** Which Compose files the CLI takes, in its order, and how it calls Compose with them. */
export interface ComposeSource {
  readonly files: readonly string[];
  /** For `--env-file`; the CLI gives one only where the configuration names no file. */
  readonly envFile?: string;
  /** Folder from which paths in the files count. */
  readonly projectFolder: string;
  /** Where Compose looks for variables: the files named `.env`, the stronger one first. */
  readonly dotEnvs: readonly string[];
  /** Files whose coming would change which files are taken. */
  readonly candidates: readonly string[];
}

/** As the CLI finds them (src/spec-configuration/configuration.ts, getDockerComposeFilePaths). */
export async function composeSource(
  ground: InputGround,
): Promise<ComposeSource | { readonly wrong: string }> {
  const property = ground.config['dockerComposeFile'];
  const named = typeof property === 'string' ? [property] : property;
  if (!Array.isArray(named) || !named.every((name) => typeof name === 'string') || named.includes(''))
    return { wrong: '`dockerComposeFile` must be a path or an array of paths.' };
  const cwd = ground.workspaceFolder;
  const cwdEnv = join(cwd, '.env');
  const override = resolve(cwd, 'docker-compose.override.yml');
  const files =
    named.length > 0
      ? named.map((name) => resolve(dirname(ground.configFile), substitute(name, ground)))
      : ((await filesOfVariable(cwd, cwdEnv, ground)) ?? [
          resolve(cwd, 'docker-compose.yml'),
          ...((await isFile(override)) ? [override] : []),
        ]);
  const projectFolder = dirname(files[0] ?? cwd);
  const projectEnv = join(projectFolder, '.env');
  const isUnnamed = named.length === 0;
  return {
    files,
    projectFolder,
    dotEnvs: isUnnamed ? [cwdEnv] : [...new Set([projectEnv, cwdEnv])],
    candidates: isUnnamed ? [override] : [],
    ...(isUnnamed && (await isFile(cwdEnv)) ? { envFile: cwdEnv } : {}),
  };
}

/** Variables as Compose sees them: the host's, then those of the files named `.env`. */
export async function composeVariables(
  source: ComposeSource,
  ground: InputGround,
): Promise<(name: string) => string | undefined> {
  const known = new Map<string, string>();
  for (const file of source.dotEnvs) {
    const content = await ground.files.text(file);
    if (content.status !== 'ok') continue;
    for (const { name, value } of assignmentsIn(content.text ?? '')) {
      if (value !== undefined && !known.has(name)) known.set(name, unquoted(value));
    }
  }
  return (name) => hostVariable(name, ground) ?? known.get(name);
}

async function filesOfVariable(
  cwd: string,
  cwdEnv: string,
  ground: InputGround,
): Promise<string[] | undefined> {
  let value = hostVariable('COMPOSE_FILE', ground);
  if (!value) {
    const content = await ground.files.text(cwdEnv);
    const text = content.status === 'ok' ? (content.text ?? '') : '';
    value = /^COMPOSE_FILE=(.+)$/m.exec(text)?.[1]?.trim();
  }
  return value ? value.split(delimiter).map((path) => resolve(cwd, path)) : undefined;
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** The services that the configuration starts by name; undefined when all are. */
export function startedServices(ground: InputGround): string[] | undefined {
  const runServices = own(ground.config, 'runServices');
  if (!Array.isArray(runServices) || runServices.length === 0) return undefined;
  const names = [own(ground.config, 'service'), ...(runServices as unknown[])];
  return names.filter((name): name is string => typeof name === 'string');
}
