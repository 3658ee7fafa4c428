import type { ImageCheck } from '../api';
import { SWARM_SERVICE_LABEL } from './identity';
import { isBuiltByCli, isNamed, isSameImage } from './imageNames';
import type { ImageFacts, PlatformImage } from './imagePorts';
import { familiarReference, parseReference, type ImageReference } from './imageReference';
import type { ContainerFacts, EnginePort } from './ports';

/** What an engine knows of the image of a container. */
export interface ImageSubject {
  /** The name from which the container was made. */
  readonly reference: string;
  readonly imageId: string;
  /** Undefined when the engine has the image no more, or does not tell. */
  readonly image: ImageFacts | undefined;
  /** The image that the name means now, where that is another. */
  readonly movedTo?: string | undefined;
}

/** Asks the engine for it. Rejects as EnginePort does. */
export async function readSubject(engine: EnginePort, container: ContainerFacts): Promise<ImageSubject> {
  const { id, imageId } = container;
  const [image, reference] = await Promise.all([
    engine.image(imageId),
    isNamed(container) ? askedName(container) : engine.details(id).then((details) => details?.imageReference),
  ]);
  const subject = { reference: reference ?? container.image, imageId, image };
  if (!image || image.repoTags.some((tag) => isSameImage(tag, subject.reference))) return subject;
  const now = parseReference(subject.reference) && (await engine.imageId(subject.reference));
  return now === undefined || now === imageId ? subject : { ...subject, movedTo: now };
}

/** The name that its user wrote: a swarm adds the digest to that by itself. */
export function askedName({ image, labels }: Pick<ContainerFacts, 'image' | 'labels'>): string {
  return labels[SWARM_SERVICE_LABEL] === undefined ? image : image.replace(/^([^@]*:[^/@]+)@.*$/s, '$1');
}

/** What can be said without the registry; else the name that it is to be asked for. */
export function judgeLocally({ reference, image, movedTo }: ImageSubject): LocalJudgement | ImageReference {
  const skipped = (reason: string): LocalJudgement => ({ status: 'skipped', reason });
  const parsed = parseReference(reference);
  if (!parsed) return skipped('made from an image without a name');
  if (parsed.digest !== undefined) return skipped('pinned to a digest');
  if (!image) return skipped('image gone from the engine');
  if (movedTo !== undefined) {
    return {
      status: 'outdated',
      reason: `${familiarReference(parsed)} is another image on this engine by now`,
    };
  }
  // Podman calls what it builds after this host, and gives digests to all of its images.
  const isLocal = parsed.host === 'localhost' || isBuiltByCli(reference);
  if (isLocal || image.repoDigests.length === 0) return skipped('built locally');
  // Its name may never have been in a registry: then nobody there has to hear of it.
  if (!image.repoDigests.some((each) => isOfRepository(each, parsed))) {
    return skipped('built locally, or pulled under another name');
  }
  return parsed;
}

/** Whether a `repository@digest` is of the repository of a name. */
export function isOfRepository(digest: string, { host, path }: ImageReference): boolean {
  const of = parseReference(digest);
  return of?.host === host && of.path === path;
}

export type LocalJudgement = Pick<ImageCheck, 'status'> & { readonly reason: string };

/** The digests by which the engine knows the image. */
export function digestsOf({ repoDigests }: ImageFacts): string[] {
  return repoDigests.map((each) => each.replace(/^.*@/s, ''));
}

/** Whether the engine's image is what a digest stands for on its platform. */
export function isImageOn(image: ImageFacts, remote: PlatformImage): boolean {
  return [...digestsOf(image), image.id].some((each) => each === remote.manifest || each === remote.config);
}
