/** A container's ports in the two shapes of the Docker Engine API. */
import type { PortFacts } from '../core/containerDetails';
import { asArray, asInteger, asRecord, asString, cut } from './json';

/** `Ports` of a list's element: `[{IP, PrivatePort, PublicPort, Type}]`. */
export function listedPorts(value: unknown): PortFacts[] {
  const found = asArray(value).map((element) => {
    const entry = asRecord(element);
    return portOf(entry?.['PrivatePort'], entry?.['Type'], entry?.['PublicPort'], entry?.['IP']);
  });
  return merged(found);
}

/** `NetworkSettings.Ports` of an inspection: `{'80/tcp': [{HostIp, HostPort: '8080'}] | null}`. */
export function inspectedPorts(value: unknown): PortFacts[] {
  const found = Object.entries(asRecord(value) ?? {}).flatMap(([key, bindings]) => {
    const [, port, protocol] = /^(\d{1,5})(?:\/(\w+))?$/.exec(key) ?? [];
    const hosts = asArray(bindings).map((binding) => asRecord(binding));
    const none = portOf(Number(port), protocol, undefined, undefined);
    return [
      none,
      ...hosts.map((host) => portOf(Number(port), protocol, Number(host?.['HostPort']), host?.['HostIp'])),
    ];
  });
  return merged(found);
}

function portOf(
  containerPort: unknown,
  protocol: unknown,
  hostPort: unknown,
  hostIp: unknown,
): PortFacts | undefined {
  const inside = portNumber(containerPort);
  if (inside === undefined) return undefined;
  const outside = portNumber(hostPort);
  const ip = asString(hostIp);
  return {
    containerPort: inside,
    protocol: protocolOf(protocol),
    ...(outside !== undefined && { hostPort: outside, ...(ip && { hostIp: cut(ip, 64) }) }),
  };
}

/**
 * The same port on an IPv4 address and its IPv6 counterpart is one; one that is published is not also listed as bare.
 */
function merged(found: readonly (PortFacts | undefined)[]): PortFacts[] {
  const ports = new Map<string, PortFacts>();
  const published = new Set<string>();
  for (const port of found) {
    if (!port) continue;
    const inside = `${port.containerPort}/${port.protocol}`;
    if (port.hostPort !== undefined) published.add(inside);
    const key = JSON.stringify([inside, port.hostPort, counterpart(port.hostIp)]);
    const known = ports.get(key);
    if (!known || known.hostIp?.includes(':')) ports.set(key, port);
  }
  return [...ports.values()]
    .filter((port) => port.hostPort !== undefined || !published.has(`${port.containerPort}/${port.protocol}`))
    .sort(
      (a, b) =>
        a.containerPort - b.containerPort ||
        a.protocol.localeCompare(b.protocol) ||
        (a.hostPort ?? 0) - (b.hostPort ?? 0),
    );
}

function counterpart(ip: string | undefined): string | undefined {
  if (ip === undefined || ip === '::') return '0.0.0.0';
  return ip === '::1' ? '127.0.0.1' : ip;
}

function protocolOf(value: unknown): string {
  const protocol = asString(value)?.toLowerCase();
  return protocol === undefined || protocol === '' ? 'tcp' : cut(protocol, 16);
}

function portNumber(value: unknown): number | undefined {
  const port = asInteger(value);
  return port !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
}
