import { window } from 'vscode';
import type { Container, DevContainer } from '../api';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Engines } from '../core/engines';
import type { Inventory } from '../core/inventory';
import { count, oneLine } from '../core/words';
import { chooseTarget, containerById, isUnattended } from './targets';
import type { Node } from './tree/nodes';

interface RemovalParts {
  readonly inventory: Inventory;
  readonly engines: Engines;
}

const QUESTION = {
  title: 'Remove which dev container?',
  suits: (item: DevContainer) => item.activity === 'idle' && item.containerId !== undefined,
  none: 'There is no container to remove.',
};

/**
 * Removes the containers of the chosen rows after one question; their volumes and configurations stay. A dev
 * container that is gone already is only taken off the list.
 */
export async function remove(parts: RemovalParts, argument: unknown, selected: unknown): Promise<void> {
  const { inventory } = parts;
  const rows = Array.isArray(selected) && selected.length > 1 ? (selected as Node[]) : [argument];
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
  await removeAll(
    parts,
    argument,
    parts.inventory.current().containers.filter(({ id }) => ids.has(id)),
  );
}

async function removeAll(parts: RemovalParts, argument: unknown, all: readonly Container[]): Promise<void> {
  if (all.length === 0 || (!isUnattended(argument) && !(await confirm(parts, all)))) return;
  const failed = (await Promise.all(all.map((item) => removeOne(parts, item)))).filter(Boolean);
  if (failed.length > 0) throw new ShipshapeError('engineFailed', failed.join(' '));
}

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
  return find((await chooseTarget(inventory, row, QUESTION))?.containerId);
}

/** Names what goes, where it is, and what of it stays. */
async function confirm(parts: RemovalParts, all: readonly Container[]): Promise<boolean> {
  const [only] = all;
  const what = all.length === 1 && only ? named(parts, only) : count(all.length, 'container');
  const names =
    all.length > 1
      ? [
          all
            .slice(0, 10)
            .map(({ name }) => oneLine(name, 80))
            .join(', '),
        ]
      : [];
  const running = all.filter(({ state }) => state === 'running').length;
  const engines = new Set(all.map(({ engine }) => parts.engines.find(engine)?.engine.name ?? engine));
  const detail = [
    ...names,
    running === 0
      ? ''
      : all.length === 1
        ? 'It is running and will be stopped.'
        : `${running} of them ${running === 1 ? 'runs' : 'run'} and will be stopped.`,
    'Files inside that are not on a volume are lost. Volumes and configurations stay.',
    `Engine: ${oneLine([...engines].join(', '), 200)}`,
  ].filter(Boolean);
  const picked = await window.showWarningMessage(
    `Remove ${what}?`,
    { modal: true, detail: detail.join('\n') },
    'Remove',
  );
  return picked === 'Remove';
}

/** A dev container by the name of its row, with that of its container; of a duplicate, whose it is. */
function named({ inventory }: RemovalParts, { id, name, devContainer }: Container): string {
  const row = inventory.snapshot.devContainers.find(({ key }) => key === devContainer);
  const own = `"${oneLine(name, 80)}"`;
  if (row?.duplicates?.includes(id)) return `${own}, a duplicate of ${oneLine(row.name, 80)}`;
  return row ? `${oneLine(row.name, 80)} (${own})` : own;
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
    return `${oneLine(item.name, 80)}: ${messageOf(error)}`;
  }
}
