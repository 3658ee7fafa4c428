import type { Dirent } from 'node:fs';
import { lstat, opendir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errorCode } from '../boundedRead';
import type { Source } from './dockerfileSources';
import { DockerIgnore, type FolderVerdict } from './dockerignore';
import { globOf, type Glob } from './glob';
import { inParallel } from '../../common/inParallel';

/** What a build takes from its context; paths are relative to it, with `/`. */
export interface Taken {
  /** By the name under which a file is copied, the path of the file itself: a source may be a link to it. */
  readonly files: ReadonlyMap<string, string>;
  /** Symbolic links, with what they say. */
  readonly links: ReadonlyMap<string, string>;
  readonly emptyFolders: ReadonlySet<string>;
  /** Folders that were listed, nearest to the root first. */
  readonly listed: readonly string[];
  /** Sources that name one file, and those that are not there. */
  readonly single: ReadonlySet<string>;
  /** Sources without wildcards that no build finds, the first hundred. */
  readonly absent: ReadonlyMap<Source, Absence>;
  readonly isTooMuch: boolean;
  /** The first folder that could not be listed. */
  readonly refused: string | undefined;
}

/** Not there, or left out by the ignore file. */
export type Absence = 'missing' | 'ignored';

/** Most files that count, and most names that are looked at for them. */
export const maxFiles = 200_000;
const maxNames = 5 * maxFiles;
const maxHops = 40;
const maxAbsent = 100;
const atOnce = 8;

interface Folder {
  readonly path: string;
  /** What of its contents is wanted, one element for each level; all of it when there is none. */
  readonly wanted: readonly Glob[];
  readonly verdict: FolderVerdict;
  readonly excluded?: Excluded | undefined;
}

/** What a COPY leaves out: its patterns begin where its source does. */
interface Excluded {
  readonly rules: DockerIgnore;
  readonly base: string;
  readonly verdict: FolderVerdict;
}

/**
 * Finds the files that sources of COPY and ADD mean. Links are followed as Docker does: those that a source names, and
 * never out of the context.
 * @param silent paths that count only when a source names them; so does `.git`
 */
export class ContextWalk implements Taken {
  readonly files = new Map<string, string>();
  readonly links = new Map<string, string>();
  readonly emptyFolders = new Set<string>();
  readonly listed: string[] = [];
  readonly single = new Set<string>();
  readonly absent = new Map<Source, Absence>();
  refused: string | undefined;
  #names = 0;
  #next: Folder[] = [];
  readonly #whole = new Set<string>();

  constructor(
    private readonly root: string,
    private readonly ignore: DockerIgnore,
    private readonly silent: ReadonlySet<string>,
  ) {}

  get isTooMuch(): boolean {
    return this.files.size + this.links.size + this.emptyFolders.size > maxFiles || this.#names > maxNames;
  }

  async take(sources: readonly Source[]): Promise<Taken> {
    await inParallel(sources, atOnce, (source) => this.#begin(source));
    while (this.#next.length > 0 && !this.isTooMuch) {
      const level = this.#next;
      this.#next = [];
      await inParallel(level, atOnce, (folder) => this.#list(folder));
    }
    return this;
  }

  /** A source is walked from where its wildcards begin, so that nothing beside it is listed. */
  async #begin(source: Source): Promise<void> {
    const { path, excludes } = source;
    const names = path.split('/').filter((name) => name !== '');
    const wild = names.findIndex((name) => /[*?[\\]/.test(name));
    const plain = wild < 0 ? names : names.slice(0, wild);
    const deep = names.indexOf('**');
    const wanted =
      wild < 0 ? [] : names.slice(wild, deep < 0 ? undefined : deep).map((name) => globOf(name, false));
    if (wanted.some((glob) => !glob)) return;
    // What a wildcard finds may be files, which are taken whatever the patterns say: then all counts.
    const absence = await this.#from(plain, wanted as Glob[], wild < 0 ? excludes : []);
    if (absence && wild < 0 && this.absent.size < maxAbsent) this.absent.set(source, absence);
  }

  async #from(
    names: readonly string[],
    wanted: readonly Glob[],
    excludes: readonly string[] = [],
  ): Promise<Absence | undefined> {
    const name = names.join('/');
    const links = new Map<string, string>();
    const found = await this.#resolve(names, links);
    // Builders copy the file that a link leads to, so that nothing but its contents count.
    if (found?.kind !== 'file') for (const [link, text] of links) this.links.set(link, text);
    if (!found) {
      this.single.add(name);
      return 'missing';
    }
    if (found.kind === 'folder') {
      const verdict = this.#verdictOn(found.path);
      const rules = excludes.length > 0 ? new DockerIgnore(excludes.join('\n')) : undefined;
      const excluded = rules && { rules, base: found.path, verdict: rules.root };
      this.#enter({ path: found.path, wanted, verdict, excluded });
      return verdict.mayHoldMore ? undefined : 'ignored';
    }
    if (wanted.length > 0) return undefined;
    this.single.add(name).add(found.path);
    if (this.ignore.isIgnored(found.path, this.#verdictOn(folderOf(found.path)))) return 'ignored';
    this.files.set(name, found.path);
    return undefined;
  }

  /** What a path leads to, with each link in it, which is noted, followed within the context. */
  async #resolve(
    names: readonly string[],
    links: Map<string, string>,
  ): Promise<{ path: string; kind: 'file' | 'folder' } | undefined> {
    let left = [...names];
    let path = '';
    let kind: 'file' | 'folder' = 'folder';
    for (let hops = 0; left.length > 0;) {
      const [name = '', ...after] = left;
      const inner = path === '' ? name : `${path}/${name}`;
      const stats = await lstat(join(this.root, inner)).catch(() => undefined);
      if (stats?.isSymbolicLink()) {
        if (++hops > maxHops) return undefined;
        const text = await readlink(join(this.root, inner)).catch(() => '');
        links.set(inner, text);
        const target = posix.normalize(text.startsWith('/') ? text : `/${path}/${text}`);
        left = [...target.split('/').filter((part) => part !== ''), ...after];
        path = '';
      } else {
        if (!stats || !(stats.isFile() || stats.isDirectory())) return undefined;
        if (after.length > 0 && !stats.isDirectory()) return undefined;
        kind = stats.isDirectory() ? 'folder' : 'file';
        path = inner;
        left = after;
      }
    }
    return { path, kind };
  }

  #verdictOn(folder: string): FolderVerdict {
    let verdict = this.ignore.root;
    const names = folder === '' ? [] : folder.split('/');
    for (let i = 1; i <= names.length; i++)
      verdict = this.ignore.folder(names.slice(0, i).join('/'), verdict);
    return verdict;
  }

  #enter(folder: Folder): void {
    const { path, wanted, verdict, excluded } = folder;
    if (!verdict.mayHoldMore || this.#whole.has(path)) return;
    if (wanted.length === 0 && !excluded) this.#whole.add(path);
    this.#next.push(folder);
  }

  async #list(folder: Folder): Promise<void> {
    if (this.isTooMuch) return;
    let any = false;
    const links: string[] = [];
    try {
      for await (const entry of await opendir(join(this.root, folder.path), { bufferSize: 256 })) {
        if (++this.#names > maxNames) return;
        const took = this.#look(folder, entry, links);
        any ||= took;
      }
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.refused ??= folder.path;
      return;
    }
    this.listed.push(folder.path);
    const isWhole = folder.wanted.length === 0;
    const isLeftOut = folder.verdict.isIgnored || folder.excluded?.verdict.isIgnored === true;
    if (isWhole && !any && folder.path !== '' && !isLeftOut) this.emptyFolders.add(folder.path);
    for (const link of links) {
      if (isWhole) this.links.set(link, await readlink(join(this.root, link)).catch(() => ''));
      else await this.#from(link.split('/'), folder.wanted.slice(1));
    }
  }

  /** Whether the entry counts, or something in it may. */
  #look({ path: within, wanted, verdict, excluded }: Folder, entry: Dirent, links: string[]): boolean {
    const path = within === '' ? entry.name : `${within}/${entry.name}`;
    if (wanted[0]?.(entry.name) === false || entry.name === '.git' || this.silent.has(path)) return false;
    if (entry.isDirectory()) {
      const inner = this.ignore.folder(path, verdict);
      const left = excluded && {
        ...excluded,
        verdict: excluded.rules.folder(posix.relative(excluded.base, path), excluded.verdict),
      };
      if (left?.verdict.mayHoldMore === false) return false;
      this.#enter({ path, wanted: wanted.slice(1), verdict: inner, excluded: left });
      return inner.mayHoldMore;
    }
    if (this.ignore.isIgnored(path, verdict)) return false;
    if (excluded?.rules.isIgnored(posix.relative(excluded.base, path), excluded.verdict)) return false;
    if (entry.isSymbolicLink()) links.push(path);
    else if (entry.isFile() && wanted.length <= 1) this.files.set(path, path);
    return entry.isFile() || entry.isSymbolicLink();
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
