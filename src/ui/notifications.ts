import { commands, window } from 'vscode';
import type { DevContainer, Disposable } from '../api';
import type { News } from '../core/news';
import { changeName, count, oneLine } from '../core/words';
import { settings } from './settings';

const NAMED_CHANGES = 3;

/** Says once that dev containers no longer match their configurations, and offers what can be done. */
export function notifyOfChanges(news: News): Disposable {
  return news.onDidBecomeDue((items) => {
    if (!settings.notifyOfChanges()) return;
    const [only, another] = items;
    if (only) void (another ? tellOfMany(items.length) : tellOfOne(only));
  });
}

async function tellOfOne(item: DevContainer): Promise<void> {
  const named = item.changes.slice(0, NAMED_CHANGES).map((change) => oneLine(changeName(change), 60));
  const more = item.changes.length - named.length;
  const what = `${named.join(', ')}${more > 0 ? ` and ${count(more, 'more change')}` : ''}`;
  const message = `${oneLine(item.name, 80)} no longer matches its configuration: ${what}.`;
  const picked = await window.showInformationMessage(message, 'Recreate', 'Show Changes', 'Later');
  const argument = {
    workspaceFolder: item.workspaceFolder,
    configFile: item.configFile,
    engine: item.engine,
  };
  if (picked === 'Recreate') await commands.executeCommand('shipshape.recreate', argument);
  if (picked === 'Show Changes') await commands.executeCommand('shipshape.showChanges', argument);
}

async function tellOfMany(n: number): Promise<void> {
  const message = `${n} dev containers no longer match their configurations.`;
  const picked = await window.showInformationMessage(message, 'Show', 'Recreate All', 'Later');
  if (picked === 'Show') await commands.executeCommand('shipshape.devContainers.focus');
  if (picked === 'Recreate All') await commands.executeCommand('shipshape.recreateAllDirty');
}
