import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
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
}

export interface WatchPlan {
  /** By folder; the text changes whenever the folder needs a new watcher. */
  readonly folders: ReadonlyMap<string, WatchedFolder & { readonly signature: string }>;
  /** Which of the given files an event at a real path is about. */
  readonly filesByRealPath: ReadonlyMap<string, readonly string[]>;
  /** Which of the given project folders a real folder is. */
  readonly projectsByRealPath: ReadonlyMap<string, string>;
}

/**
 * Decides which folders to watch. A file is watched through its folder, because editors save by renaming, and
 * `.devcontainer` through the folder above, because branches come and go; a linked file at its target too.
 */
export async function planWatches(files: readonly string[], projects: readonly string[]): Promise<WatchPlan> {
  const plan = new Map<string, { depth: number; project: boolean; files: Set<string> }>();
  const at = (folder: string): { depth: number; project: boolean; files: Set<string> } => {
    let entry = plan.get(folder);
    if (!entry) plan.set(folder, (entry = { depth: 0, project: false, files: new Set() }));
    return entry;
  };
  const filesByRealPath = new Map<string, string[]>();
  const projectsByRealPath = new Map<string, string>();
  const note = (real: string, given: string): void => {
    filesByRealPath.set(real, [...(filesByRealPath.get(real) ?? []), given]);
  };
  for (const project of projects) {
    const real = await realOrSame(project);
    projectsByRealPath.set(real, project);
    Object.assign(at(real), { depth: 2, project: true });
  }
  for (const file of files) {
    const anchor = anchorOf(file);
    const realAnchor = await realOrSame(anchor);
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
  const folders = [];
  for (const [folder, entry] of plan) {
    // With the inode: a watcher goes with its folder when that is renamed away, and is deaf for the new one.
    const inode = await stat(folder).then(
      ({ dev, ino }) => `${dev}:${ino}`,
      () => '',
    );
    const signature = JSON.stringify([entry.depth, entry.project, [...entry.files].sort(), inode]);
    folders.push([folder, { folder, ...entry, signature }] as const);
  }
  return { folders: new Map(folders), filesByRealPath, projectsByRealPath };
}

/** Whether a path matters in a watched folder; without stats, whether it may. */
export function matters(watched: WatchedFolder, path: string, stats?: Stats): boolean {
  if (path === watched.folder || watched.files.has(path)) return true;
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
