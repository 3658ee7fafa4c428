import { commands, window } from 'vscode';
import type { DevContainer, Disposable } from '../api';
import { isOnlyProbable } from '../core/changes';
import type { News } from '../core/news';
import { changeNames, oneLine, strongestOf } from '../core/words';
import { settings } from './settings';

const NAMED_CHANGES = 3;
/** Short, for four buttons to be read in full. */
const [SHOW_CHANGES, LATER, NEVER] = ['Show Changes', 'Later', "Don't Ask Here"];

/** Says once that dev containers no longer match their configurations, and offers what can be done. */
export function notifyOfChanges(news: News): Disposable {
  return news.onDidBecomeDue((items) => {
    if (!settings.notifyOfChanges()) return;
    const [only, another] = items;
    if (only) void (another ? tellOfMany(items.length) : tellOfOne(only));
  });
}

async function tellOfOne(item: DevContainer): Promise<void> {
  const act = strongestOf(item.changes) === 'restart' ? 'Restart' : 'Recreate';
  const picked = await window.showInformationMessage(newsWords(item), act, SHOW_CHANGES, LATER, NEVER);
  const argument = {
    workspaceFolder: item.workspaceFolder,
    configFile: item.configFile,
    engine: item.engine,
  };
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

async function tellOfMany(n: number): Promise<void> {
  const message = `${n} dev containers no longer match their configurations.`;
  const picked = await window.showInformationMessage(message, 'Show', 'Recreate All', LATER);
  if (picked === 'Show') await commands.executeCommand('shipshape.devContainers.focus');
  if (picked === 'Recreate All') await commands.executeCommand('shipshape.recreateAllDirty');
}
