import type { Disposable } from '../api';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { DisposableStore } from '../common/disposable';
import type { Logger } from '../common/logger';
import { Gate, Quiet, SingleFlight, type Timers } from '../common/scheduling';
import { comparable } from './identity';
import type { ConfigFile, ConfigFinder, ConfigReader, ConfigReading, ConfigWatcher } from './ports';

/** A file that looks broken or gone is looked at again after this time: editors write in steps. */
const SECOND_LOOK_MS = 400;
/** Walks wait until the folders have been quiet for this long. */
const WALK_QUIET_MS = 200;

/**
 * Every configuration we know of, with what its file says now. Sole owner of that; the finder, the watcher and
 * the reader only report to it.
 */
export class Configs implements Disposable {
  readonly #readings = new Map<string, ConfigReading>();
  readonly #secondLooks = new Map<string, Disposable>();
  readonly #inFlight = new Map<string, Promise<ConfigReading>>();
  readonly #changed = new Emitter<void>();
  readonly #parts = new DisposableStore();
  readonly #walk = new SingleFlight<void>();
  readonly #walkSoon: Quiet;
  readonly #walked = new Gate();
  #folders: readonly string[] = [];
  #found: readonly ConfigFile[] = [];
  /** Configurations that containers name and that we may read. */
  #named: ReadonlySet<string> = new Set();
  #rewalk = false;

  constructor(
    private readonly finder: ConfigFinder,
    private readonly reader: ConfigReader,
    private readonly watcher: ConfigWatcher,
    private readonly timers: Timers,
    private readonly logger: Logger,
  ) {
    this.#walkSoon = this.#parts.add(new Quiet(timers, WALK_QUIET_MS, () => void this.walk()));
    this.#parts.add(watcher.onDidChange((file) => void this.#look(file)));
    this.#parts.add(watcher.onDidFindNew(() => this.#walkSoon.ask()));
    this.#parts.add(watcher.onDidFail((why) => logger.warn(`Watching configurations: ${why}`)));
  }

  /** The configurations, or what one of them says, are different now. */
  readonly onDidChange = this.#changed.event;

  /** Settles once the folders were walked for the first time. */
  get ready(): Promise<void> {
    return this.#walked.opened;
  }

  /** Configurations that lie on disk in the workspace's folders. */
  get found(): readonly ConfigFile[] {
    return this.#found;
  }

  /** Every configuration that is watched, found or named by a container. */
  get files(): readonly string[] {
    const files = new Map(
      [...this.#found.map((config) => config.configFile), ...this.#named].map((f) => [comparable(f), f]),
    );
    return [...files.values()];
  }

  /** What the file says; undefined until it has been read for the first time. */
  reading(configFile: string): ConfigReading | undefined {
    return this.#readings.get(comparable(configFile));
  }

  /** Sets the workspace's folders and walks them. */
  setFolders(folders: readonly string[]): Promise<void> {
    this.#folders = folders;
    this.watcher.watchFolders(folders);
    return this.walk();
  }

  /** Adds configurations that lie elsewhere and that containers of known folders were made from. */
  setNamed(configFiles: readonly string[]): void {
    const named = new Set(configFiles);
    if (equal([...named], [...this.#named])) return;
    this.#named = named;
    void this.#readAll();
  }

  /** Walks the folders for configurations; one that is asked for during a walk follows it. */
  async walk(): Promise<void> {
    this.#rewalk = true;
    while (this.#rewalk) {
      await this.#walk.run(async () => {
        this.#rewalk = false;
        this.#found = await this.finder.find(this.#folders);
        await this.#readAll();
        this.#walked.open();
        this.#changed.fire();
      });
    }
  }

  /** Reads the file now, whatever we know of it, and takes over what it says. */
  async read(configFile: string): Promise<ConfigReading> {
    const reading = await this.#readOnce(configFile);
    this.#take(configFile, reading);
    return reading;
  }

  /** Looks at all files again: the window has the focus back, or someone asked. */
  async check(): Promise<void> {
    await Promise.all(this.files.map((file) => this.#look(file)));
  }

  dispose(): void {
    this.#parts.dispose();
    for (const look of this.#secondLooks.values()) look.dispose();
    this.#changed.dispose();
  }

  async #readAll(): Promise<void> {
    const files = this.files;
    const willBeTold = this.watcher.watch(files);
    const wanted = new Set(files.map(comparable));
    for (const file of this.#readings.keys()) if (!wanted.has(file)) this.#readings.delete(file);
    await willBeTold;
    await Promise.all(files.filter((file) => !this.reading(file)).map((file) => this.#look(file)));
  }

  async #look(configFile: string): Promise<void> {
    const reading = await this.#readOnce(configFile);
    if (reading.status === 'ok' || !this.reading(configFile)) this.#take(configFile, reading);
    else this.#lookAgain(configFile);
  }

  /** Only what is broken or gone twice is so: an atomic save has a moment without the file. */
  #lookAgain(configFile: string): void {
    const key = comparable(configFile);
    this.#secondLooks.get(key)?.dispose();
    const look = this.timers.after(SECOND_LOOK_MS, () => {
      this.#secondLooks.delete(key);
      void this.read(configFile);
    });
    this.#secondLooks.set(key, look);
  }

  #readOnce(configFile: string): Promise<ConfigReading> {
    const key = comparable(configFile);
    const running = this.#inFlight.get(key);
    // A read in flight may have begun before the change that we are asked about.
    const reading = (running ?? Promise.resolve()).then(() => this.reader.read(configFile));
    this.#inFlight.set(key, reading);
    const forget = (): void => {
      if (this.#inFlight.get(key) === reading) this.#inFlight.delete(key);
    };
    void reading.then(forget, forget);
    return reading;
  }

  #take(configFile: string, reading: ConfigReading): void {
    const key = comparable(configFile);
    this.#secondLooks.get(key)?.dispose();
    this.#secondLooks.delete(key);
    const known = this.#readings.get(key);
    if (known && equal(known, reading)) return;
    this.#readings.set(key, reading);
    if (reading.status === 'missing') this.#walkSoon.ask();
    this.logger.debug(`${configFile}: ${reading.status}`);
    this.#changed.fire();
  }
}
