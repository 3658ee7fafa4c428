import type { Container, DevContainer } from '../api';

/** What needs you first, then what runs, then the rest; by name within each. */
export function inOrder(items: readonly DevContainer[]): DevContainer[] {
  return [...items].sort((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** A Compose project with its containers, by name. */
export interface ComposeGroup {
  readonly key: string;
  readonly engine: string;
  readonly project: string;
  readonly containers: readonly Container[];
}

/** Containers that are no dev containers: Compose projects first, then the others, by name (S3-04). */
export function grouped(containers: readonly Container[]): { groups: ComposeGroup[]; rest: Container[] } {
  const plain = containers.filter((container) => container.devContainer === undefined);
  const byProject = new Map<string, Container[]>();
  for (const container of plain) {
    if (container.composeProject === undefined) continue;
    const key = `${container.engine}|compose|${container.composeProject}`;
    const members = byProject.get(key);
    if (members) members.push(container);
    else byProject.set(key, [container]);
  }
  const groups = [...byProject].map(([key, members]) => ({
    key,
    engine: members[0]?.engine ?? '',
    project: members[0]?.composeProject ?? '',
    containers: members.sort(byName),
  }));
  groups.sort((a, b) => compare(a.project, b.project));
  return { groups, rest: plain.filter((container) => container.composeProject === undefined).sort(byName) };
}

function rank(item: DevContainer): number {
  if (item.failure ?? item.problem) return 0;
  if (item.dirty) return 1;
  return item.state === 'running' ? 2 : 3;
}

function byName(a: { name: string; key: string }, b: { name: string; key: string }): number {
  return compare(a.name, b.name) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' });
}
