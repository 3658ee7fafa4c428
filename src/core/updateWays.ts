import { ShipshapeError } from '../common/errors';
import type { Timers } from '../common/scheduling';
import type { Recreate } from './recreate';
import { replaceContainers, type ReplacementEnd } from './replaceContainers';
import type { Replacements } from './replacements';
import type { Task, UpdateParts } from './updateParts';
import { awaitReady } from './updateReady';
import { updateService } from './updateService';
import type { Unit } from './updateUnits';

export interface WayParts {
  readonly recreate: Pick<Recreate, 'run'>;
  readonly isTrusted: () => boolean;
  readonly replacements: Replacements;
  /** How long a new container may take to get healthy, in milliseconds. */
  readonly healthMs: () => number;
  readonly timers: Timers;
}

/** Whoever made a unit's containers makes them anew; what they would lose by that, we make ourselves. */
export function updateWays(parts: WayParts): UpdateParts['renew'] {
  return (unit, tasks, signal) => {
    switch (unit.kind) {
      case 'devContainer':
        return recreate(parts, unit, signal);
      case 'container':
      case 'compose':
        return replace(parts, tasks, signal);
      case 'service':
        return updateService(unit.name, tasks, {
          ...{ timers: parts.timers, limitMs: parts.healthMs(), signal },
        });
      case 'systemd':
        throw new ShipshapeError(
          'invalidArgument',
          `${unit.name} is a systemd unit, which makes its container itself: use "podman auto-update".`,
        );
    }
  };
}

/** The safe recreate: it builds first, sets the old container aside, and goes back by itself. */
async function recreate(
  { recreate: jobs, isTrusted }: WayParts,
  unit: Unit,
  signal: AbortSignal,
): Promise<ReplacementEnd> {
  if (!isTrusted())
    throw new ShipshapeError('untrusted', 'This workspace is not trusted, so nothing of it is run.');
  const { outcome, containerId, failure } = await jobs.run('recreate', unit.name, { signal });
  if (outcome === 'succeeded') {
    return { outcome: 'replaced', containerIds: containerId === undefined ? [] : [containerId] };
  }
  return {
    outcome: outcome === 'rolledBack' ? 'rolledBack' : 'failed',
    error: new ShipshapeError('engineFailed', failure?.message ?? 'Cancelled.'),
    isImageToBlame: outcome === 'rolledBack' && failure?.kind !== 'other',
  };
}

/**
 * Plain containers, and those of Compose: that would give its old container up before the new one runs. The label tells
 * it which image a container is from; with the new one's in it, it finds nothing to do.
 */
async function replace(
  { replacements, timers, healthMs }: WayParts,
  tasks: readonly Task[],
  signal: AbortSignal,
): Promise<ReplacementEnd> {
  const [first] = tasks;
  if (!first) return { outcome: 'replaced', containerIds: [] };
  const wanted = tasks.map(({ container, image, newImageId }) => {
    const isTold = container.labels[COMPOSE_IMAGE_LABEL] !== undefined && newImageId !== undefined;
    return { container, image, ...(isTold && { labels: { [COMPOSE_IMAGE_LABEL]: newImageId } }) };
  });
  const ready = { timers, limitMs: healthMs(), signal };
  return replaceContainers(first.store, wanted, {
    ...{ replacements, signal },
    awaitReady: (id) => awaitReady(first.store, id, ready),
  });
}

/** Where Compose notes the id of the image. */
const COMPOSE_IMAGE_LABEL = 'com.docker.compose.image';
