import type { Container, DevContainer, Snapshot } from '../api';
import type { Bases } from './baseChecks';
import { COMPOSE_SERVICE_LABEL, containerKey } from './identity';
import type { Inputs } from './inputs';

/**
 * Says of each container what its image is made on, as far as a configuration does: of the dev containers, and of the
 * services that are in the same Compose projects.
 */
export function containerBases(
  { devContainers, containers }: Snapshot,
  inputs: Pick<Inputs, 'of'>,
): (container: Container) => Bases | undefined {
  const byContainer = new Map<string, DevContainer>();
  for (const item of devContainers)
    if (item.containerId !== undefined) byContainer.set(containerKey(item.engine, item.containerId), item);
  const byProject = new Map<string, DevContainer>();
  for (const container of containers) {
    const item = byContainer.get(container.key);
    if (item && container.composeProject !== undefined) byProject.set(projectOf(container), item);
  }
  return (container) => {
    const own = byContainer.get(container.key);
    const item =
      own ?? (container.composeProject === undefined ? undefined : byProject.get(projectOf(container)));
    if (item?.configFile === undefined) return undefined;
    const service = own ? undefined : container.labels[COMPOSE_SERVICE_LABEL];
    if (!own && service === undefined) return undefined;
    return {
      images: (inputs.of(item.configFile)?.bases ?? []).filter((base) => base.service === service),
      isChanged: item.changes.some(({ effect }) => effect === 'rebuild'),
    };
  };
}

function projectOf({ engine, composeProject = '' }: Container): string {
  return `${engine}\n${composeProject}`;
}
