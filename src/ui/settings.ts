import { ConfigurationTarget, workspace } from 'vscode';
import { isRecord } from '../common/record';
import { comparable } from '../core/identity';
import type { ImageLifetimes } from '../core/imageChecks';
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
  /** Hours between two checks of images; 0 is never. */
  imageHours: (): number => get<number>('images.checkEvery', 0),
  /** Whether what says so by its label is updated after each check by the schedule. */
  autoUpdate: (): boolean => get<boolean>('images.autoUpdate', false),
  imageLifetimes: (): ImageLifetimes => ({
    status: atLeast(30, 'images.statusLifetime', 300) * 1000,
    remote: atLeast(1, 'images.answerLifetime', 5) * 1000,
    forced: atLeast(5, 'images.recheckInterval', 5) * 1000,
  }),
  imageRequests: (): { all: number; perHost: number } => ({
    all: Math.min(8, Math.trunc(atLeast(1, 'images.parallel', 8))),
    perHost: Math.min(2, Math.trunc(atLeast(1, 'images.parallelPerRegistry', 2))),
  }),
  credentialsFile: (): string | undefined => get<string>('images.credentialsFile', '') || undefined,
  /** Only pairs of texts: the rest counts as not there. */
  tokenHosts: (): Readonly<Record<string, string>> => {
    const value: unknown = workspace.getConfiguration('shipshape').get('images.tokenHosts');
    const pairs = Object.entries(isRecord(value) ? value : {});
    return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  },
  engineHost: (): string | undefined => get<string>('engine.host', '') || undefined,
};

/** A value below the least counts as the least. */
function atLeast(least: number, name: string, fallback: number): number {
  return Math.max(least, get<number>(name, fallback));
}

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
