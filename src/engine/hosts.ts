/** Host strings as DOCKER_HOST and `docker --host` take them. */
import { ShipshapeError } from '../common/errors';

/** How bytes get to an engine. */
export type Transport = SocketTransport | TcpTransport | SshTransport;

/** A unix socket, or a named pipe on Windows. */
interface SocketTransport {
  readonly kind: 'socket';
  readonly path: string;
}

interface TcpTransport {
  readonly kind: 'tcp';
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls?: Tls;
}

/** `ssh HOST docker system dial-stdio`, as the docker command does it. */
export interface SshTransport {
  readonly kind: 'ssh';
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** The engine's socket on the far side; its own default when absent. */
  readonly remoteSocket?: string;
}

/** PEM texts, and whether the engine's certificate must be good. */
export interface Tls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
}

/** A host string in its full form: the default port filled in, a bare `host:port` read as tcp. */
export interface Host {
  readonly endpoint: string;
  readonly transport: Transport;
}

/**
 * Reads a host string.
 * @param origin where it comes from, for the error: `DOCKER_HOST`, `The Docker context "x"`.
 * @param tls used for tcp only; decides the default port (2376 with, 2375 without).
 * @throws ShipshapeError invalidConfig when it is malformed.
 */
export function parseHost(text: string, origin: string, tls?: Tls): Host {
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(text.trim()) ?? [];
  const host = parsers[scheme.toLowerCase()]?.(rest, tls);
  if (host === undefined) throw malformed(text, origin);
  return host;
}

type Parser = (rest: string, tls: Tls | undefined) => Host | undefined;

const parsers: Readonly<Partial<Record<string, Parser>>> = {
  unix: (rest) => socketHost('unix', rest, /^\/[^\0]+$/),
  npipe: (rest) => socketHost('npipe', rest.replaceAll('\\', '/'), /^\/\/[^/\0]+\/pipe\/[^\0]+$/i),
  tcp: parseTcp,
  ssh: parseSsh,
};

function socketHost(scheme: string, path: string, shape: RegExp): Host | undefined {
  if (!shape.test(path)) return undefined;
  return { endpoint: `${scheme}://${path}`, transport: { kind: 'socket', path } };
}

function parseTcp(rest: string, tls: Tls | undefined): Host | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?\/?$/i.exec(rest);
  const host = match?.[1] ?? match?.[2];
  const port = portNumber(match?.[3] ?? (tls ? '2376' : '2375'));
  if (host === undefined || port === undefined) return undefined;
  return {
    endpoint: `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`,
    transport: { kind: 'tcp', host, port, ...(tls && { tls }) },
  };
}

function parseSsh(rest: string): Host | undefined {
  // No part may begin with a dash, which ssh would take for an option; and the path passes through a shell on the
  // far side.
  const match =
    /^(?:([^\s@:/-][^\s@:/]*)@)?(\[[\da-f:.]+\]|[\w.][\w.-]*)(?::(\d{1,5}))?(\/[\w./@:+-]*)?$/i.exec(rest);
  const [, user, host, portText, path] = match ?? [];
  const port = portText === undefined ? undefined : portNumber(portText);
  if (host === undefined || (portText !== undefined && port === undefined)) return undefined;
  const remoteSocket = path === '/' ? undefined : path;
  return {
    endpoint: `ssh://${rest}`,
    transport: {
      kind: 'ssh',
      host: host.replace(/^\[|\]$/g, ''),
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(remoteSocket !== undefined && { remoteSocket }),
    },
  };
}

function portNumber(text: string): number | undefined {
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function malformed(text: string, origin: string): ShipshapeError {
  // A password in the address must not come out in a message.
  const shown = text.replace(/\/\/[^@/]*@/, '//…@').slice(0, 200);
  return new ShipshapeError(
    'invalidConfig',
    `${origin} names the engine "${shown}", which is not an address. ` +
      'Use unix:///path/to.sock, npipe:////./pipe/name, tcp://host:port or ssh://user@host.',
  );
}
