import { createHash } from 'node:crypto';

/** An image as it lies in a registry. */
export interface PutImage {
  /** Of the index, or of the only manifest. */
  readonly digest: string;
  /** Of each platform's manifest and configuration, in the order they were asked for. */
  readonly platforms: readonly { readonly manifest: string; readonly config: string }[];
}

export interface Put {
  /** Address of the registry: `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly repository: string;
  readonly tag: string;
  /** The Authorization header, where the registry wants one. */
  readonly authorization?: string;
  /** `os/architecture/variant`; with several there is an index. */
  readonly platforms?: readonly string[];
  /** Other words make another image. */
  readonly content?: string;
  readonly send?: typeof fetch;
}

/** Puts a small image into a registry, by its own interface: no engine is needed. */
export async function putImage(put: Put): Promise<PutImage> {
  const { platforms = ['linux/amd64'], content = 'one' } = put;
  const entries = [];
  for (const each of platforms) {
    const [os, architecture, variant] = each.split('/');
    const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
    const config = await putBlob(
      put,
      JSON.stringify({
        ...platform,
        config: { Labels: { content } },
        rootfs: { type: 'layers', diff_ids: [] },
      }),
    );
    const manifest = await putManifest(
      put,
      OCI_MANIFEST,
      { config, layers: [] },
      platforms.length === 1 ? put.tag : undefined,
    );
    entries.push({ ...manifest, platform, config: config.digest });
  }
  const manifests = entries.map(({ digest, size, mediaType, platform }) => ({
    digest,
    size,
    mediaType,
    platform,
  }));
  const index = entries.length > 1 ? await putManifest(put, OCI_INDEX, { manifests }, put.tag) : entries[0];
  return {
    digest: index?.digest ?? '',
    platforms: entries.map(({ digest, config }) => ({ manifest: digest, config })),
  };
}

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Puts a blob that a manifest is to name. */
export async function putBlob(
  put: Put,
  content: string | Uint8Array<ArrayBuffer>,
  mediaType = 'application/vnd.oci.image.config.v1+json',
): Promise<Descriptor> {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const begun = await ask(put, 'POST', `/v2/${put.repository}/blobs/uploads/`);
  const place = new URL(begun.headers.get('location') ?? '', put.url);
  place.searchParams.set('digest', digest);
  await ask(put, 'PUT', place.pathname + place.search, content, 'application/octet-stream');
  return { mediaType, digest, size: content.length };
}

/** Puts a manifest under a tag, else under its digest alone. */
export async function putManifest(
  put: Put,
  mediaType: string,
  more: object,
  tag?: string,
): Promise<Descriptor> {
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...more });
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  await ask(put, 'PUT', `/v2/${put.repository}/manifests/${tag ?? digest}`, text, mediaType);
  return { mediaType, digest, size: text.length };
}

async function ask(
  put: Put,
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  type?: string,
): Promise<Response> {
  const headers = {
    // Without it, a registry answers with manifests of the past.
    accept: `${DOCKER_MANIFEST}, ${OCI_MANIFEST}`,
    ...(put.authorization === undefined ? {} : { authorization: put.authorization }),
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  const answer = await (put.send ?? fetch)(put.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Puts an index of manifests that the repository has already, by platform, under the tag; gives its digest. */
export async function putIndex(put: Put, byPlatform: Readonly<Record<string, string>>): Promise<string> {
  const entries = Object.entries(byPlatform).map(async ([name, digest]) => {
    const [os, architecture] = name.split('/');
    const answer = await ask(put, 'GET', `/v2/${put.repository}/manifests/${digest}`);
    const mediaType = answer.headers.get('content-type') ?? '';
    return {
      mediaType,
      digest,
      size: (await answer.arrayBuffer()).byteLength,
      platform: { os, architecture },
    };
  });
  const { digest } = await putManifest(put, OCI_INDEX, { manifests: await Promise.all(entries) }, put.tag);
  return digest;
}
