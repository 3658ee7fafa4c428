/** Manifests as registries give them; nothing here trusts what they say. */
import { createHash } from 'node:crypto';
import { isRecord, own } from '../common/record';
import { RegistryError, type Platform } from '../core/imagePorts';
import { isDigest } from '../core/imageReference';
import type { Answer } from './exchange';

/**
 * Of the four types at once: without any, registries answer with one of the past, which has another digest; and one
 * that is left out makes an image that is there look missing.
 */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * The digest that the answer's header tells; undefined where there is none.
 * @throws RegistryError when it makes no sense, or is that of a format of the past.
 */
export function headerDigest({ headers }: Answer, host: string): string | undefined {
  const type = headers['content-type'] ?? '';
  if (type.includes('docker.distribution.manifest.v1+')) {
    throw new RegistryError(`${host} is too old: its digests are not those of engines.`);
  }
  const digest = headers['docker-content-digest'];
  if (digest === undefined) return undefined;
  if (typeof digest !== 'string' || !isDigest(digest)) throw inconsistent(host);
  return digest;
}

/** The digest of a body. */
export function bodyDigest(body: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(body).digest('hex')}`;
}

/** A manifest or an index that was asked for by its digest. @throws RegistryError when it is another, or none. */
export function readManifest(
  { body }: Answer,
  digest: string,
  host: string,
): Readonly<Record<string, unknown>> {
  if (bodyDigest(body, digest.replace(/:.*$/, '')) !== digest) throw inconsistent(host);
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw inconsistent(host);
}

/** Whether it lists manifests for several platforms. */
export function isIndex(manifest: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(manifest['manifests']);
}

/** The digest of the manifest that an engine would take for the platform; undefined when there is none for it. */
export function forPlatform(index: Readonly<Record<string, unknown>>, wanted: Platform): string | undefined {
  const entries = (index['manifests'] as readonly unknown[]).flatMap((entry) => {
    const [digest, platform] = [own(entry, 'digest'), own(entry, 'platform')];
    const fits = own(platform, 'os') === wanted.os && own(platform, 'architecture') === wanted.architecture;
    return fits && typeof digest === 'string' && isDigest(digest)
      ? [{ digest, variant: variantOf(platform, wanted) }]
      : [];
  });
  const variant = variantOf(wanted, wanted);
  const exact = entries.find((entry) => entry.variant === variant);
  return (exact ?? (variant === '' ? entries[0] : entries.find((entry) => entry.variant === '')))?.digest;
}

/** The digest of the configuration; undefined where the manifest has none. */
export function configDigest(manifest: Readonly<Record<string, unknown>>): string | undefined {
  const digest = own(manifest['config'], 'digest');
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

/** There is only one for 64 bits, which some write and others do not. */
function variantOf(platform: unknown, { architecture }: Platform): string {
  const variant = own(platform, 'variant');
  if (typeof variant !== 'string' || (architecture === 'arm64' && variant === 'v8')) return '';
  return variant;
}

function inconsistent(host: string): RegistryError {
  return new RegistryError(
    `${host} contradicts itself: a manifest does not have the digest that it is told by.`,
  );
}
