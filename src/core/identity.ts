import type { DevContainerState } from '../api';
import type { ContainerFacts } from './ports';

/** Labels that the Dev Containers CLI and Compose write (devcontainers/cli, src/spec-node/utils.ts). */
const LOCAL_FOLDER_LABEL = 'devcontainer.local_folder';
const CONFIG_FILE_LABEL = 'devcontainer.config_file';
export const METADATA_LABEL = 'devcontainer.metadata';
const TEST_RUN_LABEL = 'devcontainer.is_test_run';
export const COMPOSE_PROJECT_LABEL = 'com.docker.compose.project';
export const COMPOSE_SERVICE_LABEL = 'com.docker.compose.service';
export const SWARM_SERVICE_LABEL = 'com.docker.swarm.service.name';
export const SWARM_NODE_LABEL = 'com.docker.swarm.node.id';
export const COMPOSE_FOLDER_LABEL = 'com.docker.compose.project.working_dir';
export const COMPOSE_FILES_LABEL = 'com.docker.compose.project.config_files';
export const COMPOSE_ONE_OFF_LABEL = 'com.docker.compose.oneoff';

/** Which dev container this is: one per engine, folder and configuration file. */
export interface DevIdentity {
  readonly engine: string;
  readonly workspaceFolder: string;
  /** Undefined for containers of old tools, which wrote no label for it. */
  readonly configFile?: string;
}

/** Equal for equal identities, also when Windows tools wrote the paths in different ways. */
export function keyOf(identity: DevIdentity): string {
  return `${identity.engine}|${configKey(identity)}`;
}

/** Equal for the same folder and configuration on whatever engines. */
export function configKey({ workspaceFolder, configFile }: Omit<DevIdentity, 'engine'>): string {
  return `${comparable(workspaceFolder)}|${configFile ? comparable(configFile) : ''}`;
}

export function containerKey(engine: string, id: string): string {
  return `${engine}|${id}`;
}

/** The identity that a container's labels claim; undefined for a plain container (S4-07). */
export function identityOf(
  engine: string,
  labels: Readonly<Record<string, string>>,
): DevIdentity | undefined {
  const workspaceFolder = labels[LOCAL_FOLDER_LABEL];
  if (!workspaceFolder) return undefined;
  const configFile = labels[CONFIG_FILE_LABEL];
  return { engine, workspaceFolder, ...(configFile ? { configFile } : {}) };
}

/** A container that plain Compose made: by these it is known, and so is one made like it in its place. */
export interface ComposeMade {
  readonly id: string;
  readonly project: string;
  readonly service: string;
}

/** How a container is known that no label claims for its dev container; undefined where one does. */
export function composeMade({ id, labels }: ContainerFacts): ComposeMade | undefined {
  const [project, service] = [labels[COMPOSE_PROJECT_LABEL], labels[COMPOSE_SERVICE_LABEL]];
  if (identityOf('', labels) || project === undefined || service === undefined) return undefined;
  return { id, project, service };
}

/** Containers of a tool's own tests, which people do not want to see. */
export function isHidden(labels: Readonly<Record<string, string>>): boolean {
  return labels[TEST_RUN_LABEL] === 'true';
}

/**
 * A path in the form in which two of them can be compared: the CLI lower-cases drive letters since 0.86. Shares,
 * and with them folders in WSL, begin with two backslashes.
 */
export function comparable(path: string): string {
  if (path.startsWith('\\\\')) return path.replace(/\\/g, '/').replace(/\/+$/, '');
  if (!/^[a-zA-Z]:[\\/]/.test(path)) return path.length > 1 ? path.replace(/\/+$/, '') : path;
  return (path[0] ?? '').toLowerCase() + path.slice(1).replace(/\\/g, '/').replace(/\/+$/, '');
}

/** Whether an engine is reached through a socket of this machine, by its host string. */
export function isOnThisMachine(endpoint: string): boolean {
  return /^(unix|npipe):/.test(endpoint);
}

/** Last part of a path, either kind of slash. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

/** Whether `path` is the folder or lies in it; both absolute. */
export function isInside(path: string, folder: string): boolean {
  // A path that climbs is not where it seems to be.
  if (/(^|[\\/])\.\.([\\/]|$)/.test(path)) return false;
  const inner = comparable(path);
  const outer = comparable(folder);
  return inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`);
}

/**
 * Whether a configuration that a label names is one that the folder can have: a file of the right name inside it.
 * Anyone can write labels, and they could name any file of the machine.
 */
export function isConfigOf(configFile: string, workspaceFolder: string): boolean {
  if (!/[\\/]\.?devcontainer\.json$/.test(configFile)) return false;
  return isInside(configFile, workspaceFolder);
}

/** `path` relative to the folder, with forward slashes; the path itself when it lies elsewhere. */
export function relativeTo(path: string, folder: string): string {
  if (!isInside(path, folder)) return path;
  return comparable(path).slice(comparable(folder).length).replace(/^\/+/, '') || baseName(path);
}

const STATES: Readonly<Record<string, DevContainerState>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  exited: 'stopped',
  stopped: 'stopped',
  stopping: 'stopped',
  removing: 'stopped',
  dead: 'stopped',
};

/** The engines' words for a state as one set; words we don't know become `unknown` (S3-06). */
export function normalizeState(state: string): DevContainerState {
  const word = state.toLowerCase();
  return Object.hasOwn(STATES, word) ? (STATES[word] ?? 'unknown') : 'unknown';
}

/**
 * Which of several containers with one identity is the dev container: the newest that is not being removed, even
 * when an older one runs, since that is the one the Dev Containers CLI takes and starts. One that names no configuration
 * it takes only where no other does. The rest are duplicates.
 */
export function pickActive(containers: readonly ContainerFacts[]): ContainerFacts | undefined {
  return [...containers].sort(
    (a, b) =>
      Number(isBeingRemoved(a)) - Number(isBeingRemoved(b)) ||
      Number(isLegacy(a)) - Number(isLegacy(b)) ||
      b.createdAt - a.createdAt ||
      a.id.localeCompare(b.id),
  )[0];
}

/** Made by an old tool, which wrote no label for the configuration. */
function isLegacy({ labels }: ContainerFacts): boolean {
  return !labels[CONFIG_FILE_LABEL];
}

function isBeingRemoved({ state }: ContainerFacts): boolean {
  return state.toLowerCase() === 'removing';
}

/** Whether its processes exist, be it that they are paused. */
export function isLive(container: Pick<ContainerFacts, 'state'>): boolean {
  return ['running', 'paused', 'restarting'].includes(normalizeState(container.state));
}
