import { window, type QuickPickItem } from 'vscode';
import type { Container, DevContainer } from '../api';
import { ShipshapeError } from '../common/errors';
import type { Inventory } from '../core/inventory';
import { inOrder } from '../core/order';
import { changeName, description, oneLine, stateWord } from '../core/words';

/** What a command was called with: a row, an object of the API's shape, or nothing. */
interface CommandArgument {
  readonly workspaceFolder?: string;
  readonly configFile?: string;
  readonly containerId?: string;
  readonly engine?: string;
  /** False: ask nothing. */
  readonly confirm?: boolean;
}

/** Which dev containers a command is for, and how to ask when none was named. */
export interface Question {
  readonly title: string;
  readonly suits: (item: DevContainer) => boolean;
  /** Said when no dev container suits, of all that there are. */
  readonly none: string | ((all: readonly DevContainer[]) => string);
  /** With only one to choose from, it is taken without asking. */
  readonly needsNoChoice?: boolean;
  /** What is named need not be on the engine that is named with it: it will be created there. */
  readonly creates?: boolean;
}

/**
 * The dev container that a command's argument means; without one the user is asked. Undefined when the user gives
 * up; rejects with `notFound` or `notADevContainer` when the argument means none.
 */
export async function chooseTarget(
  inventory: Inventory,
  argument: unknown,
  question: Question,
): Promise<DevContainer | undefined> {
  const named = fromArgument(inventory, argument, question.creates === true);
  if (named) return named;
  await inventory.ready();
  const suiting = inOrder(inventory.snapshot.devContainers).filter(question.suits);
  if (suiting.length === 0) {
    const { none } = question;
    const all = inventory.snapshot.devContainers;
    void window.showInformationMessage(typeof none === 'string' ? none : none(all));
    return undefined;
  }
  const [only, another] = suiting;
  if (only && !another && question.needsNoChoice) return only;
  const picks = suiting.map((item) => toPick(item, engineNameOf(inventory, item)));
  const picked = await window.showQuickPick(picks, { title: question.title, matchOnDescription: true });
  return picked?.item;
}

/** The dev containers among the selected rows that a menu passes as its second argument. */
export function selectedItems(inventory: Inventory, selected: unknown): DevContainer[] {
  if (!Array.isArray(selected)) return [];
  const keys = new Set(selected.map((row: { item?: { key?: string } } | undefined) => row?.item?.key));
  return inventory.snapshot.devContainers.filter(({ key }) => keys.has(key));
}

/** The container of this id, or of an id that begins so; throws `invalidArgument` or `notFound`. */
export function containerById(inventory: Inventory, id: string, engine?: string): Container {
  if (!/^[0-9a-f]{12,64}$/.test(id)) {
    throw new ShipshapeError(
      'invalidArgument',
      `"${oneLine(id, 80)}" is not a container id: give 12 to 64 hexadecimal digits.`,
    );
  }
  const found = inventory
    .current()
    .containers.find((c) => c.id.startsWith(id) && (engine === undefined || c.engine === engine));
  if (!found) throw new ShipshapeError('notFound', `There is no container ${id.slice(0, 12)}.`);
  return found;
}

/** Whether the caller asked not to be asked. */
export function isUnattended(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null && (argument as CommandArgument).confirm === false;
}

function fromArgument(inventory: Inventory, argument: unknown, creates: boolean): DevContainer | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const item = (argument as { item?: DevContainer }).item;
  if (item && typeof item.key === 'string') return byKey(inventory, item.key);
  const { workspaceFolder, configFile, containerId, engine } = argument as CommandArgument;
  if (typeof containerId === 'string') return byContainer(inventory, containerId, engine);
  if (typeof workspaceFolder !== 'string') return undefined;
  const target = {
    workspaceFolder,
    ...(configFile === undefined ? {} : { configFile }),
    ...(engine === undefined ? {} : { engine }),
  };
  return creates ? inventory.findOrPlace(target) : inventory.find(target);
}

function byKey(inventory: Inventory, key: string): DevContainer {
  const item = inventory.current().devContainers.find((candidate) => candidate.key === key);
  if (item) return item;
  throw new ShipshapeError(
    'notFound',
    'This dev container is not there any more. The list is up to date again.',
  );
}

function byContainer(inventory: Inventory, id: string, engine?: string): DevContainer {
  const container = containerById(inventory, id, engine);
  const { devContainers } = inventory.snapshot;
  const item = devContainers.find(
    (candidate) => candidate.containerId === container.id || candidate.key === container.devContainer,
  );
  if (item) return item;
  throw new ShipshapeError(
    'notADevContainer',
    `${oneLine(container.name)} is not a dev container: no configuration made it.`,
  );
}

/** Said only where there are several. */
function engineNameOf({ snapshot }: Inventory, { engine }: DevContainer): string | undefined {
  return snapshot.engines.length < 2 ? undefined : snapshot.engines.find(({ key }) => key === engine)?.name;
}

function toPick(item: DevContainer, engine: string | undefined): QuickPickItem & { item: DevContainer } {
  const reasons = item.changes
    .slice(0, 4)
    .map((change) => changeName(change, item.changes))
    .join(', ');
  return {
    item,
    label: `${item.dirty ? '$(diff-modified) ' : '$(blank) '}${oneLine(item.name, 80)}`,
    description: description(item) || stateWord(item.state),
    detail: oneLine([reasons, engine, item.configFile ?? item.workspaceFolder].filter(Boolean).join(' · ')),
  };
}
