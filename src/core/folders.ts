import { Emitter } from '../common/event';
import { SingleFlight } from '../common/scheduling';
import type { Disposable } from '../api';
import type { Engines } from './engines';
import { isOnThisMachine } from './identity';
import type { DevContainerFacts } from './snapshot';

/** Looks at folders of this machine. */
export interface FolderLook {
  /** Undefined where that cannot be said: a path of another kind of machine, or one that may not be looked at. */
  exists(folder: string): Promise<boolean | undefined>;
}

/**
 * Which folders of dev containers are not on this machine. Labels name them, and anybody can write labels: a folder is
 * looked at once, and again when somebody asks, and one at a time, since a look at a dead network folder hangs.
 */
export class Folders implements Disposable {
  /** By folder; undefined while nobody has looked, or knows. */
  readonly #exists = new Map<string, boolean | undefined>();
  readonly #changed = new Emitter<void>();
  readonly #looking = new SingleFlight<void>();
  #unseen = new Set<string>();

  constructor(private readonly look: FolderLook) {}

  readonly onDidChange = this.#changed.event;

  isMissing(folder: string): boolean {
    return this.#exists.get(folder) === false;
  }

  /** Replaces the folders that matter; those that are new are looked at. */
  want(folders: readonly string[]): void {
    const wanted = new Set(folders);
    for (const folder of this.#exists.keys()) if (!wanted.has(folder)) this.#exists.delete(folder);
    for (const folder of this.#unseen) if (!wanted.has(folder)) this.#unseen.delete(folder);
    for (const folder of wanted) {
      if (this.#exists.has(folder)) continue;
      this.#exists.set(folder, undefined);
      this.#unseen.add(folder);
    }
    if (this.#unseen.size > 0) void this.#looking.run(() => this.#lookAtUnseen());
  }

  /** Looks at all of them again. */
  async check(): Promise<void> {
    this.#unseen = new Set(this.#exists.keys());
    while (this.#unseen.size > 0) await this.#looking.run(() => this.#lookAtUnseen());
  }

  dispose(): void {
    this.#unseen.clear();
    this.#changed.dispose();
  }

  async #lookAtUnseen(): Promise<void> {
    let isNews = false;
    for (const folder of this.#unseen) {
      this.#unseen.delete(folder);
      const exists = await this.look.exists(folder);
      if (!this.#exists.has(folder)) continue;
      isNews ||= (exists === false) !== this.isMissing(folder);
      this.#exists.set(folder, exists);
    }
    if (isNews) this.#changed.fire();
  }
}

/** Those that are not open here, of engines on this machine: what other machines have, nobody knows here. */
export function foldersElsewhere(
  devContainers: readonly Pick<DevContainerFacts, 'onDisk' | 'engine' | 'workspaceFolder'>[],
  engines: Pick<Engines, 'find'>,
): string[] {
  const isLocal = (key: string): boolean => isOnThisMachine(engines.find(key)?.engine.endpoint ?? '');
  return devContainers
    .filter(({ onDisk, engine }) => !onDisk && isLocal(engine))
    .map(({ workspaceFolder }) => workspaceFolder);
}
