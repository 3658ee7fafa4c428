import { ShipshapeError } from '../common/errors';
import { oneLine } from './words';
import { familiarReference, formatReference, parseReference, type ImageReference } from './imageReference';
import { isImageId } from './imageNames';

/**
 * How a container wants to be updated, by its label: never, to what its registry has, or to what its image's name
 * means on the engine by now (podman-auto-update(1)).
 */
export type UpdatePolicy = 'disabled' | 'registry' | 'local';

const LABEL = 'io.containers.autoupdate';
const POLICIES: Readonly<Record<string, UpdatePolicy>> = {
  disabled: 'disabled',
  image: 'registry',
  local: 'local',
  registry: 'registry',
};

/** What the label says; undefined without one. Throws `invalidArgument` with the valid values for any other. */
export function policyOf(labels: Readonly<Record<string, string>>): UpdatePolicy | undefined {
  const value = labels[LABEL];
  if (value === undefined) return undefined;
  if (value === '') return 'disabled';
  if (Object.hasOwn(POLICIES, value)) return POLICIES[value];
  throw new ShipshapeError(
    'invalidArgument',
    `The label ${LABEL} says "${oneLine(value, 60)}": valid are ${Object.keys(POLICIES).sort().join(', ')}.`,
  );
}

/** Whether a container says by its label that it may be updated without being asked for; a wrong value is told of. */
export function isUpdatedByItself(labels: Readonly<Record<string, string>>): boolean {
  const value = labels[LABEL] ?? '';
  return value !== '' && POLICIES[value] !== 'disabled';
}

/**
 * The name of which a registry may have a newer image. Throws `invalidArgument` with the exact reason for one that
 * names no registry, none but one image for ever, or no image at all: an update by policy asks nobody which was meant.
 */
export function registryReference(image: string): ImageReference {
  const refuse = (why: string): never => {
    throw new ShipshapeError(
      'invalidArgument',
      `${oneLine(image, 200)} cannot be updated from a registry: ${why}.`,
    );
  };
  if (image === '' || isImageId(image)) return refuse('the container was made from an image without a name');
  const [, transport] = /^([a-z-]+):\/\//.exec(image) ?? [];
  if (transport !== undefined && transport !== 'docker') return refuse(`${transport}:// is no registry`);
  const bare = transport === undefined ? image : image.slice('docker://'.length);
  const reference = parseReference(bare);
  if (!reference) return refuse('that is no name of an image');
  if (reference.digest !== undefined) return refuse('it is pinned to a digest');
  const full = formatReference(reference);
  if (!bare.startsWith(`${reference.host}/`)) return refuse(`its registry is not named; ${full} would be`);
  if (!/:[^/]*$/.test(bare)) return refuse(`it has no tag; ${familiarReference(reference)} has`);
  return reference;
}
