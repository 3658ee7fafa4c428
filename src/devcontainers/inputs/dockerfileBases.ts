import { neededStages, type StageImage } from './dockerfileStages';

/** An image that a build is made on. */
export interface DockerfileBase extends StageImage {
  /** The stage that names it; undefined for one without a name. */
  readonly stage: string | undefined;
}

/**
 * The images on which the wanted stage of a Dockerfile is made, each once. Only the one at the end of its own chain of
 * stages is one that the image begins with.
 */
export function dockerfileBases(
  dockerfile: string,
  buildArgs: Readonly<Record<string, string>>,
  target: string | undefined,
): DockerfileBase[] {
  const { needed } = neededStages(dockerfile, buildArgs, target);
  let first = needed.at(-1);
  while (first?.base) first = first.base;
  const bases = new Map<string, DockerfileBase>();
  for (const stage of needed) {
    for (const image of stage.images) {
      const isBegunWith = image.isBegunWith && stage === first;
      const known = bases.get(image.reference);
      if (known && (known.isBegunWith || !isBegunWith)) continue;
      bases.set(image.reference, { ...image, isBegunWith, stage: stage.name || undefined });
    }
  }
  return [...bases.values()];
}
