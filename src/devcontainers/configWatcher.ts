import { dirname, join, relative } from 'node:path';
import type { watch as chokidarWatch } from 'chokidar';
import type { Disposable } from '../api';
import { messageOf } from '../common/errors';
import { Emitter } from '../common/event';
import { isRecord } from '../common/record';
import type { Logger } from '../common/logger';
import { every, Gate, hostTimers } from '../common/scheduling';
import type { Timers } from '../common/scheduling';
import type { ConfigWatcher } from '../core/ports';
import { errorCode } from './boundedRead';
import { folderStampOf, noFile, stampOf } from './fileStamp';
import type { FileStamp } from './fileStamp';
import { NewConfigs } from './newConfigs';
import { QuietMounts } from './quietMounts';
import { filesBelow, givenAt, isConfigPlace, matters, planWatches, realPathsOf } from './watchPlan';
import type { WatchedFolder, WatchPlan } from './watchPlan';

export interface FileConfigWatcherOptions {
  readonly logger: Logger;
  readonly timers?: Timers;
  /** Milliseconds between two looks at each file while watching works; 30,000 unless told. */
  readonly safetyNetMs?: number;
  /** The same while watching does not work, and where others' changes have no event; 5,000 unless told. */
  readonly pollingMs?: number;
  /** Looks only, as at the system's limit of watches. */
  readonly polling?: boolean;
  /** Where changes made elsewhere have no event; watchers that share it say so once. */
  readonly mounts?: QuietMounts;
  /** Tells of each path once it is watched: for those who read before they asked to watch. */
  readonly tellsAdded?: boolean;
}

/** Events of one save come in a burst: this many milliseconds gather it. */
const gatherMs = 25;

/** Watches configurations with chokidar, and looks at each from time to time in case that is deaf. */
export class FileConfigWatcher implements ConfigWatcher {
  readonly #changed = new Emitter<string>((error) => this.#options.logger.error(messageOf(error)));
  readonly #foundNew = new Emitter<string>((error) => this.#options.logger.error(messageOf(error)));
  readonly #failed = new Emitter<string>((error) => this.#options.logger.error(messageOf(error)));
  readonly onDidChange = this.#changed.event;
  readonly onDidFindNew = this.#foundNew.event;
  readonly onDidFail = this.#failed.event;

  readonly #options: FileConfigWatcherOptions;
  readonly #timers: Timers;
  readonly #stamps = new Map<string, FileStamp>();
  readonly #gathering = new Map<string, Disposable>();
  readonly #watchers = new Map<string, OpenWatcher>();
  readonly #newConfigs = new NewConfigs(
    (path) => this.#stamps.has(path) || this.#disposed,
    (path) => this.#foundNew.fire(path),
  );
  #projects: readonly string[] = [];
  #folders: readonly string[] = [];
  #plan: WatchPlan | undefined;
  #polling: boolean;
  #disposed = false;
  #placed: Promise<void> = Promise.resolve();
  /** The stamps of all that was asked for so far. */
  #stamped: Promise<void> = Promise.resolve();
  /** What the next run of `#place` adds; undefined while none waits. */
  #toAdd: Set<string> | undefined;
  #net: Disposable;
  readonly #mounts: QuietMounts;
  /** What lies on mounts where others' changes have no event, and looks at it while there is any. */
  #quiet: ReadonlySet<string> = new Set();
  #quietNet: Disposable | undefined;

  constructor(options: FileConfigWatcherOptions) {
    this.#options = options;
    this.#timers = options.timers ?? hostTimers;
    this.#polling = options.polling ?? false;
    this.#mounts = options.mounts ?? new QuietMounts(options.logger);
    this.#net = this.#startNet();
  }

  watch(files: readonly string[], folders: readonly string[] = []): Promise<void> {
    this.#folders = folders;
    const all = [...files, ...folders];
    const wanted = new Set(all);
    for (const file of this.#stamps.keys()) if (!wanted.has(file)) this.#forget(file);
    const added = all.filter((file) => !this.#stamps.has(file));
    for (const file of added) {
      this.#stamps.set(file, noFile);
      this.#newConfigs.gone(file);
    }
    // At once: watching may begin seconds later, and what is read until then must be older than the stamp.
    const stamped = Promise.all(added.map((file) => this.#stamp(file))).then(() => undefined);
    this.#stamped = this.#stamped.then(() => stamped);
    this.#place(added);
    return stamped;
  }

  watchFolders(folders: readonly string[]): void {
    this.#projects = [...folders];
    this.#place([]);
  }

  /** Resolves once all that was asked for so far is watched. */
  async ready(): Promise<void> {
    await this.#placed;
    await Promise.all([...this.#watchers.values()].map(({ ready }) => ready));
  }

  /** Looks at every file now; for the moments when a change is likely to have been missed. */
  async check(): Promise<void> {
    this.#place([]);
    await this.#checkFiles([...this.#stamps.keys()]);
    await this.#newConfigs.check(this.#projects);
  }

  dispose(): void {
    this.#disposed = true;
    this.#net.dispose();
    this.#quietNet?.dispose();
    for (const timer of this.#gathering.values()) timer.dispose();
    this.#gathering.clear();
    this.#closeWatchers();
    for (const emitter of [this.#changed, this.#foundNew, this.#failed]) emitter.dispose();
  }

  #startNet(): Disposable {
    const { safetyNetMs = 30_000, pollingMs = 5_000 } = this.#options;
    return every(this.#timers, this.#polling ? pollingMs : safetyNetMs, () => this.check());
  }

  #forget(file: string): void {
    this.#stamps.delete(file);
    this.#gathering.get(file)?.dispose();
    this.#gathering.delete(file);
  }

  /** Brings the watchers in line with what is wanted, one run after the other; those that wait are one. */
  #place(paths: readonly string[]): void {
    if (this.#toAdd) {
      for (const path of paths) this.#toAdd.add(path);
      return;
    }
    const added = (this.#toAdd = new Set(paths));
    this.#placed = this.#placed.then(async () => {
      this.#toAdd = undefined;
      // The stamp comes before the watcher, so that no change falls between the two.
      await this.#stamped;
      const plan = await planWatches([...this.#stamps.keys()], this.#projects, this.#folders);
      const quiet = await this.#mounts.under(realPathsOf(plan));
      // Loaded when there is something to watch, not when the extension is.
      const { watch } = await import('chokidar');
      if (this.#disposed) return;
      this.#plan = plan;
      await this.#lookAt(new Set(givenAt(plan, quiet)));
      if (!this.#polling) this.#replaceWatchers(plan, watch);
      if (this.#options.tellsAdded && added.size > 0) void this.#tellOnceWatched(added);
    });
  }

  /** Looks at these now and then, besides listening. */
  async #lookAt(quiet: ReadonlySet<string>): Promise<void> {
    const added = this.#folders.filter((folder) => quiet.has(folder) && !this.#quiet.has(folder));
    this.#quiet = quiet;
    // Until now of another kind.
    for (const folder of added) {
      const stamp = await folderStampOf(folder);
      if (this.#stamps.has(folder)) this.#stamps.set(folder, stamp);
    }
    if (quiet.size === 0) {
      this.#quietNet?.dispose();
      this.#quietNet = undefined;
    } else if (!this.#disposed)
      this.#quietNet ??= every(this.#timers, this.#options.pollingMs ?? 5_000, async () => {
        await this.#checkFiles([...this.#quiet]);
        await this.#newConfigs.check(this.#projects.filter((project) => this.#quiet.has(project)));
      });
  }

  /** Where no event tells of them, changes in a folder's files must be looked for. */
  #stampOf(path: string): Promise<FileStamp> {
    const isAlone = this.#polling || this.#quiet.has(path);
    return isAlone && this.#folders.includes(path) ? folderStampOf(path) : stampOf(path);
  }

  async #stamp(file: string): Promise<void> {
    const stamp = await this.#stampOf(file);
    if (this.#stamps.get(file) === noFile) this.#stamps.set(file, stamp);
  }

  async #tellOnceWatched(paths: ReadonlySet<string>): Promise<void> {
    await Promise.all([...this.#watchers.values()].map(({ ready }) => ready));
    for (const path of paths) if (this.#stamps.has(path) && !this.#disposed) this.#touch(path);
  }

  #replaceWatchers(plan: WatchPlan, watch: typeof chokidarWatch): void {
    for (const [key, open] of this.#watchers) {
      if (plan.folders.get(key)?.signature === open.signature) continue;
      this.#watchers.delete(key);
      open.close();
    }
    for (const [key, watched] of plan.folders) {
      if (!this.#watchers.has(key)) this.#watchers.set(key, this.#open(watch, watched));
    }
  }

  #open(watch: typeof chokidarWatch, watched: WatchedFolder & { readonly signature: string }): OpenWatcher {
    const watcher = watch(watched.folder, {
      ignored: (path, stats) => !matters(watched, path, stats),
      ignoreInitial: true,
      depth: watched.depth,
      followSymlinks: false,
      // Chokidar would hold an unlink back for 100 ms; one event too many costs less.
      atomic: false,
    });
    watcher.on('all', (event, path) => this.#onEvent(event, path));
    watcher.on('raw', (event, name, details) => this.#onRawEvent(event, name, details));
    watcher.on('error', (error) => this.#onError(error));
    const looked = new Gate();
    watcher.once('ready', () => looked.open());
    const close = (): void => {
      void watcher.close();
      // One that is closed is never ready; nobody must wait for it.
      looked.open();
    };
    // What changed while chokidar looked around for the first time has had no event.
    const ready = looked.opened.then(() => this.#checkFiles(filesBelow(this.#plan, watched.folder)));
    return { signature: watched.signature, ready, close };
  }

  #onEvent(event: string, realPath: string): void {
    for (const file of filesBelow(this.#plan, realPath)) this.#touch(file);
    const folders = this.#plan?.foldersByRealPath;
    const folder = folders?.get(dirname(realPath)) ?? folders?.get(realPath);
    if (folder !== undefined) this.#touch(folder);
    for (const [real, project] of this.#plan?.projectsByRealPath ?? []) {
      if (!isConfigPlace(real, realPath)) continue;
      const path = join(project, relative(real, realPath));
      if (event === 'add') this.#newConfigs.found(path);
      else if (event === 'unlink') this.#newConfigs.gone(path);
    }
  }

  /** Of a folder that takes a file's place chokidar says nothing else. */
  #onRawEvent(event: string, name: unknown, details: unknown): void {
    const folder = isRecord(details) ? details['watchedPath'] : undefined;
    if (event !== 'rename' || typeof name !== 'string' || typeof folder !== 'string') return;
    for (const file of this.#plan?.filesByRealPath.get(join(folder, name)) ?? []) this.#touch(file);
  }

  /** Fires for the file a moment after its first event; later ones are covered, since whoever listens reads then. */
  #touch(file: string): void {
    if (this.#gathering.has(file)) return;
    const timer = this.#timers.after(gatherMs, () => {
      this.#gathering.delete(file);
      void this.#fire(file);
    });
    this.#gathering.set(file, timer);
  }

  async #fire(file: string): Promise<void> {
    // Taken before the listeners read, so that a change after their reading differs from it.
    const stamp = await this.#stampOf(file);
    const before = this.#stamps.get(file);
    if (!before || this.#disposed) return;
    this.#stamps.set(file, stamp);
    if (stamp.real !== before.real) this.#place([]);
    this.#changed.fire(file);
  }

  async #checkFiles(files: readonly string[]): Promise<void> {
    for (const file of files) {
      const stamp = await this.#stampOf(file);
      const before = this.#stamps.get(file);
      if (before && before.text !== stamp.text) await this.#fire(file);
    }
  }

  #onError(error: unknown): void {
    const code = errorCode(error);
    this.#options.logger.debug(`Watching: ${messageOf(error)}`);
    if ((code !== 'ENOSPC' && code !== 'EMFILE' && code !== 'ENFILE') || this.#polling) return;
    this.#polling = true;
    this.#closeWatchers();
    this.#net.dispose();
    this.#net = this.#startNet();
    const seconds = (this.#options.pollingMs ?? 5_000) / 1000;
    this.#failed.fire(
      `The system's limit of watched files is reached (${code}); configurations are looked at every ${seconds} s instead.`,
    );
  }

  #closeWatchers(): void {
    const watchers = [...this.#watchers.values()];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.close();
  }
}

/** The watcher of one folder. */
interface OpenWatcher {
  /** Of the plan it was opened for. */
  readonly signature: string;
  /** Settles once it is live, or closed. */
  readonly ready: Promise<void>;
  close(): void;
}
