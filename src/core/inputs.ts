import type { Disposable } from '../api';
import { DisposableStore } from '../common/disposable';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { Slots, type Timers } from '../common/scheduling';
import { comparable, isInside } from './identity';
import type { ConfigWatcher, InputReader, InputReading, InputRequest, InputSet } from './ports';

/** What differs is looked at again after this time: editors and git write in steps. */
const SETTLE_MS = 120;
/** A problem that was not there before, such as a missing file, gets more time: an atomic save has a gap. */
const GAP_MS = 400;
/** After so many looks a file that never rests is taken as it is. */
const MAX_LOOKS = 5;
/** Between two readings of one configuration there is a pause of this many times the first one's duration. */
const PAUSE_FACTOR = 5;
const PARALLEL = 4;

/** A configuration whose inputs are wanted, with what it says. */
export type WantedInputs = Omit<InputRequest, 'known'>;

/** One configuration's inputs, and the state of reading them. */
interface Entry {
  wanted: WantedInputs;
  set?: InputSet;
  /** The configuration's value that the set was read for. */
  readFor?: unknown;
  running?: Promise<void>;
  isStale: boolean;
}

/**
 * What the configurations' inputs are now, for those that have a container. Sole owner of that; a set is read when it
 * is wanted first, when the configuration says something else, and when the watcher tells of one of its files.
 */
export class Inputs implements Disposable {
  readonly #entries = new Map<string, Entry>();
  /** Whose inputs the watched paths are. */
  readonly #byPath = new Map<string, Set<Entry>>();
  readonly #changed = new Emitter<void>();
  readonly #parts = new DisposableStore();
  readonly #slots = new Slots(() => PARALLEL);

  constructor(
    private readonly reader: InputReader,
    private readonly watcher: ConfigWatcher,
    /** The inputs that containers of a configuration were made from. */
    private readonly recorded: (configFile: string) => readonly InputReading[],
    private readonly timers: Timers,
  ) {
    this.#parts.add(
      watcher.onDidChange((path) => this.#byPath.get(path)?.forEach((entry) => this.#readSoon(entry))),
    );
  }

  /** The inputs of a configuration are different now, or known for the first time. */
  readonly onDidChange = this.#changed.event;

  /** Undefined until they have been read for the first time. */
  of(configFile: string): InputSet | undefined {
    return this.#entries.get(comparable(configFile))?.set;
  }

  /** Replaces the configurations whose inputs are kept up to date. */
  want(all: readonly WantedInputs[]): void {
    const keys = new Set(all.map(({ configFile }) => comparable(configFile)));
    const gone = [...this.#entries.keys()].filter((key) => !keys.has(key));
    for (const key of gone) this.#entries.delete(key);
    for (const wanted of all) {
      const key = comparable(wanted.configFile);
      const entry = this.#entries.get(key) ?? { wanted, isStale: true };
      this.#entries.set(key, Object.assign(entry, { wanted }));
      if (entry.readFor !== wanted.config) this.#readSoon(entry);
    }
    if (gone.length > 0) this.#watch();
  }

  /** Reads them now, whatever is known; for the moment before a container is made. */
  async read(wanted: WantedInputs): Promise<InputSet> {
    const entry = this.#entries.get(comparable(wanted.configFile));
    const set = await this.reader.read({ ...wanted, known: this.#known(wanted, entry?.set) });
    if (entry?.wanted.config === wanted.config) this.#take(entry, set, wanted.config);
    return set;
  }

  /** A file was saved: it may lie so deep in a folder that it is not watched. */
  touch(path: string): void {
    for (const entry of this.#entries.values()) {
      const readings = entry.set?.readings ?? [];
      if (readings.some(({ file }) => file !== undefined && isInside(path, file))) this.#readSoon(entry);
    }
  }

  /** Reads all of them again where something could have been missed. */
  async check(): Promise<void> {
    for (const entry of this.#entries.values()) this.#readSoon(entry);
    await this.settled();
  }

  /** Settles once everything that is wanted has been read at least once. */
  async settled(): Promise<void> {
    for (const { running } of this.#entries.values()) await running;
  }

  dispose(): void {
    this.#parts.dispose();
    this.#entries.clear();
    this.#changed.dispose();
  }

  /** A reading in flight may have begun before what we are asked about: another follows it. */
  #readSoon(entry: Entry): void {
    entry.isStale = true;
    entry.readFor = entry.wanted.config;
    entry.running ??= this.#readWhileStale(entry).finally(() => {
      delete entry.running;
    });
  }

  async #readWhileStale(entry: Entry): Promise<void> {
    for (;;) {
      const tookMs = await this.#slots.run(() => this.#readSettled(entry));
      if (!this.#isStale(entry)) return;
      // Files that are written all the time must not keep us busy all the time.
      await this.#pause(tookMs * PAUSE_FACTOR);
    }
  }

  /** Takes over what two looks in a row agree on; the first set of all at once. Gives the time spent on reading. */
  async #readSettled(entry: Entry): Promise<number> {
    let last: InputSet | undefined;
    let tookMs = 0;
    for (let look = 1; this.#isWanted(entry); look++) {
      entry.isStale = false;
      const { wanted } = entry;
      const began = this.timers.now();
      const set = await this.reader.read({ ...wanted, known: this.#known(wanted, last, entry.set) });
      tookMs += this.timers.now() - began;
      if (!entry.set || look === MAX_LOOKS || isSame(set, entry.set) || (last && isSame(set, last))) {
        this.#take(entry, set, wanted.config);
        break;
      }
      last = set;
      await this.#pause(hasNewProblem(entry.set, set) ? GAP_MS : SETTLE_MS);
    }
    return tookMs;
  }

  #take(entry: Entry, set: InputSet, config: unknown): void {
    const known = entry.set;
    entry.readFor = config;
    if (known && equal(known, set)) return;
    entry.set = set;
    const arePathsNew = !equal([known?.files, known?.folders], [set.files, set.folders]);
    if (arePathsNew) this.#watch();
    this.#changed.fire();
  }

  #known({ configFile }: WantedInputs, ...sets: readonly (InputSet | undefined)[]): readonly InputReading[] {
    return [...sets.flatMap((set) => set?.readings ?? []), ...this.recorded(configFile)];
  }

  #isStale(entry: Entry): boolean {
    return entry.isStale && this.#isWanted(entry);
  }

  #isWanted(entry: Entry): boolean {
    return this.#entries.get(comparable(entry.wanted.configFile)) === entry;
  }

  #watch(): void {
    this.#byPath.clear();
    const [files, folders] = [new Set<string>(), new Set<string>()];
    for (const entry of this.#entries.values()) {
      for (const file of entry.set?.files ?? []) files.add(file);
      for (const folder of entry.set?.folders ?? []) folders.add(folder);
      for (const path of [...(entry.set?.files ?? []), ...(entry.set?.folders ?? [])]) {
        this.#byPath.set(path, (this.#byPath.get(path) ?? new Set()).add(entry));
      }
    }
    void this.watcher.watch([...files], [...folders]);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.timers.after(ms, resolve));
  }
}

function isSame(a: InputSet, b: InputSet): boolean {
  return equal(a.readings, b.readings);
}

function hasNewProblem(before: InputSet, now: InputSet): boolean {
  const had = before.readings.filter(({ problem }) => problem).length;
  return now.readings.filter(({ problem }) => problem).length > had;
}
