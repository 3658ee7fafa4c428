import { ConfigurationTarget, workspace } from 'vscode';
import { comparable } from '../core/identity';
import type { Grouping, Sorting } from '../core/order';

/** Our settings, read when they are needed, so that a change counts at once. */
export const settings = {
  notifyOfChanges: (): boolean => get<boolean>('notifications.changes', true),
  /** Whether the user wants no notifications of changes in this folder. */
  isIgnored: (folder: string): boolean =>
    ignoredFolders().some((ignored) => comparable(ignored) === comparable(folder)),
  /** Keeps it in the user's settings, where people find and undo it. */
  ignoreFolder: (folder: string): Thenable<void> =>
    workspace
      .getConfiguration('shipshape')
      .update(
        'notifications.ignoredFolders',
        [...new Set([...ignoredFolders(), folder])],
        ConfigurationTarget.Global,
      ),
  openLog: (): 'never' | 'onFailure' | 'always' =>
    get<'never' | 'onFailure' | 'always'>('log.open', 'onFailure'),
  groupDevContainers: (): Grouping => oneOf(groupings, 'devContainers.group', 'none'),
  sortDevContainers: (): Sorting => oneOf(sortings, 'devContainers.sort', 'attention'),
  groupContainers: (): Grouping => oneOf(groupings, 'containers.group', 'composeProject'),
  sortContainers: (): Sorting => oneOf(sortings, 'containers.sort', 'name'),
  parallelJobs: (): number => Math.min(8, Math.max(1, Math.trunc(get<number>('recreate.parallel', 2)))),
  secretsFile: (): string | undefined => get<string>('recreate.secretsFile', '') || undefined,
  onHookFailure: (): 'keep' | 'rollBack' =>
    oneOf(['keep', 'rollBack'] as const, 'recreate.onHookFailure', 'keep'),
  keepsOld: (): boolean => get<boolean>('recreate.keepOld', false),
  healthMs: (): number => Math.max(10, get<number>('recreate.healthTimeout', 120)) * 1000,
  cliPath: (): string | undefined => get<string>('cli.path', '') || undefined,
  dockerPath: (): string => get<string>('docker.path', 'docker') || 'docker',
  engineHost: (): string | undefined => get<string>('engine.host', '') || undefined,
};

const groupings = ['none', 'composeProject', 'workspace', 'state'] as const;
const sortings = ['attention', 'name', 'created'] as const;

/** Settings files are written by hand: a word that we don't know counts as none. */
function oneOf<T extends string>(known: readonly T[], name: string, fallback: T): T {
  const value = get<string>(name, fallback);
  return known.find((word) => word === value) ?? fallback;
}

function ignoredFolders(): string[] {
  const value: unknown = workspace.getConfiguration('shipshape').get('notifications.ignoredFolders');
  return Array.isArray(value) ? value.filter((folder) => typeof folder === 'string') : [];
}

function get<T extends string | number | boolean>(name: string, fallback: T): T {
  const value = workspace.getConfiguration('shipshape').get<T>(name);
  // Settings files are written by hand: a value of the wrong type counts as none.
  return value !== undefined && typeof value === typeof fallback ? value : fallback;
}
