/** What an engine's images are called. */
import { checkedReference, nameAndTag, undefinedFor } from './checks';
import type { Connection } from './connection';
import { fullId } from './facts';
import type { ImageFacts } from '../core/imagePorts';
import { asArray, asInteger, asRecord, asString } from './json';
import { isReference } from '../core/imageReference';

/** The id of the image that this name or id means now, `sha256:` in front; undefined when it means none. */
export async function imageId(
  connection: Connection,
  reference: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  return (await imageFacts(connection, reference, limitMs, signal))?.id;
}

/** What the engine tells of an image, undefined when this name or id means none. */
export async function imageFacts(
  connection: Connection,
  reference: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<ImageFacts | undefined> {
  const description = await imageDescription(connection, reference, limitMs, signal);
  if (description === undefined) return undefined;
  const answer = asRecord(description) ?? {};
  const id = asString(answer['Id'])?.replace(/^sha256:/, '');
  if (id === undefined || !fullId.test(id)) throw connection.odd('the description of an image');
  const texts = (value: unknown): string[] => asArray(value).flatMap((each) => asString(each) ?? []);
  const variant = asString(answer['Variant']) ?? '';
  return {
    id: `sha256:${id}`,
    // Docker writes `<none>` for a part that there is not.
    repoDigests: texts(answer['RepoDigests']).filter((each) => !each.startsWith('<none>')),
    repoTags: texts(answer['RepoTags']).filter((each) => !each.includes('<none>')),
    platform: {
      os: asString(answer['Os']) ?? '',
      architecture: asString(answer['Architecture']) ?? '',
      ...(variant === '' ? {} : { variant }),
    },
    layers: texts(asRecord(answer['RootFS'])?.['Layers']),
  };
}

/** The steps by which an image was made, the first one first; none when there is no such image. */
export async function imageHistory(
  connection: Connection,
  id: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const history = await undefinedFor([404], () =>
    connection.call(
      'say how an image was made',
      limitMs,
      (docker) => docker.getImage(checkedReference(id)).history() as Promise<unknown>,
      signal,
    ),
  );
  return asArray(history)
    .map(
      (step) =>
        `${asInteger(asRecord(step)?.['Created']) ?? ''} ${asString(asRecord(step)?.['CreatedBy']) ?? ''}`,
    )
    .reverse();
}

/** The engine's description of an image as it stands, undefined when this name or id means none. */
export async function imageDescription(
  connection: Connection,
  reference: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<unknown> {
  if (!isReference(reference)) return undefined;
  // Podman calls it an error of its own when it has no image of an id that comes without this.
  const name = reference.replace(/^[0-9a-f]{64}$/, 'sha256:$&');
  return undefinedFor([400, 404], () =>
    connection.call(
      'say which image a name means',
      limitMs,
      (docker, abortSignal) => docker.getImage(name).inspect({ abortSignal } as object),
      signal,
    ),
  );
}

/** Gives the image of this id another name. */
export async function tagImage(
  connection: Connection,
  id: string,
  imageName: string,
  limitMs: number,
): Promise<void> {
  const [repo, tag] = nameAndTag(imageName);
  await connection.call('name an image', limitMs, (docker, abortSignal) =>
    docker.getImage(checkedReference(id)).tag({ repo, tag, abortSignal }),
  );
}

/** Takes a name from its image; no such name is a success, and so is one that a container needs. */
export async function untagImage(connection: Connection, imageName: string, limitMs: number): Promise<void> {
  await undefinedFor([404, 409], () =>
    connection.call('take a name from an image', limitMs, (docker, abortSignal) =>
      docker.getImage(checkedReference(imageName)).remove({ abortSignal } as object),
    ),
  );
}
