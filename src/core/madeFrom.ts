import { METADATA_LABEL } from './identity';
import type { ContainerFacts, ConfigReading } from './ports';

/** What a container was made from, as far as we know. Kept on disk, one for each container. */
export interface MadeFrom {
  readonly version: 1;
  readonly engine: string;
  readonly containerId: string;
  readonly configFile: string;
  /** `created`: read by us before the build; `observed`: taken over later; `accepted`: the user said it is fine. */
  readonly source: 'created' | 'observed' | 'accepted';
  /** The configuration's text then; empty when it was too long to keep. */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export type OkReading = Extract<ConfigReading, { status: 'ok' }>;

/** Checks what came from disk; anything else than what we write is undefined. */
export function parseMadeFrom(value: unknown): MadeFrom | undefined {
  if (!isRecord(value) || value['version'] !== 1) return undefined;
  const { engine, containerId, configFile, source, text, value: config } = value;
  if (typeof engine !== 'string' || typeof configFile !== 'string' || typeof text !== 'string')
    return undefined;
  if (typeof containerId !== 'string' || !/^[0-9a-f]{12,64}$/.test(containerId)) return undefined;
  if (source !== 'created' && source !== 'observed' && source !== 'accepted') return undefined;
  if (!isRecord(config)) return undefined;
  return { version: 1, engine, containerId, configFile, source, text, value: config };
}

/** Properties that the CLI copies into the label as they stand in the file (imageMetadata.ts, 0.89). */
const COPIED: readonly string[] = [
  'onCreateCommand',
  'updateContentCommand',
  'postCreateCommand',
  'postStartCommand',
  'postAttachCommand',
  'waitFor',
  'customizations',
  'mounts',
  'containerEnv',
  'containerUser',
  'init',
  'privileged',
  'capAdd',
  'securityOpt',
  'remoteUser',
  'userEnvProbe',
  'remoteEnv',
  'overrideCommand',
  'portsAttributes',
  'otherPortsAttributes',
  'forwardPorts',
  'shutdownAction',
  'updateRemoteUserUID',
  'hostRequirements',
];

/** The properties of a configuration that the CLI copies into the container's metadata label. */
export function copiedProperties(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => COPIED.includes(key)));
}

/**
 * The configuration's own entry in the container's metadata label: the last one, unless a Feature wrote it.
 * Undefined when the label is missing, too long, broken, or not a container of the CLI.
 */
export function labelledProperties(container: ContainerFacts): Record<string, unknown> | undefined {
  const label = container.labels[METADATA_LABEL];
  if (!label || label.length > 256 * 1024) return undefined;
  try {
    const parsed: unknown = JSON.parse(label);
    const last: unknown = Array.isArray(parsed) ? (parsed.at(-1) ?? {}) : parsed;
    if (!isRecord(last) || Object.hasOwn(last, 'id')) return undefined;
    return copiedProperties(last);
  } catch {
    return undefined;
  }
}

/** Whether the file has not been written since the container was made, on the engine's clock. */
export function isOlderThan(reading: OkReading, container: ContainerFacts, skewMs: number): boolean {
  return reading.modifiedAt + skewMs <= container.createdAt;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
