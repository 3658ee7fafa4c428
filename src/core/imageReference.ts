import { isImageId } from './imageNames';

/** An image's name in full, by the grammar of engines (distribution/reference): Docker Hub and `latest` spelled out. */
export interface ImageReference {
  /** The registry: `docker.io`, `ghcr.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly host: string;
  /** The repository: `library/debian`, `org/app`. */
  readonly path: string;
  /** Undefined only where there is a digest. */
  readonly tag?: string;
  /** `sha256:` and 64 digits, or the longer ones of sha384 and sha512. */
  readonly digest?: string;
}

/** Docker Hub, as names spell it. */
export const DOCKER_HUB = 'docker.io';

/** The parts of an image's name; undefined for what is none, and for an image's id. */
export function parseReference(text: string): ImageReference | undefined {
  if (text.length > MAX_LENGTH || isImageId(text)) return undefined;
  const [, name = '', tag, digest] = /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/s.exec(text) ?? [];
  const { host, path } = splitName(name);
  const isSound =
    hostShape.test(host) &&
    path.length <= 255 &&
    path.split('/').every((part) => partShape.test(part)) &&
    (tag === undefined || tagShape.test(tag)) &&
    (digest === undefined || digestShape.test(digest));
  if (!isSound) return undefined;
  if (digest === undefined) return { host, path, tag: tag ?? 'latest' };
  return { host, path, ...(tag === undefined ? {} : { tag }), digest };
}

/** The name in full: `docker.io/library/debian:12`. */
export function formatReference({ host, path, tag, digest }: ImageReference): string {
  return `${host}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** As people write it: without what everybody's Docker adds by itself, unless that is needed to tell it apart. */
export function familiarReference(reference: ImageReference): string {
  const full = formatReference(reference);
  if (reference.host !== DOCKER_HUB) return full;
  const short = full.slice(DOCKER_HUB.length + 1).replace(/^library\/(?=[^/]*$)/, '');
  const read = parseReference(short);
  return read && formatReference(read) === full ? short : full;
}

/**
 * Whether an image can have this name or id, by the rules of the engines: it goes into a path as it is, and Podman calls
 * any other an error of its own.
 */
export function isReference(text: string): boolean {
  return isImageId(text) || parseReference(text) !== undefined;
}

/** Whether this is a digest as registries and engines write it. */
export function isDigest(text: string): boolean {
  return digestShape.test(text);
}

const MAX_LENGTH = 600;
const hostShape =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const partShape = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagShape = /^\w[\w.-]{0,127}$/;
const digestShape = /^sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/;

/** The first part is a registry only if no repository on Docker Hub could begin like that. */
function splitName(name: string): { host: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  const isHost = first === 'localhost' || /[.:A-Z]/.test(first);
  const host = isHost && first !== 'index.docker.io' ? first : DOCKER_HUB;
  const path = isHost ? name.slice(slash + 1) : name;
  return { host, path: host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path };
}
