import type { Container, DevContainer, Engine, Snapshot } from '../api';
import { relativeTo } from './identity';
import { oneLine, stateWord } from './words';

/** Rows under headings: an item, or a section with more of them. */
export type Layout<T> = Section<T> | { readonly kind: 'item'; readonly item: T };

export interface Section<T> {
  readonly kind: 'section';
  /** Stable, without state. */
  readonly key: string;
  readonly by: 'engine' | 'compose' | 'group';
  readonly label: string;
  readonly engine?: Engine;
  readonly children: readonly Layout<T>[];
}

export type DevContainerGrouping = 'none' | 'workspace' | 'state';
export type ContainerGrouping = 'composeProject' | 'state' | 'none';

/** How the user wants the rows. */
export interface RowOptions<G> {
  readonly filter: string;
  readonly group: G;
  readonly sort: 'attention' | 'name';
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
export function layoutDevContainers(
  snapshot: Snapshot,
  options: RowOptions<DevContainerGrouping>,
): Layout<DevContainer>[] {
  const items = inOrder(snapshot.devContainers, options.sort).filter((item) =>
    matches(wordsOf(item), options.filter),
  );
  const levels: Level<DevContainer>[] = [byEngine(snapshot.engines)];
  if (options.group === 'state') levels.push((item) => heading('state', item.state, stateWord(item.state)));
  if (options.group === 'workspace') levels.push((item) => byWorkspace(item, options.folders));
  return withSilentEngines(layout(items, levels), snapshot.engines);
}

/** The rows of the container view: what is no dev container, Compose projects first unless told otherwise (S3-04). */
export function layoutContainers(
  snapshot: Snapshot,
  options: RowOptions<ContainerGrouping>,
): Layout<Container>[] {
  const items = snapshot.containers
    .filter((item) => item.devContainer === undefined && matches(wordsOfContainer(item), options.filter))
    .sort(byName);
  const levels: Level<Container>[] = [byEngine(snapshot.engines)];
  if (options.group === 'composeProject') levels.push(byProject);
  if (options.group === 'state') levels.push((item) => heading('state', item.state, item.state));
  return layout(items, levels);
}

/** What needs you first, then what runs, then the rest, by name within each; or by name alone. */
export function inOrder(
  items: readonly DevContainer[],
  sort: 'attention' | 'name' = 'attention',
): DevContainer[] {
  return [...items].sort((a, b) => (sort === 'name' ? 0 : rank(a) - rank(b)) || byName(a, b));
}

/** Every item of a layout, in the order of the rows. */
export function itemsOf<T>(rows: readonly Layout<T>[]): T[] {
  return rows.flatMap((row) => (row.kind === 'item' ? [row.item] : itemsOf(row.children)));
}

/** The other containers of a dev container's Compose project. */
export function siblingsOf(containers: readonly Container[], id: string | undefined): Container[] {
  const own = containers.find((container) => container.id === id);
  if (own?.composeProject === undefined) return [];
  return containers
    .filter(
      (c) =>
        c.engine === own.engine && c.composeProject === own.composeProject && c.id !== id && !c.devContainer,
    )
    .sort(byName);
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
  const sorted = [...sections.values()].sort(
    (a, b) => a.heading.rank - b.heading.rank || compare(a.heading.label, b.heading.label),
  );
  return [
    ...sorted.map(({ heading: { key, by, label, engine }, items: inner }): Section<T> => {
      const full = `${path}${key}`;
      const children = layout(inner, deeper, `${full}|`);
      return { kind: 'section', key: full, by, label, ...(engine ? { engine } : {}), children };
    }),
    ...layout(rest, deeper, path),
  ];
}

/** One engine needs no row of its own; of several, those that answer come first. */
function byEngine(engines: readonly Engine[]): Level<{ readonly engine: string }> {
  if (engines.length < 2) return () => undefined;
  const headings = new Map(engines.map((engine) => [engine.key, engineHeading(engine)]));
  return (item) => headings.get(item.engine);
}

function engineHeading(engine: Engine): Heading {
  const rankOf = { ready: 0, connecting: 1, unavailable: 2 };
  return {
    key: `engine|${engine.key}`,
    by: 'engine',
    label: engine.name,
    engine,
    rank: rankOf[engine.status],
  };
}

/** An engine without rows is shown too when there are several: an empty one is not a hidden one. */
function withSilentEngines<T>(rows: Layout<T>[], engines: readonly Engine[]): Layout<T>[] {
  if (engines.length < 2) return rows;
  const shown = new Set(rows.map((row) => (row.kind === 'section' ? row.key : '')));
  const missing = engines
    .map(engineHeading)
    .filter(({ key }) => !shown.has(key))
    .map(({ key, by, label, engine }): Section<T> => ({
      kind: 'section',
      key,
      by,
      label,
      ...(engine ? { engine } : {}),
      children: [],
    }));
  return [...rows, ...missing];
}

function byProject({ composeProject, engine }: Container): Heading | undefined {
  if (composeProject === undefined) return undefined;
  return { key: `${engine}|compose|${composeProject}`, by: 'compose', label: composeProject, rank: 0 };
}

function byWorkspace(item: DevContainer, folders: readonly string[]): Heading {
  const open = folders.find((folder) => relativeTo(item.workspaceFolder, folder) !== item.workspaceFolder);
  if (open === undefined) return { ...heading('workspace', '', 'Other folders'), rank: 1 };
  return heading('workspace', open, open.split(/[\\/]/).at(-1) ?? open);
}

function heading(kind: string, value: string, label: string): Heading {
  return { key: `${kind}|${value}`, by: 'group', label, rank: 0 };
}

/** Every word of the filter must occur somewhere, in any case. */
function matches(text: string, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.toLowerCase().includes(word));
}

function wordsOf(item: DevContainer): string {
  const marks = [item.dirty && 'changed dirty', item.failure && 'failed', item.problem && 'invalid'];
  return oneLine(
    [item.name, stateWord(item.state), item.workspaceFolder, item.configFile, ...marks].join(' '),
    2_000,
  );
}

function wordsOfContainer(item: Container): string {
  return oneLine(
    [item.name, item.state, item.health, item.image, item.composeProject, item.id].join(' '),
    2_000,
  );
}

function rank(item: DevContainer): number {
  if (item.failure ?? item.problem) return 0;
  if (item.dirty) return 1;
  return item.state === 'running' ? 2 : 3;
}

function byName(a: { name: string; key: string }, b: { name: string; key: string }): number {
  return compare(a.name, b.name) || compare(a.key, b.key);
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(a: string, b: string): number {
  return collator.compare(a, b);
}
