/** Which addresses are asked, and how: image names come from labels and files of others. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { RegistryError } from '../core/imagePorts';
import { DOCKER_HUB } from '../core/imageReference';

/** Where the registry's API is: http for loopback and where the engine does without TLS, else https. */
export function registryUrl(host: string, insecure: readonly string[], hasOwnCa: boolean): URL {
  const name = host === DOCKER_HUB ? 'registry-1.docker.io' : host;
  const isPlain = !hasOwnCa && (isLoopback(name) || isInsecure(name, insecure));
  const url = `${isPlain ? 'http' : 'https'}://${name}/`;
  if (!URL.canParse(url)) throw new RegistryError(`${host} is no address of a registry.`);
  return new URL(url);
}

/**
 * Refuses what no registry has a reason to name: clouds' metadata, other services of this machine, engines, plain http.
 * @param from the registry that leads there; undefined for the first request.
 * @throws RegistryError
 */
export function checkDestination(url: URL, insecure: readonly string[], from?: URL): void {
  const reason = refusal(url, insecure, from);
  if (reason === undefined) return;
  const what = from ? `${from.host} leads to ${url.host}, which ${reason}` : `${url.host} ${reason}`;
  throw new RegistryError(`${what}, so it was not asked.`);
}

function refusal(url: URL, insecure: readonly string[], from: URL | undefined): string | undefined {
  const isPlain = url.protocol === 'http:';
  if (!isPlain && url.protocol !== 'https:') return 'is no web address';
  if (url.username !== '' || url.password !== '') return 'has credentials in it';
  if (isPlain && !isLoopback(url.host) && !isInsecure(url.host, insecure)) return 'is not secure';
  if (isPlain && from?.protocol === 'https:') return 'is less secure';
  if (from && isLoopback(url.host) && !isLoopback(from.host)) return 'is on this machine';
  if (enginePorts.has(url.port)) return 'is an address of container engines';
  return isForbidden(bareHost(url.host)) ? 'is an address that is never asked' : undefined;
}

/** Whether the address means this machine by itself, without asking for the name. */
export function isLoopback(host: string): boolean {
  const name = bareHost(host);
  return name === 'localhost' || (isIP(name) !== 0 && loopback.check(name, family(name)));
}

/** Looks names up, and knows none that lead to addresses which are never asked. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, found) => {
    const allowed = error ? [] : found.filter(({ address }: LookupAddress) => !isForbidden(address));
    const [first] = allowed;
    if (!first) callback(error ?? new Error(`${hostname} leads to an address that is never asked`), []);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

const enginePorts = new Set(['2375', '2376', '2377']);

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Link-local, where clouds tell machines their secrets, and what is no address at all. */
const forbidden = new BlockList();
forbidden.addSubnet('0.0.0.0', 8);
forbidden.addSubnet('169.254.0.0', 16);
forbidden.addAddress('100.100.100.200');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6');
forbidden.addAddress('::', 'ipv6');

function isForbidden(address: string): boolean {
  return isIP(address) !== 0 && forbidden.check(address, family(address));
}

function isInsecure(host: string, insecure: readonly string[]): boolean {
  const name = bareHost(host);
  return insecure.some((entry) => {
    const [network = '', bits] = entry.split('/');
    if (bits === undefined) return entry === host || entry === name;
    if (isIP(network) === 0 || isIP(name) === 0 || !/^\d{1,3}$/.test(bits)) return false;
    if (Number(bits) > (isIP(network) === 4 ? 32 : 128)) return false;
    const range = new BlockList();
    range.addSubnet(network, Number(bits), family(network));
    return range.check(name, family(name));
  });
}

/** Without the port, and without the brackets of an IPv6 address. */
function bareHost(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
