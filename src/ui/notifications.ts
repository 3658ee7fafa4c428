import { commands, window, workspace } from 'vscode';
import type { DevContainer } from '../api';
import { isOnlyProbable } from '../core/changes';
import type { Inventory } from '../core/inventory';
import { changeNames, firstNames, oneLine, strongestOf } from '../core/words';
import { settings } from './settings';

const NAMED_CHANGES = 3;
const NAMED_ITEMS = 3;
/** Short, for four buttons to be read in full. */
const [SHOW_CHANGES, LATER, NEVER] = ['Show Changes', 'Later', "Don't Ask Here"];

/** What an answer needs that comes when things may have changed. */
type Today = Pick<Inventory, 'snapshot'>;

/** Says once that these dev containers no longer match their configurations, and offers what can be done. */
export async function tellOfChanges(items: readonly DevContainer[], today: Today): Promise<void> {
  if (!settings.notifyOfChanges()) return;
  const [only, another] = items;
  if (only) await (another ? tellOfMany(items, today) : tellOfOne(only, today));
}

async function tellOfOne(item: DevContainer, today: Today): Promise<void> {
  const act = strongestOf(item.changes) === 'restart' ? 'Restart' : 'Recreate';
  const acts = [...(workspace.isTrusted ? [act] : []), SHOW_CHANGES, LATER, NEVER];
  const picked = await window.showInformationMessage(newsWords(item), ...acts);
  const argument = {
    workspaceFolder: item.workspaceFolder,
    configFile: item.configFile,
    engine: item.engine,
  };
  if ((picked === act || picked === SHOW_CHANGES) && isSettled(item, today)) return;
  if (picked === act) await commands.executeCommand(`shipshape.${act.toLowerCase()}`, argument);
  if (picked === SHOW_CHANGES) await commands.executeCommand('shipshape.showChanges', argument);
  if (picked !== NEVER) return;
  await settings.ignoreFolder(item.workspaceFolder);
  const where = 'shipshape.notifications.ignoredFolders';
  window.setStatusBarMessage(
    `$(bell-slash) No notifications for this folder: see the setting ${where}`,
    15_000,
  );
}

function newsWords(item: DevContainer): string {
  const { changes } = item;
  const what = changeNames(changes, NAMED_CHANGES);
  const matches = isOnlyProbable(changes) ? 'probably no longer matches' : 'no longer matches';
  return `${oneLine(item.name, 80)} ${matches} its configuration: ${what}.`;
}

async function tellOfMany(items: readonly DevContainer[], today: Today): Promise<void> {
  const names = items.map(({ name }) => name);
  const who = firstNames(names, NAMED_ITEMS, (name) => oneLine(name, 40));
  const isProbable = items.some(({ changes }) => isOnlyProbable(changes));
  const match = isProbable ? 'no longer match, or probably do not match,' : 'no longer match';
  const message = `${items.length} dev containers ${match} their configurations: ${who}.`;
  const acts = ['Show', ...(workspace.isTrusted ? ['Recreate All'] : []), LATER];
  const picked = await window.showInformationMessage(message, ...acts);
  if (picked === 'Show') await commands.executeCommand('shipshape.devContainers.focus');
  if (picked !== 'Recreate All') return;
  // Those that the message speaks of and that still need it, no others.
  const [first, ...others] = items.filter((item) => !isClean(item, today)).map((item) => ({ item }));
  if (!first) void window.showInformationMessage('All of them match their configurations again.');
  else await commands.executeCommand('shipshape.recreate', first, [first, ...others]);
}

/** What the message said is not so any more, and the user is told that instead. */
function isSettled(item: DevContainer, today: Today): boolean {
  if (!isClean(item, today)) return false;
  void window.showInformationMessage(`${oneLine(item.name, 80)} matches its configuration again.`);
  return true;
}

function isClean({ key }: DevContainer, { snapshot }: Today): boolean {
  return snapshot.devContainers.find((item) => item.key === key)?.dirty === false;
}
