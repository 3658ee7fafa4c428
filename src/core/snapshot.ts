import type { Container, DevContainer, DevContainerState, Engine, ImageCheck, Snapshot } from '../api';
import { equal } from '../common/equal';
import { middleOf } from '../common/middle';
import type { Writable } from '../common/record';
import { baseName, COMPOSE_PROJECT_LABEL, containerKey, isLive, normalizeState } from './identity';
import type { JobBoard } from './jobBoard';
import type { ContainerFacts } from './ports';
import type { Verdict } from './verdict';

/** A dev container with all that is known of it, before it gets its name. */
export interface DevContainerFacts {
  readonly key: string;
  readonly engine: string;
  readonly workspaceFolder: string;
  readonly configFile?: string;
  /** The configuration's own `name`, if it has one. */
  readonly configName?: string;
  /** Its configuration lies in the workspace. */
  readonly onDisk: boolean;
  /** Its folder is not on this machine. */
  readonly isFolderMissing?: boolean;
  /** Its configuration may not be read here, so that nothing is known of changes. */
  readonly isUnread?: boolean;
  /** Its engine has not told yet which containers there are. */
  readonly isUntold?: boolean;
  readonly container?: ContainerFacts;
  /** How the container's image stands; undefined while it was not checked. */
  readonly image?: ImageCheck;
  /** Since when its container is gone, where it had one and has no configuration in the workspace. */
  readonly goneSince?: number;
  readonly duplicates: readonly ContainerFacts[];
  /** The container that is kept to go back to, stopped. */
  readonly kept?: ContainerFacts;
  /** When that container, or the image there is instead, was given up; undefined when there is nothing to go back to. */
  readonly previousAt?: number;
  readonly verdict: Verdict;
}

/** The verdict on a container of which nothing is known that speaks against it. */
export const CLEAN: Verdict = { dirty: false, changes: [] };

export const EMPTY_SNAPSHOT: Snapshot = { engines: [], devContainers: [], containers: [] };

/** The word people would use for it: the configuration's name, else the folder's. */
export function baseNameOf(facts: DevContainerFacts): string {
  return printable(facts.configName ?? '') || printable(baseName(facts.workspaceFolder)) || 'dev container';
}

/** One dev container as the API shows it; `before` is the state it had, which a job at work on it does not change. */
export function toDevContainer(
  facts: DevContainerFacts,
  name: string,
  board: Pick<JobBoard, 'get' | 'failure'>,
  before?: DevContainerState,
): DevContainer {
  const job = board.get(facts.key);
  const failure = board.failure(facts.key, facts.container);
  const { dirty, changes, problem } = facts.verdict;
  const duplicateRuns =
    !(facts.container && isLive(facts.container)) && facts.duplicates.some((container) => isLive(container));
  return {
    key: facts.key,
    engine: facts.engine,
    name,
    workspaceFolder: facts.workspaceFolder,
    ...(facts.configFile === undefined ? {} : { configFile: facts.configFile }),
    state: stateOf(facts, job ? before : undefined),
    activity: job?.activity ?? 'idle',
    ...(facts.container ? { containerId: facts.container.id } : {}),
    ...(facts.image ? { image: facts.image } : {}),
    dirty,
    changes,
    ...(problem ? { problem } : {}),
    ...(facts.isFolderMissing ? { isFolderMissing: true } : {}),
    ...(facts.isUnread ? { isUnread: true } : {}),
    ...(failure ? { failure } : {}),
    ...(job ? { job: { phase: job.phase, startedAt: job.startedAt } } : {}),
    ...(facts.goneSince === undefined ? {} : { goneSince: facts.goneSince }),
    ...(facts.duplicates.length > 0 ? { duplicates: facts.duplicates.map(({ id }) => id) } : {}),
    ...(duplicateRuns ? { duplicateRuns } : {}),
    ...(facts.kept || facts.previousAt !== undefined ? { previous: previousOf(facts) } : {}),
  };
}

function previousOf({ kept, previousAt }: DevContainerFacts): NonNullable<DevContainer['previous']> {
  return {
    ...(kept ? { containerId: kept.id } : {}),
    ...(previousAt === undefined ? {} : { at: previousAt }),
  };
}

/** Between the old container and the new one there is a moment without any, which is no news (S3-03). */
function stateOf(
  { container, onDisk, isUntold }: DevContainerFacts,
  before?: DevContainerState,
): DevContainerState {
  if (container) return normalizeState(container.state);
  if (isUntold) return before ?? 'unknown';
  return before ?? (onDisk ? 'notCreated' : 'missing');
}

/** One container as the API shows it; made for each of thousands, and so without a spread for each of what may be. */
export function toContainer(
  engine: string,
  facts: ContainerFacts,
  devContainer?: string,
  check?: ImageCheck,
): Container {
  const composeProject = facts.labels[COMPOSE_PROJECT_LABEL];
  const container: Writable<Container> = {
    key: containerKey(engine, facts.id),
    engine,
    id: facts.id,
    name: facts.name,
    image: facts.image,
    imageId: facts.imageId,
    state: facts.state,
    createdAt: facts.createdAt,
    labels: facts.labels,
    ports: facts.ports,
  };
  if (facts.health) container.health = facts.health;
  if (facts.exitCode !== undefined) container.exitCode = facts.exitCode;
  if (composeProject) container.composeProject = composeProject;
  if (devContainer !== undefined) container.devContainer = devContainer;
  if (check) container.check = check;
  return container;
}

/** `next` with every item that did not change taken from `previous`, and the keys of those that did. */
export function reconcile(previous: Snapshot, next: Snapshot): { snapshot: Snapshot; keys: string[] } {
  const keys: string[] = [];
  const snapshot = {
    engines: keep(previous.engines, next.engines, keys),
    devContainers: keep(previous.devContainers, next.devContainers, keys),
    containers: keep(previous.containers, next.containers, keys),
  };
  return { snapshot, keys };
}

function keep<T extends Engine | DevContainer | Container>(
  before: readonly T[],
  after: readonly T[],
  keys: string[],
): readonly T[] {
  const { start, beforeEnd, afterEnd } = middleOf(before, after);
  if (start === beforeEnd && start === afterEnd) return before;
  if (before.length === 0) {
    for (const { key } of after) keys.push(key);
    return after;
  }
  const known = new Map(before.slice(start, beforeEnd).map((item) => [item.key, item]));
  const items = after.slice(start, afterEnd).map((item) => {
    const old = known.get(item.key);
    known.delete(item.key);
    if (old && equal(old, item)) return old;
    keys.push(item.key);
    return item;
  });
  for (const key of known.keys()) keys.push(key);
  return before.slice(0, start).concat(items, before.slice(beforeEnd));
}

/** One line, without characters that could pass for something else; names come from files and labels. */
function printable(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g, ' ')
    .trim()
    .slice(0, 80);
}
