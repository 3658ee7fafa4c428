/** What goes with a container when another one takes its place: pure functions over what its engine tells of it. */
import type { MountFacts } from './containerDetails';
import type { FileChange } from './ports';

export interface Losses {
  /** Files of its own, outside volumes, that are not in its image, or not as they are there. */
  readonly files: number;
  /** Where they are, the most first. */
  readonly places: readonly LostPlace[];
  /** Their paths in order; KEPT_PATHS of them where there are more. */
  readonly paths: readonly string[];
  /** Where its anonymous volumes are mounted, in order: they stay, but no later container finds them. */
  readonly volumes: readonly string[];
  /** It was made from a copy of an earlier container, whose files are in its image and so not among these. */
  readonly isOfCopy?: boolean;
  /** All that it has written outside volumes, in bytes, caches and the like too; undefined when nobody knows. */
  readonly writtenBytes?: number;
}

/** A folder with the files in it and below; of one file alone, the file itself. */
export interface LostPlace {
  readonly path: string;
  readonly files: number;
}

/** As many paths are kept as people may want to look through. */
export const KEPT_PATHS = 5_000;

/** `mounts` are those of the container. What is deleted from the image is no loss: the next container has it again. */
export function lossesIn(changes: readonly FileChange[], mounts: readonly MountFacts[]): Losses {
  const paths = lostFiles(changes, mounts);
  const anonymous = mounts.filter(({ type, source }) => type === 'volume' && /^[0-9a-f]{64}$/.test(source));
  return {
    files: paths.length,
    places: placesOf(paths),
    // Sorted after the cut: to sort very many takes longer than all the rest.
    paths: paths.slice(0, KEPT_PATHS).sort(),
    volumes: anonymous.map(({ target }) => target).sort(),
  };
}

function lostFiles(changes: readonly FileChange[], mounts: readonly MountFacts[]): string[] {
  const targets = mounts.map(({ target }) => target.replace(/\/+$/, ''));
  const holders = foldersAbove([...changes.map(({ path }) => path), ...targets]);
  const isMounted = insideOf(new Set(targets));
  return changes
    .filter(
      ({ path, kind }) =>
        kind !== 'deleted' &&
        !holders.has(path) &&
        !(kind === 'modified' && FOLDERS.test(path)) &&
        !NOISE.some((pattern) => pattern.test(path)) &&
        !isMounted(path),
    )
    .map(({ path }) => path);
}

/** What each dev container has, whatever is done in it. */
const NOISE = [
  // By their purpose, nobody keeps anything there; apt's lists come with each update.
  /^\/(?:dev|proc|run|sys|tmp|var\/(?:cache|lib\/apt\/lists|log|run))(?:\/|$)/,
  // The engine writes these.
  /^\/(?:\.dockerenv|etc\/(?:hosts|hostname|mtab|resolv\.conf))$/,
  // The Dev Containers CLI adds variables to these, and notes that it did, as it does with hooks that have run.
  /^\/(?:etc\/(?:environment|profile)|var\/devcontainer(?:\/.*)?)$/s,
  /\/\.devcontainer\/\.\w+Marker$/,
  // Editors install their servers when they connect.
  /\/\.(?:cursor|trae|vscode|vscode-oss|vscodium|windsurf)-(?:remote|server)(?:-\w+)?(?:\/|$)/,
];

/** Folders of every Linux: modified they are also when a file in them came and went, and engines do not say which. */
const FOLDERS =
  /^\/(?:bin|boot|etc|home(?:\/[^/]+)?|lib\w*|media|mnt|opt|root|sbin|srv|usr(?:\/\w+|\/local\/\w+)?|var(?:\/\w+)?|workspaces)?$/;

/** Every folder above one of these paths, each looked at once. */
function foldersAbove(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>(['/']);
  for (const path of paths) {
    for (let folder = folderOf(path); !folders.has(folder); folder = folderOf(folder)) folders.add(folder);
  }
  return folders;
}

/** Whether a path is one of the roots or below one; answers for folders are kept, since many paths share them. */
function insideOf(roots: ReadonlySet<string>): (path: string) => boolean {
  const known = new Map<string, boolean>([['', false]]);
  const isFolderInside = (folder: string): boolean => {
    const open: string[] = [];
    let above = folder;
    while (!known.has(above) && !roots.has(above)) {
      open.push(above);
      above = folderOf(above);
    }
    const answer = known.get(above) ?? true;
    for (const each of open) known.set(each, answer);
    return answer;
  };
  return (path) => roots.has(path) || isFolderInside(folderOf(path));
}

/** Grouped by the first two folders, each group as deep as all of it lies. */
function placesOf(paths: readonly string[]): LostPlace[] {
  const groups = new Map<string, { path: string; folder: string; files: number }>();
  for (const path of paths) {
    const folder = folderOf(path);
    const second = folder.indexOf('/', folder.indexOf('/', 1) + 1);
    const top = second > 0 ? folder.slice(0, second) : folder;
    const group = groups.get(top);
    if (!group) groups.set(top, { path, folder, files: 1 });
    else {
      group.files++;
      while (!isAtOrBelow(folder, group.folder)) group.folder = folderOf(group.folder);
    }
  }
  return [...groups.values()]
    .map(({ path, folder, files }) => ({ path: files === 1 ? path : folder || '/', files }))
    .sort((a, b) => b.files - a.files || (a.path < b.path ? -1 : 1));
}

function isAtOrBelow(folder: string, other: string): boolean {
  return folder.startsWith(other) && (folder.length === other.length || folder[other.length] === '/');
}

/** The path of the folder that holds it; empty for the root's. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
