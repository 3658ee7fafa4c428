import { COMPOSE_PROJECT_LABEL, containerKey, identityOf, keyOf, SWARM_SERVICE_LABEL } from './identity';
import type { ContainerFacts } from './ports';

/** What Podman's systemd units write on the containers that they made. */
const UNIT_LABEL = 'PODMAN_SYSTEMD_UNIT';

type UnitKind = 'devContainer' | 'systemd' | 'service' | 'compose' | 'container';

/** Containers that are updated together, restarted once, and rolled back together. */
export interface Unit {
  readonly kind: UnitKind;
  readonly engine: string;
  /** As the one who owns it calls it: the key of a dev container, a unit, a service, a project; else a container's id. */
  readonly name: string;
  readonly containers: readonly ContainerFacts[];
}

/** Sorts an engine's containers into units, in the order of their first containers. */
export function unitsOf(engine: string, containers: readonly ContainerFacts[]): Unit[] {
  const units = new Map<string, Unit & { containers: ContainerFacts[] }>();
  for (const container of containers) {
    const owner = ownerOf(engine, container);
    const key = `${owner.kind}|${owner.name}`;
    const known = units.get(key);
    if (known) known.containers.push(container);
    else units.set(key, { ...owner, engine, containers: [container] });
  }
  return [...units.values()];
}

/**
 * Who makes the container anew: a dev container's own labels win, since Compose makes such containers too; what a
 * service manager made, it alone may replace.
 */
function ownerOf(engine: string, { id, labels }: ContainerFacts): Pick<Unit, 'kind' | 'name'> {
  const identity = identityOf(engine, labels);
  if (identity) return { kind: 'devContainer', name: keyOf(identity) };
  const named = (kind: UnitKind, label: string): Pick<Unit, 'kind' | 'name'> | undefined => {
    const name = labels[label];
    return name ? { kind, name } : undefined;
  };
  return (
    named('systemd', UNIT_LABEL) ??
    named('service', SWARM_SERVICE_LABEL) ??
    named('compose', COMPOSE_PROJECT_LABEL) ?? { kind: 'container', name: containerKey(engine, id) }
  );
}
