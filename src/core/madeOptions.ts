/** Whether a container has the options that `runArgs` ask for. */
import { hasVariable, mountVerdict, readMount, readVolume, type Verdict } from './madeMounts';
import type { ContainerDetails, ContainerFacts, PortFacts } from './ports';
import type { ReadableOption, RunOption } from './runOptions';

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
  const wanted = readPort(typeof wish === 'number' ? `${wish}:${wish}` : wish);
  if (!wanted) return 'unknown';
  const isIt = (binding: PortFacts): boolean =>
    binding.containerPort === wanted.containerPort &&
    binding.protocol === wanted.protocol &&
    (wanted.hostPort === undefined || binding.hostPort === wanted.hostPort) &&
    (wanted.hostIp === undefined || binding.hostIp === wanted.hostIp);
  return portBindings.some(isIt) ? 'same' : 'different';
}

/** @param isWanted false says nothing: Features and images may ask for it as well. */
export function flagVerdict(isWanted: unknown, has: boolean | undefined): Verdict {
  if (typeof isWanted !== 'boolean' || has === undefined) return 'unknown';
  if (has === isWanted) return 'same';
  return isWanted ? 'different' : 'unknown';
}

export function capabilityVerdict(wanted: string, { details: { capAdd, privileged } }: Made): Verdict {
  const plain = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');
  if (hasVariable(wanted) || !capAdd) return 'unknown';
  if (capAdd.map(plain).includes(plain(wanted))) return 'same';
  // Podman keeps only those that a container would not have anyway.
  return privileged !== false || USUAL.has(plain(wanted)) ? 'unknown' : 'different';
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

/** `512m`, `1.5gb`: binary multiples, as engines read them. */
function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.floor(Number(number) * 1024 ** ' kmgtp'.indexOf(unit.toLowerCase() || ' '));
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

function readPort(text: string): PortFacts | undefined {
  const form = /^(?:(?:(\d+\.\d+\.\d+\.\d+):)?(\d{0,5}):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/;
  const [, hostIp, hostPort, containerPort, protocol = 'tcp'] = form.exec(text) ?? [];
  if (containerPort === undefined) return undefined;
  return {
    containerPort: Number(containerPort),
    protocol,
    ...(hostPort ? { hostPort: Number(hostPort) } : {}),
    ...(hostIp === undefined ? {} : { hostIp }),
  };
}

/** Podman tells itself by a variable that it gives to each container. */
function isPodman({ details: { env } }: Made): boolean {
  return env === undefined || env.includes('container=podman');
}
