import type { Container, DevContainer, Engine, ImageCheck, Snapshot } from '../api';
import { compareNatural, naturalKey } from '../common/natural';
import {
  COMPOSE_FOLDER_LABEL,
  containerKey,
  isInside,
  normalizeState,
  SWARM_SERVICE_LABEL,
} from './identity';
import { imageWord } from './imageWords';
import { oneLine, stateWord } from './words';

/** Rows under headings: an item, or a section with more of them. */
export type Layout<T> = Section<T> | { readonly kind: 'item'; readonly item: T };

export interface Section<T> {
  readonly kind: 'section';
  /** Stable, without state. */
  readonly key: string;
  readonly by: 'engine' | 'compose' | 'service' | 'group';
  readonly label: string;
  readonly engine?: Engine;
  readonly children: readonly Layout<T>[];
}

export type Grouping = 'none' | 'composeProject' | 'workspace' | 'state';
export type Sorting = 'attention' | 'name' | 'created';

/** How the user wants the rows. */
export interface RowOptions {
  readonly filter: string;
  readonly group: Grouping;
  readonly sort: Sorting;
  /** Open folders, for grouping by workspace. */
  readonly folders: readonly string[];
}

interface Heading {
  readonly key: string;
  readonly by: Section<unknown>['by'];
  readonly label: string;
  readonly engine?: Engine;
  /** Sections stand by this, then by label. */
  readonly rank: number;
}

/** One level of sections; items without a heading follow the sections. */
type Level<T> = (item: T) => Heading | undefined;

/** The rows of the dev container view, engines outermost when there are several. */
export function layoutDevContainers(snapshot: Snapshot, options: RowOptions): Layout<DevContainer>[] {
  const { group, sort, folders } = options;
  const containers =
    group === 'composeProject' || sort === 'created'
      ? new Map(snapshot.containers.map((container) => [container.key, container]))
      : undefined;
  const containerOf = ({ engine, containerId = '' }: DevContainer): Container | undefined =>
    containers?.get(containerKey(engine, containerId));
  const namesOf = ({ duplicates }: DevContainer): readonly string[] =>
    duplicates ? snapshot.containers.filter(({ id }) => duplicates.includes(id)).map(({ name }) => name) : [];
  const wanted = snapshot.devContainers.filter(
    filterOf(options.filter, (item) => wordsOf(item, namesOf(item))),
  );
  const items = inOrder(wanted, sort, (item) => containerOf(item)?.createdAt ?? 0);
  const by: Readonly<Record<Grouping, Level<DevContainer>>> = {
    none: () => undefined,
    composeProject: (item) => byProject(containerOf(item)),
    workspace: (item) => byWorkspace(item.workspaceFolder, folders),
    state: ({ state }) => heading('state', state, stateWord(state)),
  };
  return withSilentEngines(layout(items, [byEngine(snapshot.engines), by[group]]), snapshot.engines);
}

/** The rows of the container view: what is no dev container, Compose projects first unless told otherwise (S3-04). */
export function layoutContainers(snapshot: Snapshot, options: RowOptions): Layout<Container>[] {
  const { group, sort, folders } = options;
  const isWanted = filterOf(options.filter, wordsOfContainer);
  const others = snapshot.containers.filter((item) => item.devContainer === undefined && isWanted(item));
  const items = sorted(others, sort === 'created' ? (item) => -item.createdAt : undefined);
  const by: Readonly<Record<Grouping, Level<Container>>> = {
    none: () => undefined,
    composeProject: byProject,
    workspace: ({ labels }) => byWorkspace(labels[COMPOSE_FOLDER_LABEL], folders),
    state: ({ state }) => heading('state', state, state),
  };
  return withSilentEngines(layout(items, [byEngine(snapshot.engines), by[group]]), snapshot.engines);
}

/**
 * What needs you first, then what runs, then the rest, by name within each; or by name alone; or the newest
 * container first, as far as `createdAt` knows.
 */
export function inOrder(
  items: readonly DevContainer[],
  sort: Sorting = 'attention',
  createdAt: (item: DevContainer) => number = () => 0,
): DevContainer[] {
  const ranks: Readonly<Record<Sorting, ((item: DevContainer) => number) | undefined>> = {
    attention: rank,
    name: undefined,
    created: (item) => -createdAt(item),
  };
  return sorted(items, ranks[sort]);
}

/** Every item of a layout, in the order of the rows. */
export function itemsOf<T>(rows: readonly Layout<T>[]): T[] {
  return rows.flatMap((row) => (row.kind === 'item' ? [row.item] : itemsOf(row.children)));
}

/** How many items a layout has. */
export function countOf(rows: readonly Layout<unknown>[]): number {
  let n = 0;
  for (const row of rows) n += row.kind === 'item' ? 1 : countOf(row.children);
  return n;
}

/** The other containers of a dev container's Compose project. */
export function siblingsOf(containers: readonly Container[], id: string | undefined): Container[] {
  const own = containers.find((container) => container.id === id);
  if (own?.composeProject === undefined) return [];
  const { engine, composeProject } = own;
  return sorted(
    containers.filter(
      (c) => c.engine === engine && c.composeProject === composeProject && c.id !== id && !c.devContainer,
    ),
  );
}

function layout<T>(items: readonly T[], levels: readonly Level<T>[], path = ''): Layout<T>[] {
  const [level, ...deeper] = levels;
  if (!level) return items.map((item) => ({ kind: 'item', item }));
  const sections = new Map<string, { heading: Heading; items: T[] }>();
  const rest: T[] = [];
  for (const item of items) {
    const found = level(item);
    if (!found) rest.push(item);
    else if (!sections.get(found.key)?.items.push(item))
      sections.set(found.key, { heading: found, items: [item] });
  }
  const inRows = [...sections.values()].sort((a, b) => byRank(a.heading, b.heading));
  return [
    ...inRows.map(({ heading: { key, by, label, engine }, items: inner }): Section<T> => {
      const full = `${path}${key}`;
      const children = layout(inner, deeper, `${full}|`);
      return { kind: 'section', key: full, by, label, ...(engine ? { engine } : {}), children };
    }),
    ...layout(rest, deeper, path),
  ];
}

/** One engine needs no row of its own; several stand by name, so that none moves when it falls silent or answers. */
function byEngine(engines: readonly Engine[]): Level<{ readonly engine: string }> {
  if (engines.length < 2) return () => undefined;
  const headings = new Map(engines.map((engine) => [engine.key, engineHeading(engine)]));
  return (item) => headings.get(item.engine);
}

function engineHeading(engine: Engine): Heading {
  return { key: `engine|${engine.key}`, by: 'engine', label: engine.name, engine, rank: 0 };
}

/** An engine without rows is shown too when there are several: an empty one is not a hidden one. */
function withSilentEngines<T>(rows: Layout<T>[], engines: readonly Engine[]): Layout<T>[] {
  if (engines.length < 2) return rows;
  const shown = new Map(rows.map((row) => [row.kind === 'section' ? row.key : '', row]));
  // All in one order, so that no engine moves when its first row comes.
  return engines
    .map(engineHeading)
    .sort(byRank)
    .map(
      ({ key, by, label, engine }) =>
        shown.get(key) ?? { kind: 'section', key, by, label, ...(engine ? { engine } : {}), children: [] },
    );
}

/** A Compose project, or a Swarm service. */
function byProject(container: Container | undefined): Heading | undefined {
  if (!container) return undefined;
  const { composeProject: label, engine, labels } = container;
  const service = labels[SWARM_SERVICE_LABEL];
  if (label === undefined && service)
    return { key: `${engine}|service|${service}`, by: 'service', label: service, rank: 0 };
  if (label === undefined) return undefined;
  return { key: `${engine}|compose|${label}`, by: 'compose', label, rank: 0 };
}

function byWorkspace(path: string | undefined, folders: readonly string[]): Heading | undefined {
  if (path === undefined) return undefined;
  const open = folders.find((folder) => isInside(path, folder));
  if (open === undefined) return { ...heading('workspace', '', 'Other folders'), rank: 1 };
  return heading('workspace', open, open.split(/[\\/]/).at(-1) ?? open);
}

function heading(kind: string, value: string, label: string): Heading {
  return { key: `${kind}|${value}`, by: 'group', label, rank: 0 };
}

/** Every word of the filter must occur somewhere, in any case. */
function filterOf<T>(filter: string, wordsOf: (item: T) => string): (item: T) => boolean {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return () => true;
  return (item) => {
    const words = wordsOf(item).toLowerCase();
    return wanted.every((word) => words.includes(word));
  };
}

function wordsOf(item: DevContainer, duplicates: readonly string[]): string {
  const marks = [
    ...(duplicates.length > 0 ? ['duplicate', ...duplicates] : []),
    item.dirty && 'changed dirty',
    item.failure && 'failed',
    item.problem && 'invalid',
    imageMark(item.image),
  ];
  return oneLine(
    [item.name, stateWord(item.state), item.workspaceFolder, item.configFile, ...marks].join(' '),
    2_000,
  );
}

function wordsOfContainer(item: Container): string {
  return oneLine(
    [
      item.name,
      item.state,
      // What a dev container in this state is called.
      normalizeState(item.state),
      item.health,
      item.image,
      item.composeProject,
      item.id,
      imageMark(item.check),
    ].join(' '),
    2_000,
  );
}

function imageMark(check: ImageCheck | undefined): string {
  return check ? `${check.status} ${imageWord(check)}` : '';
}

function rank(item: DevContainer): number {
  if (item.failure ?? item.problem) return 0;
  if (item.dirty) return 1;
  if (item.image?.status === 'outdated') return 2;
  return item.state === 'running' ? 3 : 4;
}

function byRank(a: Heading, b: Heading): number {
  return a.rank - b.rank || compareNatural(naturalKey(a.label), naturalKey(b.label));
}

/** By rank, then by name; what items are compared by is worked out once each, since there may be thousands. */
function sorted<T extends { readonly name: string; readonly key: string }>(
  items: readonly T[],
  rankOf: (item: T) => number = () => 0,
): T[] {
  return items
    .map((item) => ({ item, rank: rankOf(item), name: naturalKey(item.name) }))
    .sort((a, b) => a.rank - b.rank || compareNatural(a.name, b.name) || (a.item.key < b.item.key ? -1 : 1))
    .map(({ item }) => item);
}
