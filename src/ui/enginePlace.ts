import { window } from 'vscode';
import type { DevContainer, Engine } from '../api';
import type { Inventory } from '../core/inventory';
import { count, hasNoContainer, oneLine } from '../core/words';
import { isUnattended } from './targets';

/**
 * The dev containers, each on the engine that it is to be created on. With several engines the user is asked, once
 * for all of them; the answer is kept for each configuration and holds until the command is called without naming
 * one. Undefined when the user gives up.
 */
export async function chooseEngineFor(
  inventory: Inventory,
  items: readonly DevContainer[],
  argument: unknown,
): Promise<readonly DevContainer[] | undefined> {
  const { engine: named } = (argument ?? {}) as { engine?: unknown };
  if (isUnattended(argument) || named !== undefined) return items;
  // One that is still connecting may be the one that is wanted.
  await inventory.ready();
  const ready = inventory.snapshot.engines.filter(({ status }) => status === 'ready');
  const isAnswered = (item: DevContainer): boolean =>
    argument !== undefined && inventory.placeOf(item) === item.engine;
  const open = items.filter(
    (item) =>
      hasNoContainer(item) &&
      ready.some(({ key }) => key !== item.engine) &&
      !(isAnswered(item) && ready.some(({ key }) => key === item.engine)),
  );
  const [first] = open;
  if (!first) return items;
  const engine = await ask(open, first, ready);
  if (engine === undefined) return undefined;
  return items.map((item) => (open.includes(item) ? inventory.place(item, engine) : item));
}

/** The engine that the first one stands at comes first, so that Enter takes it. */
async function ask(
  items: readonly DevContainer[],
  { name, engine: home }: DevContainer,
  engines: readonly Engine[],
): Promise<string | undefined> {
  const what = items.length === 1 ? oneLine(name, 80) : count(items.length, 'dev container');
  const sorted = [...engines].sort((a, b) => Number(b.key === home) - Number(a.key === home));
  const picks = sorted.map((engine) => ({
    engine: engine.key,
    label: `$(server) ${oneLine(engine.name, 80)}`,
    description: oneLine(engine.endpoint),
  }));
  const picked = await window.showQuickPick(picks, {
    title: `Create ${what} on which engine?`,
    placeHolder: 'Remembered for this workspace',
    matchOnDescription: true,
  });
  return picked?.engine;
}
