import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { realOrSame } from './fileStamp';

/** One folder to watch, by its real path. */
export interface WatchedFolder {
  readonly folder: string;
  /** Levels below the folder that matter. */
  readonly depth: number;
  /** Whether the three places of a configuration are watched in it. */
  readonly project: boolean;
  /** Other files that matter, by real path. */
  readonly files: ReadonlySet<string>;
  /** Whether everything right in it matters. */
  readonly whole?: boolean;
}

export interface WatchPlan {
  /** By folder and depth; the text changes whenever the folder needs a new watcher. */
  readonly folders: ReadonlyMap<string, WatchedFolder & { readonly signature: string }>;
  /** Which of the given files an event at a real path is about. */
  readonly filesByRealPath: ReadonlyMap<string, readonly string[]>;
  /** Which of the given project folders a real folder is. */
  readonly projectsByRealPath: ReadonlyMap<string, string>;
  /** Which of the given folders a real folder is. */
  readonly foldersByRealPath: ReadonlyMap<string, string>;
}

/**
 * Decides which folders to watch. A file is watched through its folder, because editors save by renaming, and
 * `.devcontainer` through the folder above, because branches come and go; a linked file at its target too.
 * @param wholeFolders folders in which everything matters; they may be among the files
 */
export async function planWatches(
  files: readonly string[],
  projects: readonly string[],
  wholeFolders: readonly string[] = [],
): Promise<WatchPlan> {
  const plan = new Map<string, { depth: number; project: boolean; files: Set<string> }>();
  const at = (folder: string): { depth: number; project: boolean; files: Set<string> } => {
    let entry = plan.get(folder);
    if (!entry) plan.set(folder, (entry = { depth: 0, project: false, files: new Set() }));
    return entry;
  };
  const filesByRealPath = new Map<string, string[]>();
  const projectsByRealPath = new Map<string, string>();
  // Many files share few folders.
  const folder = memoized(realOrSame);
  const note = (real: string, given: string): void => {
    filesByRealPath.set(real, [...(filesByRealPath.get(real) ?? []), given]);
  };
  for (const project of projects) {
    const real = await realOrSame(project);
    projectsByRealPath.set(real, project);
    Object.assign(at(real), { depth: 2, project: true });
  }
  const whole = new Set(wholeFolders);
  for (const file of files) {
    if (whole.has(file)) continue;
    const anchor = anchorOf(file);
    const realAnchor = await folder(anchor);
    const here = join(realAnchor, relative(anchor, file));
    const entry = at(realAnchor);
    if (anchor !== dirname(file) || isPlaceName(basename(file)))
      Object.assign(entry, { depth: 2, project: true });
    entry.files.add(here);
    note(here, file);
    const target = await realOrSame(file);
    if (target === file || target === here) continue;
    at(dirname(target)).files.add(target);
    note(target, file);
  }
  const folders: [string, WatchedFolder & { readonly signature: string }][] = [];
  for (const [folder, entry] of plan) {
    const signature = JSON.stringify([
      entry.depth,
      entry.project,
      [...entry.files].sort(),
      await inode(folder),
    ]);
    folders.push([folder, { folder, ...entry, signature }]);
  }
  const foldersByRealPath = new Map<string, string>();
  for (const given of wholeFolders) {
    const folder = await realOrSame(given);
    foldersByRealPath.set(folder, given);
    // A watcher of its own: one that looks deeper would take in all that lies in there.
    const watched = { folder, depth: 0, project: false, files: new Set<string>(), whole: true };
    folders.push([`${folder}\0`, { ...watched, signature: await inode(folder) }]);
  }
  return { folders: new Map(folders), filesByRealPath, projectsByRealPath, foldersByRealPath };
}

/** The given files that are at a real path or, for a folder, below it. */
export function filesBelow(plan: WatchPlan | undefined, realPath: string): string[] {
  return [...(plan?.filesByRealPath ?? [])].flatMap(([real, given]) =>
    real === realPath || real.startsWith(realPath + sep) ? given : [],
  );
}

/** Every real path that is watched. */
export function realPathsOf(plan: WatchPlan): string[] {
  return [plan.filesByRealPath, plan.foldersByRealPath, plan.projectsByRealPath].flatMap((map) => [
    ...map.keys(),
  ]);
}

/** The given files, folders and projects at these real paths. */
export function givenAt(plan: WatchPlan, realPaths: ReadonlySet<string>): string[] {
  return [...realPaths].flatMap((real) => [
    ...(plan.filesByRealPath.get(real) ?? []),
    ...[plan.foldersByRealPath.get(real), plan.projectsByRealPath.get(real)].filter(
      (given) => given !== undefined,
    ),
  ]);
}

/** A watcher goes with its folder when that is renamed away, and is deaf for the new one. */
async function inode(folder: string): Promise<string> {
  return stat(folder).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => '',
  );
}

/** Whether a path matters in a watched folder; without stats, whether it may. */
export function matters(watched: WatchedFolder, path: string, stats?: Stats): boolean {
  if (path === watched.folder || watched.files.has(path)) return true;
  if (watched.whole) return dirname(path) === watched.folder;
  if (!watched.project) return false;
  const [first, second, third, ...rest] = relative(watched.folder, path).split(/[\\/]/);
  if (first === '.devcontainer.json') return second === undefined;
  if (first !== '.devcontainer' || rest.length > 0) return false;
  if (second === undefined || (second === 'devcontainer.json' && third === undefined)) return true;
  if (third !== undefined) return third === 'devcontainer.json';
  return stats?.isDirectory() ?? true;
}

/** Whether the path is one of the three places of a configuration in the folder. */
export function isConfigPlace(folder: string, path: string): boolean {
  const parts = relative(folder, path).split(/[\\/]/);
  if (parts.length === 1) return parts[0] === '.devcontainer.json';
  return parts[0] === '.devcontainer' && parts.length <= 3 && parts.at(-1) === 'devcontainer.json';
}

function isPlaceName(name: string): boolean {
  return name === '.devcontainer.json';
}

/** The project folder of a file in `.devcontainer` or in a folder right below it, else the file's own folder. */
function anchorOf(file: string): string {
  const parent = dirname(file);
  if (basename(parent) === '.devcontainer') return dirname(parent);
  const grandparent = dirname(parent);
  return basename(grandparent) === '.devcontainer' ? dirname(grandparent) : parent;
}

function memoized(ask: (path: string) => Promise<string>): (path: string) => Promise<string> {
  const answers = new Map<string, Promise<string>>();
  return (path) => {
    const answer = answers.get(path) ?? ask(path);
    answers.set(path, answer);
    return answer;
  };
}
