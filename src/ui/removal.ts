import { window } from 'vscode';
import type { Container, DevContainer } from '../api';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Engines } from '../core/engines';
import type { Inventory } from '../core/inventory';
import { containerWords, count, description, oneLine, stateWord } from '../core/words';
import { chooseTarget, containerById, isUnattended, type Question } from './targets';

interface RemovalParts {
  readonly inventory: Inventory;
  readonly engines: Engines;
}

/**
 * Removes the containers of the chosen rows after one question; their volumes and configurations stay. A dev
 * container that is gone already is only taken off the list.
 */
export async function remove(parts: RemovalParts, argument: unknown, selected: unknown): Promise<void> {
  const { inventory } = parts;
  const rows = Array.isArray(selected) && selected.length > 1 ? itemsAmong(selected) : [argument];
  const containers = new Map<string, Container>();
  for (const row of rows) {
    const found = await containerOf(inventory, row);
    if (found === 'gone') inventory.forget((row as { item: DevContainer }).item.key);
    else if (found) containers.set(found.key, found);
  }
  await removeAll(parts, argument, [...containers.values()]);
}

/** The same for the duplicates of these dev containers: each keeps the container that counts. */
export async function removeDuplicates(
  parts: RemovalParts,
  argument: unknown,
  items: readonly DevContainer[],
): Promise<void> {
  const ids = new Set(items.flatMap(({ duplicates = [] }) => duplicates));
  const { containers } = parts.inventory.current();
  await removeAll(
    parts,
    argument,
    containers.filter(({ id }) => ids.has(id)),
  );
}

/** Asks for any container, that of a dev container first and by the name of its row. */
async function pickOne(inventory: Inventory): Promise<Container | undefined> {
  const { containers, devContainers } = await inventory.ready();
  const own = new Map(devContainers.map((item) => [item.containerId, item]));
  const picks = containers.map((container) => {
    const row = own.get(container.id);
    const label = oneLine(row ? row.name : container.name, 80);
    const words = row ? description(row) || stateWord(row.state) : containerWords(container);
    return {
      container,
      label,
      description: words,
      detail: row ? oneLine(container.name, 80) : '',
      isOwn: row !== undefined,
    };
  });
  if (picks.length === 0) void window.showInformationMessage('There is no container to remove.');
  const sorted = [...picks.filter(({ isOwn }) => isOwn), ...picks.filter(({ isOwn }) => !isOwn)];
  const options = { title: 'Remove which container?', matchOnDescription: true, matchOnDetail: true };
  return picks.length === 0 ? undefined : (await window.showQuickPick(sorted, options))?.container;
}

/** Without headings, and what stands for more rows: they may lie between the rows that were meant. */
function itemsAmong(rows: readonly unknown[]): unknown[] {
  return rows.filter((row) => !['section', 'more'].includes((row as RowLike | undefined)?.kind ?? ''));
}

async function removeAll(parts: RemovalParts, argument: unknown, all: readonly Container[]): Promise<void> {
  const wereDuplicates = all.filter((item) => ownerOf(parts, item));
  if (all.length === 0 || (!isUnattended(argument) && !(await confirm(parts, all)))) return;
  // While the question stood, the container that counts may have gone, and a duplicate counts now.
  const spared = wereDuplicates.filter((item) => !ownerOf(parts, item) && isThere(parts, item));
  const viewId = all.every(({ devContainer }) => devContainer === undefined) ? 'containers' : 'devContainers';
  const failed = await window.withProgress({ location: { viewId: `shipshape.${viewId}` } }, () =>
    Promise.all(all.filter((item) => !spared.includes(item)).map((item) => removeOne(parts, item))),
  );
  const trouble = [
    ...failed,
    ...spared.map(
      ({ name }) => `${oneLine(name, 80)} is the container that counts by now, and was not removed.`,
    ),
  ].filter(Boolean);
  if (trouble.length > 0) throw new ShipshapeError('engineFailed', trouble.join(' '));
}

const QUESTION: Question = {
  title: 'Remove which dev container?',
  suits: (item) => item.activity === 'idle' && item.containerId !== undefined,
  none: 'There is no container to remove.',
};

/** As much of a row as matters here; other commands of the editor may pass anything. */
interface RowLike {
  readonly kind?: string;
  readonly item?: { readonly id?: string; readonly state?: string };
  readonly containerId?: unknown;
  readonly engine?: string;
}

async function containerOf(inventory: Inventory, row: unknown): Promise<Container | 'gone' | undefined> {
  const { kind, item, containerId, engine } = (row ?? {}) as RowLike;
  const find = (id: string | undefined): Container | undefined =>
    inventory.current().containers.find((container) => container.id === id);
  if (kind === 'container' || kind === 'duplicate') return find(item?.id);
  if (kind === 'devContainer' && item?.state === 'missing') return 'gone';
  if (typeof containerId === 'string') return containerById(inventory, containerId, engine);
  if (row === undefined || row === null) return pickOne(inventory);
  return find((await chooseTarget(inventory, row, QUESTION))?.containerId);
}

/** Names what goes, where it is, and what of it stays. */
async function confirm(parts: RemovalParts, all: readonly Container[]): Promise<boolean> {
  const running = all.filter(({ state }) => state === 'running').length;
  const detail = [
    ...namesByEngine(parts, all),
    running === 0
      ? ''
      : all.length === 1
        ? 'It is running and will be stopped.'
        : `${running} of them ${running === 1 ? 'runs' : 'run'} and will be stopped.`,
    'Files inside that are not on a volume are lost. Volumes and configurations stay.',
  ].filter(Boolean);
  const picked = await window.showWarningMessage(
    `Remove ${whatOf(parts, all)}?`,
    { modal: true, detail: detail.join('\n') },
    'Remove',
  );
  return picked === 'Remove';
}

/** One by its name; several by their number, and whose duplicates they are if they all are. */
function whatOf(parts: RemovalParts, all: readonly Container[]): string {
  const [only, another] = all;
  if (only && !another) return named(parts, only);
  const owners = new Set(all.map((item) => ownerOf(parts, item)?.name));
  if (owners.has(undefined)) return count(all.length, 'container');
  const [owner, other] = [...owners];
  const whose = other === undefined ? oneLine(owner ?? '', 80) : count(owners.size, 'dev container');
  return `${all.length} duplicates of ${whose}`;
}

const NAMED = 10;

/** `Docker: web, db and 3 more`; of one container only where it is. */
function namesByEngine({ engines }: RemovalParts, all: readonly Container[]): string[] {
  const keys = [...new Set(all.map(({ engine }) => engine))];
  return keys.map((key) => {
    const engine = `Engine ${oneLine(engines.find(key)?.engine.name ?? key, 80)}`;
    const names = all.filter((item) => item.engine === key).map(({ name }) => oneLine(name, 80));
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    return all.length === 1 ? engine : `${engine}: ${names.slice(0, NAMED).join(', ')}${more}`;
  });
}

/** A dev container by the name of its row, with that of its container; of a duplicate, whose it is. */
function named(parts: RemovalParts, container: Container): string {
  const own = `"${oneLine(container.name, 80)}"`;
  const owner = ownerOf(parts, container);
  if (owner) return `${own}, a duplicate of ${oneLine(owner.name, 80)}`;
  const row = rowOf(parts, container);
  return row ? `${oneLine(row.name, 80)} (${own})` : own;
}

/** The dev container of which it is a duplicate now. */
function ownerOf(parts: RemovalParts, container: Container): DevContainer | undefined {
  const row = rowOf(parts, container);
  return row?.duplicates?.includes(container.id) ? row : undefined;
}

function rowOf({ inventory }: RemovalParts, { devContainer }: Container): DevContainer | undefined {
  return inventory.snapshot.devContainers.find(({ key }) => key === devContainer);
}

function isThere({ inventory }: RemovalParts, { key }: Container): boolean {
  return inventory.snapshot.containers.some((container) => container.key === key);
}

async function removeOne({ engines }: RemovalParts, item: Container): Promise<string | undefined> {
  const store = engines.find(item.engine);
  try {
    await store?.engine.stop(item.id);
    await store?.engine.remove(item.id);
    store?.invalidate();
    await store?.refreshOne(item.id);
    return undefined;
  } catch (error) {
    return `${oneLine(item.name, 80)} was not removed: ${messageOf(error)}`;
  }
}
