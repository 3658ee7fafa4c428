import { readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { ShipshapeError, messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { ConfigFile, ConfigFinder } from '../core/ports';
import { errorCode } from './boundedRead';
import { isIgnored, rulesBelow, rulesWithin } from './ignoreRules';
import type { IgnoreRules } from './ignoreRules';

export interface FileConfigFinderOptions {
  readonly logger: Logger;
  /** Levels of folders below a given one that are looked at; 8 unless told. */
  readonly maxDepth?: number;
  /** Folders that one search looks at; 20,000 unless told. */
  readonly maxFolders?: number;
}

/** Folders read at the same time: enough to hide the disk's delay, few enough to leave it to others. */
const parallel = 8;
const neverEntered = new Set(['.git', 'node_modules', '.devcontainer']);

/** Finds devcontainer.json files by a walk of its own, which obeys .gitignore and nothing of the editor's. */
export class FileConfigFinder implements ConfigFinder {
  readonly #logger: Logger;
  readonly #maxDepth: number;
  readonly #maxFolders: number;

  constructor(options: FileConfigFinderOptions) {
    this.#logger = options.logger;
    this.#maxDepth = options.maxDepth ?? 8;
    this.#maxFolders = options.maxFolders ?? 20_000;
  }

  async find(folders: readonly string[], signal?: AbortSignal): Promise<ConfigFile[]> {
    const walk = new Walk(this.#logger, this.#maxDepth, this.#maxFolders, signal);
    return walk.run(folders);
  }
}

interface Stop {
  readonly folder: string;
  readonly depth: number;
  readonly rules: IgnoreRules | undefined;
}

/** One search: a queue of folders, worked off by a few workers. */
class Walk {
  readonly #found = new Map<string, ConfigFile>();
  readonly #seen = new Set<string>();
  readonly #queue: Stop[] = [];
  #next = 0;
  #cutShort = false;

  constructor(
    private readonly logger: Logger,
    private readonly maxDepth: number,
    private readonly maxFolders: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async run(folders: readonly string[]): Promise<ConfigFile[]> {
    for (const folder of folders) this.#enqueue({ folder, depth: 0, rules: undefined });
    while (this.#next < this.#queue.length) {
      if (this.signal?.aborted) throw new ShipshapeError('cancelled', 'The search was cancelled.');
      const batch = this.#queue.slice(this.#next, this.#next + parallel);
      this.#next += batch.length;
      await Promise.all(batch.map((stop) => this.#visit(stop)));
    }
    if (this.#cutShort) {
      this.logger.warn(`The search for configurations stopped after ${this.maxFolders} folders.`);
    }
    return [...this.#found.values()].sort(byFolderThenFile);
  }

  #enqueue(stop: Stop): void {
    if (this.#seen.has(stop.folder)) return;
    if (this.#seen.size >= this.maxFolders) {
      this.#cutShort = true;
      return;
    }
    this.#seen.add(stop.folder);
    this.#queue.push(stop);
  }

  async #visit({ folder, depth, rules: outer }: Stop): Promise<void> {
    const entries = await this.#read(folder);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    const has = { gitignore: byName.has('.gitignore'), git: byName.get('.git')?.isDirectory() === true };
    const rules = await rulesWithin(folder, has, outer);
    await this.#collect(folder, byName, depth === 0 ? undefined : rules, depth === 0);
    for (const entry of entries) {
      if (!entry.isDirectory() || neverEntered.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (depth === this.maxDepth || isIgnored(rules, path, true)) continue;
      this.#enqueue({ folder: path, depth: depth + 1, rules: rulesBelow(rules, path) });
    }
  }

  /** Looks at the three places of one project folder; a given folder's own count even behind a link. */
  async #collect(
    folder: string,
    byName: ReadonlyMap<string, Dirent>,
    rules: IgnoreRules | undefined,
    given: boolean,
  ): Promise<void> {
    const add = (path: string, entry: Dirent | undefined): void => {
      // A folder in the file's place counts too: reading it says what is wrong, leaving it out would not.
      if (!entry || isIgnored(rules, path, entry.isDirectory())) return;
      this.#found.set(path, { workspaceFolder: folder, configFile: path });
    };
    add(join(folder, '.devcontainer.json'), byName.get('.devcontainer.json'));
    const inner = byName.get('.devcontainer');
    const path = join(folder, '.devcontainer');
    if (!inner || !(inner.isDirectory() || (given && inner.isSymbolicLink()))) return;
    if (isIgnored(rules, path, true)) return;
    const entries = await this.#read(path);
    for (const entry of entries) {
      const below = join(path, entry.name);
      if (entry.name === 'devcontainer.json') add(below, entry);
      if (!entry.isDirectory() || isIgnored(rules, below, true)) continue;
      const files = await this.#read(below);
      add(
        join(below, 'devcontainer.json'),
        files.find((file) => file.name === 'devcontainer.json'),
      );
    }
  }

  async #read(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.logger.debug(`${folder} was left out: ${messageOf(error)}`);
      return [];
    }
  }
}

function byFolderThenFile(a: ConfigFile, b: ConfigFile): number {
  return compare(a.workspaceFolder, b.workspaceFolder) || compare(a.configFile, b.configFile);
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
