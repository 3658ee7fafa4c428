import { workspace } from 'vscode';

/** Our settings, read when they are needed, so that a change counts at once. */
export const settings = {
  notifyOfChanges: (): boolean => get('notifications.changes', true),
  openLog: (): 'never' | 'onFailure' | 'always' => get('log.open', 'onFailure'),
  parallelJobs: (): number => Math.min(8, Math.max(1, Math.trunc(get('recreate.parallel', 2)))),
  secretsFile: (): string | undefined => get('recreate.secretsFile', '') || undefined,
  cliPath: (): string | undefined => get('cli.path', '') || undefined,
  dockerPath: (): string => get('docker.path', 'docker') || 'docker',
  engineHost: (): string | undefined => get('engine.host', '') || undefined,
};

function get<T>(name: string, fallback: T): T {
  const value = workspace.getConfiguration('shipshape').get<T>(name);
  // Settings files are written by hand: a value of the wrong type counts as none.
  return typeof value === typeof fallback ? (value as T) : fallback;
}
