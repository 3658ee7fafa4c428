import { commands, window, workspace, type ExtensionContext } from 'vscode';
import type { DevContainer } from '../api';
import { equal } from '../common/equal';
import { ShipshapeError } from '../common/errors';
import { isConfigOf, isInside } from '../core/identity';
import { shown } from '../core/configDiff';
import type { Configs } from '../core/configs';
import type { ForeignWords } from '../core/recreateQuestion';
import { oneLine } from '../core/words';

const KEY = 'trustedFolders';
const REMEMBERED = 200;

/**
 * Which folders the user trusts: those of a trusted workspace, now or in an earlier window, and those confirmed.
 * Labels of containers name folders too, but anyone can write labels.
 */
export class Trust {
  constructor(private readonly context: ExtensionContext) {}

  get isTrusted(): boolean {
    return workspace.isTrusted;
  }

  /** The folders on disk that are open in this window. */
  get folders(): string[] {
    return (workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath);
  }

  /** Whether the folder is open in this window, or lies in one that is. */
  isOpen(folder: string): boolean {
    return this.folders.some((open) => isInside(folder, open));
  }

  /** Whether configurations in this folder may be read: reading runs nothing, but labels could name any path. */
  mayRead(folder: string): boolean {
    return [...this.folders, ...this.#remembered()].some((known) => isInside(folder, known));
  }

  /** Remembers the open folders as trusted, so that their dev containers are watched from other windows too. */
  async remember(folders: readonly string[] = this.folders): Promise<void> {
    if (!workspace.isTrusted) return;
    const before = this.#remembered();
    const known = [...new Set([...folders, ...before])].slice(0, REMEMBERED);
    if (!equal(known, before)) await this.context.globalState.update(KEY, known);
  }

  /** Throws `untrusted` in Restricted Mode, whoever calls. */
  check(): void {
    if (workspace.isTrusted) return;
    const manage = 'Manage Workspace Trust';
    const message = 'This workspace is not trusted, so Shipshape runs nothing of it.';
    void window.showWarningMessage(message, manage).then((picked) => {
      if (picked) void commands.executeCommand('workbench.trust.manage');
    });
    throw new ShipshapeError('untrusted', message);
  }

  /** Asks before a job of a folder that is not open here: its configuration runs commands on this machine. */
  async confirmForeign(item: DevContainer, configs: Configs): Promise<boolean> {
    const foreign = await this.foreign(item, configs);
    if (!foreign) return true;
    const go = 'Continue';
    const question = `${oneLine(item.name, 80)} ${foreign.whose}. Its configuration can run commands on this machine.`;
    const picked = await window.showWarningMessage(
      question,
      { modal: true, detail: foreign.facts.join('\n') },
      go,
    );
    if (picked !== go) return false;
    await this.accept(item);
    return true;
  }

  /** What to tell before a job of a folder that is not open here; undefined where nobody has to be asked. */
  async foreign(item: DevContainer, configs: Configs): Promise<ForeignWords | undefined> {
    const isOfFolder = isOfItsFolder(item);
    if (this.mayRead(item.workspaceFolder) && isOfFolder) return undefined;
    const reading = item.configFile && isOfFolder ? await configs.read(item.configFile) : undefined;
    const hostCommand = reading?.status === 'ok' ? shown(reading.value['initializeCommand']) : undefined;
    const facts = [
      `Folder: ${oneLine(item.workspaceFolder)}`,
      `Configuration: ${oneLine(item.configFile ?? 'unknown')}`,
      hostCommand === undefined ? undefined : `Runs on this machine: ${oneLine(hostCommand)}`,
    ];
    const whose = isOfFolder
      ? 'belongs to a folder that was not opened as a trusted workspace'
      : 'names a configuration outside of its folder';
    return { whose, facts: facts.filter((fact) => fact !== undefined) };
  }

  /** The user agreed to what `foreign` told: a folder with a configuration of its own is trusted from now on. */
  async accept(item: DevContainer): Promise<void> {
    if (isOfItsFolder(item)) await this.remember([item.workspaceFolder]);
  }

  #remembered(): string[] {
    const value: unknown = this.context.globalState.get(KEY);
    return Array.isArray(value) ? value.filter((folder): folder is string => typeof folder === 'string') : [];
  }
}

function isOfItsFolder({ configFile = '', workspaceFolder }: DevContainer): boolean {
  return isConfigOf(configFile, workspaceFolder);
}
