import type { Change, Container, DevContainer } from '../api';
import { COMPOSE_SERVICE_LABEL } from './identity';

/** The changes that make a dev container dirty; the others are listed, and need nothing. */
export function mattering(changes: readonly Change[]): Change[] {
  return changes.filter(({ effect }) => effect !== 'none');
}

/** Whether nobody knows for sure that anything changed. */
export function isOnlyProbable(changes: readonly Change[]): boolean {
  const all = mattering(changes);
  return all.length > 0 && all.every(({ probable }) => probable === true);
}

/** The Compose services other than the dev container's own whose containers Compose would replace. */
export function otherServices(
  changes: readonly Change[],
  service: unknown,
  present: ReadonlySet<string>,
): string[] {
  const names = mattering(changes).map(
    ({ property = '' }) => /^services\.([^.]+)\./.exec(property)?.[1] ?? '',
  );
  return [...new Set(names.filter((name) => name !== service && present.has(name)))];
}

/** The services of which the Compose project of this container has containers; none where there is no project. */
export function servicesBeside(
  containers: readonly Container[],
  id: string | undefined,
): ReadonlySet<string> {
  const own = containers.find((container) => container.id === id);
  if (own?.composeProject === undefined) return new Set();
  const ofProject = containers.filter(
    ({ engine, composeProject }) => engine === own.engine && composeProject === own.composeProject,
  );
  return new Set(ofProject.flatMap(({ labels }) => labels[COMPOSE_SERVICE_LABEL] ?? []));
}

/** Where a change can be looked at: what is not there any more, where it is named. */
export function placeToOpen({ namedAt, file, line }: Change): {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
} {
  return namedAt ?? { file, line };
}

/** The changes by the file in which they can be seen, in order; those that are in no file are left out. */
export function byFile(changes: readonly Change[]): Map<string, Change[]> {
  const files = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.file === undefined) continue;
    const same = files.get(change.file);
    if (same) same.push(change);
    else files.set(change.file, [change]);
  }
  return files;
}

/** A file that changed, and of which dev containers. */
export interface ChangedFile {
  readonly changes: readonly Change[];
  readonly names: readonly string[];
}

/** Every file whose change makes a dev container dirty. */
export function changedFiles(items: readonly DevContainer[]): Map<string, ChangedFile> {
  const files = new Map<string, ChangedFile>();
  for (const item of items) {
    if (!item.dirty || item.problem) continue;
    for (const [file, changes] of byFile(mattering(item.changes))) {
      const known = files.get(file);
      files.set(file, {
        changes: [...(known?.changes ?? []), ...changes],
        names: [...(known?.names ?? []), item.name],
      });
    }
  }
  return files;
}
