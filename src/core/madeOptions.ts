/** Whether a container has the options that `runArgs` ask for. */
import { isRecord } from '../common/record';
import { METADATA_LABEL } from './identity';
import { areMountsWanted, hasVariable, mountVerdict, readMount, readVolume, wantedMount } from './madeMounts';
import type { Verdict } from './madeMounts';
import type { ContainerDetails, PortFacts } from './containerDetails';
import type { ContainerFacts } from './ports';
import { bytesOf, readPort, readRunArgs, type ReadableOption, type RunOption } from './runOptions';

/** What is known of a container. */
export interface Made {
  readonly container: ContainerFacts;
  readonly details: ContainerDetails;
}

/** Whether the container was made with this option. */
export function optionVerdict({ name, value }: RunOption, made: Made): Verdict {
  return hasVariable(value) && name !== 'mount' ? 'unknown' : VERDICTS[name](value, made);
}

/** @param entry `NAME=value`. */
export function envVerdict(entry: string, { details: { env } }: Made): Verdict {
  // Without a value, it is that of the machine's environment.
  if (!env || !/^[^=]+=/.test(entry)) return 'unknown';
  return env.includes(entry) ? 'same' : 'different';
}

/** @param wish `[[address:]port:]port[/protocol]`; a number is that port on this machine only. */
export function portVerdict(wish: string | number, { details }: Made): Verdict {
  const { networkMode = '', portBindings } = details;
  // Without a network of its own a container has no ports to publish, and engines forget them.
  if (!portBindings || networkMode === 'host' || networkMode === 'none' || networkMode.includes(':'))
    return 'unknown';
  const wanted = readPort(wish);
  if (!wanted) return 'unknown';
  return portBindings.some((binding) => isPort(binding, wanted)) ? 'same' : 'different';
}

/** Whether this wish may have made the binding. */
function mayPublish(wish: unknown, binding: PortFacts): boolean {
  const wanted = typeof wish === 'number' || typeof wish === 'string' ? readPort(wish) : undefined;
  return !wanted || isPort(binding, wanted);
}

function isPort(binding: PortFacts, wanted: PortFacts): boolean {
  return (
    binding.containerPort === wanted.containerPort &&
    binding.protocol === wanted.protocol &&
    (wanted.hostPort === undefined || binding.hostPort === wanted.hostPort) &&
    (wanted.hostIp === undefined || binding.hostIp === wanted.hostIp)
  );
}

/** @param isWanted false says nothing: Features and images may ask for it as well. */
export function flagVerdict(isWanted: unknown, has: boolean | undefined): Verdict {
  if (typeof isWanted !== 'boolean' || has === undefined) return 'unknown';
  if (has === isWanted) return 'same';
  return isWanted ? 'different' : 'unknown';
}

export function capabilityVerdict(wanted: string, { details: { capAdd, privileged } }: Made): Verdict {
  if (hasVariable(wanted) || !capAdd) return 'unknown';
  if (capAdd.map(plainCapability).includes(plainCapability(wanted))) return 'same';
  // Podman keeps only those that a container would not have anyway.
  return privileged !== false || USUAL.has(plainCapability(wanted)) ? 'unknown' : 'different';
}

function plainCapability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

export function securityVerdict(wanted: string, made: Made): Verdict {
  const { securityOpt, privileged } = made.details;
  const plain = (option: string): string => option.replace(/^([a-z-]+):/, '$1=').replace(/=true$/, '');
  if (hasVariable(wanted) || !securityOpt) return 'unknown';
  // Podman makes one text of several.
  if (
    securityOpt
      .flatMap((option) => [option, ...option.split(',')])
      .map(plain)
      .includes(plain(wanted))
  )
    return 'same';
  // An engine adds some by itself for these, and keeps the contents of a profile instead of its name.
  if (privileged !== false || isPodman(made)) return 'unknown';
  return /^(seccomp|apparmor)=unconfined$|^no-new-privileges$/.test(plain(wanted)) ? 'different' : 'unknown';
}

/**
 * Whether the configuration, a Feature or the image asks for all that was set on the container, so that none of it is
 * left of what the configuration asked for once. What engines and tools set unasked does not count.
 */
export function isAllWanted(config: Entry, made: Made, workspaceFolder: string): boolean {
  const args = config['runArgs'];
  const { options } = readRunArgs(Array.isArray(args) ? args.map(String) : []);
  const noted = notedEntries(made.container) ?? [];
  // The last one, unless a Feature's, is the configuration's own as it was.
  const others = noted.filter((entry, at) => Object.hasOwn(entry, 'id') || at < noted.length - 1);
  const asked = (name: ReadableOption): string[] =>
    options.filter((option) => option.name === name).map(({ value }) => value);
  const listed = (...names: string[]): unknown[] =>
    [config, ...others].flatMap((entry) => names.flatMap((name) => entry[name] ?? []));
  const wanted = [
    ...listed('mounts', 'workspaceMount').map(wantedMount),
    ...asked('volume').map(readVolume),
    ...asked('mount').map(readMount),
  ];
  const usual = config['workspaceMount'] === undefined ? workspaceFolder : '';
  return (
    areMountsWanted(made.details.mounts, wanted, usual) &&
    areVariablesWanted(made, asked, listed) &&
    isUserWanted(made, asked, listed) &&
    areLimitsWanted(made, asked, listed) &&
    areRightsWanted(made, asked, listed)
  );
}

type Entry = Readonly<Record<string, unknown>>;
/** The values of an option of `runArgs`. */
type Asked = (name: ReadableOption) => readonly string[];
/** The items of properties, wherever they are asked for. */
type Listed = (...names: string[]) => readonly unknown[];

/** Whether each variable comes from the image, the engine or its client, or is asked for by its name. */
function areVariablesWanted({ details }: Made, asked: Asked, listed: Listed): boolean {
  const { env = [], imageEnv } = details;
  if (!imageEnv) return true;
  const nameOf = (entry: string): string => entry.split('=', 1).join('');
  const ofProperties = listed('containerEnv').flatMap((value) => (isRecord(value) ? Object.keys(value) : []));
  const names = new Set([...asked('env').map(nameOf), ...ofProperties]);
  const isWanted = (name: string): boolean => names.has(name) || UNASKED.test(name);
  return env.every((entry) => imageEnv.includes(entry) || isWanted(nameOf(entry)));
}

function isUserWanted({ details: { user = '', imageUser } }: Made, asked: Asked, listed: Listed): boolean {
  if (user === '' || imageUser === undefined || user === imageUser) return true;
  return asked('user').length > 0 || listed('containerUser').length > 0;
}

/** Podman says these of each container, and clients pass on what they know of proxies. */
const UNASKED = /^(container|PATH|TERM|HOME|HOSTNAME|(https?|ftp|all|no)_proxy)$/i;

function areLimitsWanted({ container, details }: Made, asked: Asked, listed: Listed): boolean {
  const {
    networkMode = '',
    networks = [],
    hostname = '',
    pidMode = '',
    ipcMode,
    portBindings = [],
  } = details;
  const isIn = (name: ReadableOption): boolean => asked(name).length > 0;
  const ports = [...asked('publish'), ...listed('appPort')];
  // With a network of its own, Podman says `bridge`.
  const mode = isPodman({ container, details }) ? [networkMode, ...networks] : [networkMode];
  const hasUsualName =
    container.id.startsWith(hostname) || hostname === container.name || /^host$|:/.test(networkMode);
  return (
    (isIn('network') || mode.every((name) => USUAL_NETWORKS.has(name))) &&
    portBindings.every((binding) => ports.some((wish) => mayPublish(wish, binding))) &&
    (isIn('memory') || !details.memory) &&
    (isIn('cpus') || !details.nanoCpus) &&
    (isIn('shm-size') || sharesMemory(details) || USUAL_SHM.has(details.shmSize ?? 0)) &&
    (isIn('hostname') || hasUsualName) &&
    ['', 'private'].includes(pidMode) &&
    (ipcMode === undefined || !sharesMemory(details))
  );
}

function areRightsWanted({ details }: Made, asked: Asked, listed: Listed): boolean {
  const { privileged, init, capAdd = [], securityOpt = [], devices = [] } = details;
  const isFlag = (name: 'init' | 'privileged'): boolean =>
    asked(name).length > 0 || listed(name).includes(true);
  if (init && !isFlag('init')) return false;
  // Engines add what goes with it.
  if (privileged !== false) return !privileged || isFlag('privileged');
  const capabilities = [...asked('cap-add'), ...listed('capAdd')].map(String).map(plainCapability);
  const keyOf = (option: unknown): string => String(option).split(/[=:,]/, 1).join('');
  const keys = new Set(['label', ...[...asked('security-opt'), ...listed('securityOpt')].map(keyOf)]);
  const paths = asked('device').map((device) => device.split(':', 1).join(''));
  return (
    (capabilities.includes('ALL') ||
      capAdd
        .map(plainCapability)
        .every((name) => name !== 'ALL' && (USUAL.has(name) || capabilities.includes(name)))) &&
    securityOpt.every((option) => keys.has(keyOf(option))) &&
    devices.every(({ onHost }) => paths.some((path) => `${onHost}/`.startsWith(`${path}/`)))
  );
}

const USUAL_NETWORKS = new Set(['', 'default', 'bridge', 'private', 'pasta', 'slirp4netns', 'podman']);
/** What Docker and Podman give where nothing is asked for, in bytes; 0 is not known. */
const USUAL_SHM = new Set([0, 64 * 1024 ** 2, 65_536_000]);

/** What containers may do that were given nothing, or `ALL`, which engines spell out. */
const USUAL = new Set(
  `ALL AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID
   SYS_CHROOT`.split(/\s+/),
);

const VERDICTS: Readonly<Record<ReadableOption, (value: string, made: Made) => Verdict>> = {
  env: envVerdict,
  volume: (value, { details }) => mountVerdict(readVolume(value), details.mounts),
  mount: (value, { details }) => mountVerdict(readMount(value), details.mounts),
  publish: portVerdict,
  network: networkVerdict,
  'cap-add': capabilityVerdict,
  'security-opt': securityVerdict,
  device: deviceVerdict,
  'shm-size': (value, { details }) =>
    sharesMemory(details) ? 'unknown' : amountVerdict(bytesOf(value), details.shmSize),
  memory: (value, { details }) => amountVerdict(bytesOf(value), details.memory),
  cpus: (value, { details }) =>
    amountVerdict(/^\d*\.?\d+$/.test(value) ? Math.round(Number(value) * 1e9) : undefined, details.nanoCpus),
  hostname: (value, { details }) => wordVerdict(value, details.hostname),
  user: (value, { details }) => wordVerdict(value, details.user),
  name: (value, { container }) => wordVerdict(value, container.name),
  privileged: (value, { details }) => flagVerdict(value === 'true' || undefined, details.privileged),
  init: (value, { details }) => flagVerdict(value === 'true' || undefined, details.init),
};

function wordVerdict(wanted: string, made: string | undefined): Verdict {
  if (made === undefined || wanted === '') return 'unknown';
  return wanted === made ? 'same' : 'different';
}

/** An engine that cannot limit says 0, whatever it was asked for. */
function amountVerdict(wanted: number | undefined, made: number | undefined): Verdict {
  if (!wanted || !made) return 'unknown';
  return wanted === made ? 'same' : 'different';
}

function sharesMemory({ ipcMode }: ContainerDetails): boolean {
  return ipcMode === undefined || !['private', 'shareable', ''].includes(ipcMode);
}

/** Podman says `bridge` for networks with a name of their own, and names them apart. */
function networkVerdict(wanted: string, { details: { networkMode, networks } }: Made): Verdict {
  if (networkMode === undefined || !/^[\w.-]+$/.test(wanted)) return 'unknown';
  if (networkMode === wanted || networks?.includes(wanted)) return 'same';
  const alone = ['host', 'none'];
  if (alone.includes(wanted) || alone.includes(networkMode)) return 'different';
  const isVague = ['default', 'bridge', 'private', 'pasta', 'slirp4netns'].includes(wanted);
  return isVague || !networks || networks.length === 0 || /^[0-9a-f]{12,}$/.test(wanted)
    ? 'unknown'
    : 'different';
}

/** @param wanted `/dev/a[:/dev/b[:rwm]]` */
function deviceVerdict(wanted: string, { details: { devices, privileged } }: Made): Verdict {
  const [onHost = '', inContainer = onHost, permissions] = wanted.split(':');
  if (!devices || privileged !== false || !onHost.startsWith('/') || !inContainer.startsWith('/'))
    return 'unknown';
  const has = devices.some((device) => device.onHost === onHost && device.inContainer === inContainer);
  if (has) return permissions === undefined ? 'same' : 'unknown';
  return 'different';
}

/** What the CLI noted on the container, each Feature by its `id`; undefined where it cannot be read. */
export function notedEntries(container: ContainerFacts): Record<string, unknown>[] | undefined {
  const label = container.labels[METADATA_LABEL];
  if (!label || label.length >= 256 * 1024) return undefined;
  try {
    const entries: unknown = JSON.parse(label);
    return Array.isArray(entries) ? entries.filter(isRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Podman tells itself by a variable that it gives to each container. */
function isPodman({ details: { env } }: Made): boolean {
  return env === undefined || env.includes('container=podman');
}
