import { equal } from '../common/equal';
import type { ContainerFacts } from './ports';

/**
 * Lists give whole seconds, no start times, no namespaces, and an id for an image whose tag moved: what an inspect said
 * stays.
 */
export function keepPrecise(known: ContainerFacts | undefined, listed: ContainerFacts): ContainerFacts {
  if (!known) return listed;
  const exitCode = known.state === listed.state ? (listed.exitCode ?? known.exitCode) : listed.exitCode;
  return {
    ...listed,
    createdAt: isSameSecond(known, listed) ? known.createdAt : listed.createdAt,
    image: hidesImage(known, listed) ? known.image : listed.image,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(known.namespaces ? { namespaces: known.namespaces } : {}),
  };
}

/** Compares field by field, as it is done for each container at each list. */
export function saysNothingNew(known: ContainerFacts, listed: ContainerFacts): boolean {
  return (
    known.state === listed.state &&
    known.name === listed.name &&
    known.health === listed.health &&
    (listed.exitCode === undefined || known.exitCode === listed.exitCode) &&
    known.imageId === listed.imageId &&
    isSameSecond(known, listed) &&
    (known.image === listed.image || hidesImage(known, listed)) &&
    equal(known.labels, listed.labels) &&
    equal(known.ports, listed.ports)
  );
}

export function isSameSecond(known: ContainerFacts, listed: ContainerFacts): boolean {
  return Math.floor(known.createdAt / 1000) === Math.floor(listed.createdAt / 1000);
}

function hidesImage(known: ContainerFacts, listed: ContainerFacts): boolean {
  return known.imageId === listed.imageId && /^(sha256:)?[0-9a-f]{12,64}$/.test(listed.image);
}
