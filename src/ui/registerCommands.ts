import { commands, window } from 'vscode';
import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { hasCode, messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { oneLine } from '../core/words';
import type { Handler } from './commands';

const PREFIX = 'shipshape.';

/**
 * Registers the commands of these ids, as package.json lists them; `table` gives what each does. What one of them throws
 * is shown, and rejects for a caller other than a row.
 */
export function registerCommands(
  ids: readonly string[],
  table: () => Promise<Readonly<Record<string, Handler>>>,
  logger: Logger,
): Disposable {
  const store = new DisposableStore();
  for (const id of ids) {
    const run = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await (await table())[id.slice(PREFIX.length)]?.(...args);
      } catch (error) {
        logger.error(`${id}: ${messageOf(error)}`);
        if (!hasCode(error, 'untrusted')) void window.showErrorMessage(oneLine(messageOf(error), 600));
        // The editor would say it once more.
        if (isRow(args[0])) return undefined;
        throw error;
      }
    };
    store.add(commands.registerCommand(id, run));
  }
  return store;
}

/** The ids of our commands in our own package.json. */
export function contributedIds(packageJson: unknown): string[] {
  const { contributes } = packageJson as { contributes: { commands: readonly { command: string }[] } };
  return contributes.commands.map(({ command }) => command);
}

/** Whether a command was called from one of our rows, rather than by another extension. */
function isRow(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null && 'kind' in argument && 'id' in argument;
}
