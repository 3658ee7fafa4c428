import { isRecord } from '../common/record';
import { COMPOSE_FILES_LABEL, composeMade, METADATA_LABEL } from './identity';
import type { ContainerFacts, ConfigReading, InputReading } from './ports';

/** Of records as this Shipshape writes them; ARCHITECTURE.md says when to raise it. */
export const RECORD_VERSION = 2;

/** What a container was made from, as far as we know. Kept on disk, one for each container. */
export interface MadeFrom {
  readonly version: typeof RECORD_VERSION;
  readonly engine: string;
  readonly containerId: string;
  readonly configFile: string;
  /** `created`: read by us before the build; `observed`: taken over later; `accepted`: the user said it is fine. */
  readonly source: 'created' | 'observed' | 'accepted';
  /** The configuration's text then; empty when it was too long to keep. */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Everything else that it was made from. */
  readonly inputs: readonly InputReading[];
  /** The ids of images, by the names that meant them; a name that means another since then is a change. */
  readonly images: Readonly<Record<string, string>>;
  /** Also no change, once the user has accepted something else. */
  readonly original?: Original;
}

export type OkReading = Extract<ConfigReading, { status: 'ok' }>;

/** What a container was really made from, where the user has accepted something else since. */
export type Original = Pick<MadeFrom, 'value' | 'inputs' | 'images'>;

/** Checks what came from disk; anything else than what we write is undefined. */
export function parseMadeFrom(value: unknown): MadeFrom | undefined {
  if (!isRecord(value) || value['version'] !== RECORD_VERSION) return undefined;
  const { engine, containerId, configFile, source, text, value: config, inputs, images } = value;
  if (typeof engine !== 'string' || typeof configFile !== 'string' || typeof text !== 'string')
    return undefined;
  if (typeof containerId !== 'string' || !/^[0-9a-f]{12,64}$/.test(containerId)) return undefined;
  if (source !== 'created' && source !== 'observed' && source !== 'accepted') return undefined;
  const parts = parseOriginal({ value: config, inputs, images });
  if (!parts) return undefined;
  const original = parseOriginal(value['original']);
  return {
    version: RECORD_VERSION,
    engine,
    containerId,
    configFile,
    source,
    text,
    value: parts.value,
    inputs: parts.inputs,
    images: parts.images,
    ...(original ? { original } : {}),
  };
}

/** Whether a newer Shipshape wrote this, of which we can tell nothing else. */
export function isNewerRecord(value: unknown): boolean {
  return isRecord(value) && typeof value['version'] === 'number' && value['version'] > RECORD_VERSION;
}

/** A file name: the engine's key may hold slashes. */
export function fileNameOf(record: MadeFrom): string {
  return `${record.containerId.slice(0, 24)}-${record.engine.replace(/[^a-zA-Z0-9]+/g, '_').slice(-40)}`;
}

export function isReadable({ kind, problem }: InputReading): boolean {
  // The files of a Compose model speak for it.
  return !problem || kind === 'compose';
}

/** As much of a configuration's text as is kept, to be shown beside today's. */
export function keptText({ text }: OkReading): string {
  return text.length > KEPT_TEXT ? '' : text;
}

const KEPT_TEXT = 64 * 1024;

function parseOriginal(from: unknown): Original | undefined {
  if (!isRecord(from)) return undefined;
  const { value, inputs, images } = from;
  if (!isRecord(value) || !Array.isArray(inputs) || !inputs.every(isInputReading)) return undefined;
  if (!isRecord(images) || !Object.values(images).every((id) => typeof id === 'string')) return undefined;
  return { value, inputs, images: images as Original['images'] };
}

/** A configuration, where there is one, and inputs, as they came from disk; undefined for anything else. */
export function parseGrounds(
  reading: unknown,
  inputs: unknown,
): { readonly reading?: OkReading; readonly inputs: readonly InputReading[] } | undefined {
  if (!Array.isArray(inputs) || !inputs.every(isInputReading)) return undefined;
  if (reading === undefined) return { inputs };
  if (!isRecord(reading) || reading['status'] !== 'ok') return undefined;
  const { text, value, modifiedAt } = reading;
  if (typeof text !== 'string' || !isRecord(value) || typeof modifiedAt !== 'number') return undefined;
  return { reading: { status: 'ok', text, value, modifiedAt }, inputs };
}

function isInputReading(value: unknown): value is InputReading {
  if (!isRecord(value) || typeof value['kind'] !== 'string' || typeof value['input'] !== 'string')
    return false;
  const { values, problem } = value;
  if (problem !== undefined && !(isRecord(problem) && typeof problem['message'] === 'string')) return false;
  return isRecord(values) && Object.values(values).every(isInputValue);
}

function isInputValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string');
  return typeof value === 'string';
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
  // What plain Compose made has the label of its image.
  if (composeMade(container)) return undefined;
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

/** Whether something was not written since the container was made, or the CLI began to make it. */
export function isOlderThan(
  { modifiedAt = 0 }: { readonly modifiedAt?: number },
  container: ContainerFacts,
  skewMs: number,
): boolean {
  const createdAt = container.createdAt - skewMs;
  const began = composeBegan(container.labels[COMPOSE_FILES_LABEL] ?? '').filter(
    (at) => at <= createdAt && at > createdAt - LONGEST_BUILD_MS,
  );
  return modifiedAt <= Math.min(createdAt, ...began);
}

/** A container made anew with another's labels is older than they say. */
const LONGEST_BUILD_MS = 24 * 3600_000;

/**
 * When the CLI wrote the files that it gives to Compose, the first of them before the build: their names say it, in
 * milliseconds on the host's clock, and stand in a label (dockerCompose.ts, 0.89).
 */
function composeBegan(files: string): number[] {
  const names = files.matchAll(/docker-compose\.devcontainer\.(?:build|containerFeatures)-(\d{13})\b/g);
  return [...names].map(([, at]) => Number(at));
}
