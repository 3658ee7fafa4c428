import type { BaseImage } from '../../src/core/imagePorts';
import type { Disposable } from '../../src/api';
import { Emitter } from '../../src/common/event';
import type {
  ConfigFile,
  ConfigFinder,
  ConfigReader,
  ConfigReading,
  ConfigWatcher,
  InputReader,
  InputReading,
  InputRequest,
  InputSet,
  RecordStore,
} from '../../src/core/ports';

/** Configurations held in memory, and their finder, reader and watcher: for chosen moments of each. */
export class FakeDisk implements ConfigFinder, ConfigReader, ConfigWatcher {
  readonly files = new Map<string, ConfigReading>();
  readonly reads: string[] = [];
  readonly finds: (readonly string[])[] = [];
  watched: readonly string[] = [];
  /** Set to hold walks back until it settles; what they answer was true when they were asked. */
  holdFinds: Promise<void> | undefined;
  /** The same for reads. */
  holdReads: Promise<void> | undefined;
  readonly #change = new Emitter<string>();
  readonly #new = new Emitter<string>();
  readonly #fail = new Emitter<string>();
  readonly onDidChange = this.#change.event;
  readonly onDidFindNew = this.#new.event;
  readonly onDidFail = this.#fail.event;

  async find(folders: readonly string[]): Promise<ConfigFile[]> {
    this.finds.push(folders);
    const found = folders.flatMap((workspaceFolder) =>
      [...this.files]
        .filter(([file, { status }]) => status !== 'missing' && file.startsWith(`${workspaceFolder}/`))
        .map(([configFile]) => ({ workspaceFolder, configFile })),
    );
    await this.holdFinds;
    return found;
  }

  async read(configFile: string): Promise<ConfigReading> {
    this.reads.push(configFile);
    const reading = this.files.get(configFile) ?? { status: 'missing' };
    await this.holdReads;
    return reading;
  }

  placesIn(text: string): (propertyPath: readonly string[]) => { line: number } | undefined {
    return (propertyPath) => {
      const at = text.split('\n').findIndex((line) => line.includes(`"${propertyPath.at(-1) ?? ''}":`));
      return at < 0 ? undefined : { line: at + 1 };
    };
  }

  watch(configFiles: readonly string[]): Promise<void> {
    this.watched = configFiles;
    return Promise.resolve();
  }

  watchFolders(): void {
    // The folders are those of `find`.
  }

  dispose(): void {
    for (const emitter of [this.#change, this.#new, this.#fail]) emitter.dispose();
  }

  /** Puts a file there without anyone noticing. */
  put(
    file: string,
    value: Record<string, unknown>,
    modifiedAt = 0,
  ): Extract<ConfigReading, { status: 'ok' }> {
    const reading = { status: 'ok', text: JSON.stringify(value, undefined, 2), value, modifiedAt } as const;
    this.files.set(file, reading);
    return reading;
  }

  /** The watcher says that the file is different. */
  touch(file: string): void {
    this.#change.fire(file);
  }

  /** The watcher has seen a file that it does not know. */
  appear(file: string): void {
    this.#new.fire(file);
  }

  failToWatch(why: string): void {
    this.#fail.fire(why);
  }
}

/** Inputs held in memory, by configuration. */
export class FakeInputs implements InputReader {
  readonly sets = new Map<string, InputSet>();
  readonly requests: InputRequest[] = [];
  /** The images that every dev container is made on. */
  bases: readonly BaseImage[] = [];
  /** Set to hold readings back until it settles; what they answer was true when they were asked. */
  hold: Promise<void> | undefined;

  async read(request: InputRequest): Promise<InputSet> {
    this.requests.push(request);
    const set = this.sets.get(request.configFile) ?? { readings: [], files: [], folders: [] };
    await this.hold;
    return this.bases.length === 0 ? set : { ...set, bases: this.bases };
  }

  /** The configuration has these inputs from now on; each file of them is one to watch. */
  put(configFile: string, ...readings: InputReading[]): void {
    this.sets.set(configFile, { readings, files: readings.flatMap(({ file }) => file ?? []), folders: [] });
  }
}

/** Records held in memory. */
export class FakeRecords implements RecordStore {
  readonly values = new Map<string, unknown>();
  failure: Error | undefined;
  /** The keys that were asked for one by one, and `*` for all of them. */
  readonly reads: string[] = [];
  readonly #listeners = new Set<(key?: string) => void>();

  readAll(): Promise<Map<string, unknown>> {
    this.reads.push('*');
    return Promise.resolve(structuredClone(this.values));
  }

  read(key: string): Promise<unknown> {
    this.reads.push(key);
    return Promise.resolve(structuredClone(this.values.get(key)));
  }

  write(key: string, value: unknown): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    this.values.set(key, structuredClone(value));
    return Promise.resolve();
  }

  async create(key: string, value: unknown): Promise<boolean> {
    if (this.values.has(key)) return false;
    await this.write(key, value);
    return true;
  }

  remove(key: string): Promise<void> {
    this.values.delete(key);
    return Promise.resolve();
  }

  watch(onChange: (key?: string) => void): Disposable {
    this.#listeners.add(onChange);
    return { dispose: () => this.#listeners.delete(onChange) };
  }

  /** Tells everybody that a value may have changed; without a key, any. */
  touch(key?: string): void {
    for (const listener of this.#listeners) listener(key);
  }
}
