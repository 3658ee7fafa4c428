import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { posix, win32, type PlatformPath } from 'node:path';
import { ShipshapeError } from '../common/errors';
import type { CliRequest } from '../core/ports';

/** How the CLI is started: `program ...args up …`. */
export interface CliCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** What the environment must carry beyond the caller's. */
  readonly env: Readonly<Record<string, string>>;
}

export interface CliLocation {
  /** The user's own CLI, an executable or a .js file; undefined or empty for the bundled one. */
  readonly custom: string | undefined;
  /** Absolute path of the bundled devContainersSpecCLI.js. */
  readonly bundled: string;
  /** Absolute path of the launcher for JavaScript files, see `launcherSource`. */
  readonly launcher: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Runs the file named first in its arguments as if Node.js had been started with it, after taking out what would
 * make programs on the host misbehave: initializeCommand would inherit it.
 */
export const launcherSource = `for (const name of Object.keys(process.env))
  if (/^(ELECTRON_|VSCODE_|NODE_OPTIONS$)/.test(name)) delete process.env[name];
if (process.versions.electron) process.defaultApp = true;
process.argv.splice(1, 1);
require(process.argv[1]);
`;

/** @throws ShipshapeError cliMissing, naming the path and the setting, when the CLI cannot be started. */
export async function locateCli(location: CliLocation): Promise<CliCommand> {
  const path = location.custom === undefined || location.custom === '' ? location.bundled : location.custom;
  const paths = pathsOf(location.platform);
  const isScript = ['.js', '.cjs'].includes(paths.extname(path).toLowerCase());
  if (!paths.isAbsolute(path)) throw missing(path, 'is not an absolute path');
  if (isBatch(path)) {
    throw missing(path, 'is a batch file, which cannot be started safely; name the .js file that it runs');
  }
  try {
    if (!(await stat(path)).isFile()) throw missing(path, 'is not a file');
  } catch (error) {
    if (error instanceof ShipshapeError) throw error;
    throw missing(path, 'does not exist or cannot be reached', error);
  }
  const mode = isScript ? constants.R_OK : constants.X_OK;
  await access(path, mode).catch((error: unknown) => {
    throw missing(path, isScript ? 'cannot be read' : 'is not executable', error);
  });
  if (!isScript) return { program: path, args: [], env: {} };
  return { program: process.execPath, args: [location.launcher, path], env: { ELECTRON_RUN_AS_NODE: '1' } };
}

/** The environment for the CLI: the host's without the editor's own variables, pointed at the request's engine. */
export function cliEnvironment(
  host: NodeJS.ProcessEnv,
  request: CliRequest,
  platform: NodeJS.Platform,
): Record<string, string> {
  return { ...hostEnvironment(host, request.workspaceFolder, platform), ...request.engine.env };
}

/** What programs that we start see of the host's environment, before an engine is chosen. */
export function hostEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  workspaceFolder: string,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value === undefined || /^(?:VSCODE_|ELECTRON_|NODE_OPTIONS$)/i.test(name)) continue;
    // Windows takes names in any case for the same.
    if (engineVariables.has(platform === 'win32' ? name.toUpperCase() : name)) continue;
    const isSearchPath = name.toUpperCase() === 'PATH';
    env[name] = isSearchPath ? safeSearchPath(value, workspaceFolder, pathsOf(platform)) : value;
  }
  return env;
}

/** Arguments of `devcontainer up`; every value in the `--option=value` form, so that none is taken for an option. */
export function upArguments(
  request: CliRequest,
  folders: { readonly userData: string },
  programs: { readonly docker?: string | undefined; readonly compose?: string | undefined },
): string[] {
  const { docker, compose } = programs;
  return [
    'up',
    ...commonArguments(request, folders, docker),
    ...TERMINAL,
    ...(compose === undefined ? [] : [`--docker-compose-path=${compose}`]),
    ...(request.noCache ? ['--build-no-cache'] : []),
    ...(request.secretsFile === undefined ? [] : [`--secrets-file=${request.secretsFile}`]),
  ];
}

/** Arguments of a `devcontainer build` that tells whether the configuration can be built, and touches no tag in use. */
export function buildArguments(
  request: CliRequest,
  folders: { readonly userData: string },
  docker: string | undefined,
  imageName: string,
): string[] {
  return [
    'build',
    ...commonArguments(request, folders, docker),
    `--image-name=${imageName}`,
    ...(request.noCache ? ['--no-cache'] : []),
  ];
}

/** Arguments of a `devcontainer exec` that takes away the CLI's notes that these hooks were begun. */
export function forgetArguments(
  request: CliRequest,
  folders: { readonly userData: string },
  docker: string,
  hooks: readonly string[],
): string[] {
  const notes = hooks
    .filter((hook) => /^[A-Za-z]{1,40}$/.test(hook))
    .map((hook) => `~/.devcontainer/.${hook}Marker`);
  const common = [...commonArguments(request, folders, docker), ...TERMINAL];
  return ['exec', ...common, 'sh', '-c', `rm -f ${notes.join(' ')}`];
}

/** The absolute path of a program on the search path; undefined when there is none. */
export async function findProgram(
  name: string,
  searchPath: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  for (const candidate of programCandidates(name, searchPath, platform)) {
    const usable = await access(candidate, constants.X_OK).then(
      async () => (await stat(candidate)).isFile(),
      () => false,
    );
    if (usable) return candidate;
  }
  return undefined;
}

/** Where a program may be, the first choice first. Of Windows' kinds of programs only .exe starts without a shell. */
export function programCandidates(name: string, searchPath: string, platform: NodeJS.Platform): string[] {
  const paths = pathsOf(platform);
  const extension = platform === 'win32' && !/\.exe$/i.test(name) ? '.exe' : '';
  return searchPath
    .split(paths.delimiter)
    .filter(Boolean)
    .map((folder) => paths.join(folder, name + extension));
}

/** A batch file needs a shell, which takes some of its arguments for more than that. */
export function isBatch(path: string): boolean {
  return ['.cmd', '.bat'].includes(win32.extname(path).toLowerCase());
}

const engineVariables = new Set([
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'],
  ...['CONTAINER_HOST', 'CONTAINER_CONNECTION'],
]);

/** Not for a build, which knows no such option. */
const TERMINAL = ['--terminal-columns=120', '--terminal-rows=40'];

function commonArguments(
  request: CliRequest,
  folders: { readonly userData: string },
  docker: string | undefined,
): string[] {
  return [
    `--workspace-folder=${request.workspaceFolder}`,
    `--config=${request.configFile}`,
    '--log-format=json',
    ...(docker === undefined ? [] : [`--docker-path=${docker}`]),
    `--user-data-folder=${folders.userData}`,
    '--oci-auth-hardening',
  ];
}

/** Only absolute folders outside the workspace: a repository must not choose the programs that run. */
function safeSearchPath(searchPath: string, workspaceFolder: string, paths: PlatformPath): string {
  const isOutside = (folder: string): boolean => {
    const inside = paths.relative(workspaceFolder, folder);
    return inside.startsWith('..') || paths.isAbsolute(inside);
  };
  return searchPath
    .split(paths.delimiter)
    .filter((folder) => paths.isAbsolute(folder) && isOutside(folder))
    .join(paths.delimiter);
}

function pathsOf(platform: NodeJS.Platform): PlatformPath {
  return platform === 'win32' ? win32 : posix;
}

function missing(path: string, why: string, cause?: unknown): ShipshapeError {
  const message = `The Dev Containers CLI cannot be started: ${path} ${why}. See the setting shipshape.cli.path.`;
  return new ShipshapeError('cliMissing', message, { cause });
}
