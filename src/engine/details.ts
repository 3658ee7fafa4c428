/**
 * What a container was made with, out of the answer of `GET /containers/{id}/json`. Nothing here throws, whatever the
 * value. A list that is too long, or holds what it cannot, is left out as a whole: half of it would look like a change.
 */
import type { ContainerDetails, MountFacts, PortFacts } from '../core/containerDetails';
import { asArray, asInteger, asRecord, asString } from './json';

/** The details in the answer to an inspection; undefined when it is none. */
export function inspectedDetails(value: unknown): ContainerDetails | undefined {
  const entry = asRecord(value);
  const config = asRecord(entry?.['Config']);
  const host = asRecord(entry?.['HostConfig']);
  const imageReference = text(config?.['Image']);
  if (!entry || !config || !host || imageReference === undefined) return undefined;
  const networks = asRecord(asRecord(entry['NetworkSettings'])?.['Networks']);
  return present({
    imageReference,
    env: listOf(config['Env'], text),
    mounts: mountsOf(entry['Mounts'], asRecord(host['Tmpfs'])),
    user: text(config['User']),
    hostname: text(config['Hostname']),
    privileged: flag(host['Privileged']),
    // Docker leaves it out where it was not asked for.
    init: flag(host['Init'] ?? false),
    capAdd: listOf(host['CapAdd'], text),
    securityOpt: listOf(host['SecurityOpt'], text),
    portBindings: bindingsOf(host['PortBindings']),
    networkMode: text(host['NetworkMode']),
    networks: networks && listOf(Object.keys(networks), text),
    pidMode: text(host['PidMode']),
    ipcMode: text(host['IpcMode']),
    shmSize: asInteger(host['ShmSize']),
    memory: asInteger(host['Memory']),
    nanoCpus: asInteger(host['NanoCpus']),
    devices: listOf(host['Devices'], deviceOf),
  });
}

/** What an image brings by itself, in the answer to an inspection of it; nothing when it is none. */
export function imageDetails(value: unknown): Pick<ContainerDetails, 'imageEnv' | 'imageUser'> {
  const config = asRecord(asRecord(value)?.['Config']);
  if (!config) return {};
  const env = listOf(config['Env'] ?? null, text);
  return { ...(env && { imageEnv: env }), imageUser: text(config['User']) ?? '' };
}

const maxText = 128 * 1024;
const maxItems = 4096;

function text(value: unknown): string | undefined {
  const string = asString(value);
  return string !== undefined && string.length <= maxText ? string : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** All items, or nothing; `null` is how engines write an empty list. */
function listOf<T>(value: unknown, itemOf: (item: unknown) => T | undefined): T[] | undefined {
  if (value === null) return [];
  if (!Array.isArray(value) || value.length > maxItems) return undefined;
  const items = asArray(value).flatMap((item) => itemOf(item) ?? []);
  return items.length === value.length ? items : undefined;
}

/** Podman tells of a tmpfs among the settings only, Docker of those that came by `--mount` among the mounts. */
function mountsOf(
  value: unknown,
  tmpfs: Readonly<Record<string, unknown>> | undefined,
): MountFacts[] | undefined {
  const mounts = listOf(value, mountOf);
  const targets = listOf(Object.keys(tmpfs ?? {}), text);
  if (!mounts || !targets) return undefined;
  return [...mounts, ...targets.map((target) => ({ type: 'tmpfs', source: '', target }))];
}

function mountOf(value: unknown): MountFacts | undefined {
  const mount = asRecord(value);
  const type = text(mount?.['Type']);
  const target = text(mount?.['Destination']);
  if (!mount || type === undefined || target === undefined) return undefined;
  const source = text(type === 'volume' ? mount['Name'] : mount['Source']) ?? '';
  const readWrite = flag(mount['RW']);
  return {
    ...{ type, source, target },
    ...(readWrite !== undefined && { isReadOnly: !readWrite }),
    ...(hasMore(type, mount) && { hasMore: true }),
  };
}

/** Docker says `z` of each volume, and `rprivate` where nothing is said of propagation. */
function hasMore(type: string, mount: Readonly<Record<string, unknown>>): boolean {
  const usual = ['', 'ro', 'rw', 'rprivate', ...(type === 'volume' ? ['z'] : [])];
  const modes = `${text(mount['Mode']) ?? ''},${text(mount['Propagation']) ?? ''}`.split(',');
  return modes.some((mode) => !usual.includes(mode));
}

/** `{ "80/tcp": [{ "HostIp": "", "HostPort": "8080" }] }` */
function bindingsOf(value: unknown): PortFacts[] | undefined {
  if (value === null) return [];
  const ports = Object.entries(asRecord(value) ?? {});
  if (!asRecord(value) || ports.length > maxItems) return undefined;
  const bindings = ports.map(([port, hosts]) => listOf(hosts, (host) => bindingOf(port, host)));
  return bindings.every((some) => some !== undefined) ? bindings.flat() : undefined;
}

function bindingOf(port: string, value: unknown): PortFacts | undefined {
  const [, containerPort, protocol = 'tcp'] = /^(\d{1,5})(?:\/(\w{1,10}))?$/.exec(port) ?? [];
  const host = asRecord(value);
  if (!host || containerPort === undefined) return undefined;
  const hostPort = Number(text(host['HostPort'])) || undefined;
  const hostIp = text(host['HostIp']);
  return {
    containerPort: Number(containerPort),
    protocol,
    ...(hostPort !== undefined && { hostPort }),
    ...(hostIp && { hostIp }),
  };
}

function deviceOf(value: unknown): { onHost: string; inContainer: string } | undefined {
  const onHost = text(asRecord(value)?.['PathOnHost']);
  const inContainer = text(asRecord(value)?.['PathInContainer']);
  return onHost === undefined || inContainer === undefined ? undefined : { onHost, inContainer };
}

type Found = { readonly [K in keyof ContainerDetails]: ContainerDetails[K] | undefined };

/** Without the properties that are undefined. */
function present(found: Found): ContainerDetails {
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as unknown as ContainerDetails;
}
