import { workspace } from 'vscode';
import type { ContainerGrouping, DevContainerGrouping } from '../core/order';

/** Our settings, read when they are needed, so that a change counts at once. */
export const settings = {
  notifyOfChanges: (): boolean => get<boolean>('notifications.changes', true),
  openLog: (): 'never' | 'onFailure' | 'always' =>
    get<'never' | 'onFailure' | 'always'>('log.open', 'onFailure'),
  groupDevContainers: (): DevContainerGrouping => get<DevContainerGrouping>('devContainers.group', 'none'),
  sortDevContainers: (): 'attention' | 'name' => get<'attention' | 'name'>('devContainers.sort', 'attention'),
  groupContainers: (): ContainerGrouping => get<ContainerGrouping>('containers.group', 'composeProject'),
  parallelJobs: (): number => Math.min(8, Math.max(1, Math.trunc(get<number>('recreate.parallel', 2)))),
  secretsFile: (): string | undefined => get<string>('recreate.secretsFile', '') || undefined,
  cliPath: (): string | undefined => get<string>('cli.path', '') || undefined,
  dockerPath: (): string => get<string>('docker.path', 'docker') || 'docker',
  engineHost: (): string | undefined => get<string>('engine.host', '') || undefined,
};

function get<T extends string | number | boolean>(name: string, fallback: T): T {
  const value = workspace.getConfiguration('shipshape').get<T>(name);
  // Settings files are written by hand: a value of the wrong type counts as none.
  return value !== undefined && typeof value === typeof fallback ? value : fallback;
}
