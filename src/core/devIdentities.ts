import type { Adopted } from './composeContainers';
import type { Configs } from './configs';
import type { EngineRows } from './engineRows';
import { comparable, configKey, keyOf, type DevIdentity } from './identity';
import { assignNames, type Named } from './names';
import type { ConfigFile, ContainerFacts } from './ports';

/** On which engine the user wants each configuration that has no container; outlives the window. */
export interface Placements {
  get(config: string): string | undefined;
  set(config: string, engine: string): void;
}

/** Which dev containers there are: those that containers claim to be, were seen to be, or that lie on disk. */
export class DevIdentities {
  readonly #seen = new Map<string, DevIdentity>();
  /** Configurations on disk that are to be created where they were not seen yet. */
  readonly #placed = new Map<string, DevIdentity>();
  #names: ReadonlyMap<string, string> = new Map();
  #byFolder: { readonly of: readonly ConfigFile[]; readonly found: Map<string, ConfigFile[]> } | undefined;

  constructor(
    private readonly configs: Pick<Configs, 'found'>,
    private readonly placements: Placements,
  ) {}

  /** Every one, by key; those without a configuration in the workspace are not `onDisk`. */
  all(engines: readonly string[]): Map<string, { identity: DevIdentity; onDisk: boolean }> {
    const all = new Map<string, { identity: DevIdentity; onDisk: boolean }>();
    for (const [key, identity] of this.#seen) all.set(key, { identity, onDisk: false });
    for (const identity of this.#onDisk(engines)) all.set(keyOf(identity), { identity, onDisk: true });
    return all;
  }

  /** From now on the configuration stands on this engine too, where it may have no container yet. */
  place(identity: DevIdentity): void {
    const config = configKey(identity);
    const isOnDisk = this.configs.found.some((found) => configKey(found) === config);
    (isOnDisk ? this.#placed : this.#seen).set(keyOf(identity), identity);
    this.placements.set(config, identity.engine);
  }

  /** The engine that the user chose for a configuration, if ever. */
  placeOf(identity: DevIdentity): string | undefined {
    return this.placements.get(configKey(identity));
  }

  /** The engine's dev containers, all of one identity together in `byKey`; remembers each identity as seen. */
  collect(rows: EngineRows, byKey: Map<string, ContainerFacts[]>): void {
    for (const entry of rows.claiming) {
      const identity = this.#complete(entry.claim);
      const key = keyOf(identity);
      // Before the walk found its configuration it may have been seen without.
      const before = identity === entry.claim ? key : keyOf(entry.claim);
      if (before !== key && this.#seen.has(before)) this.forget((other) => other === before);
      this.#seen.set(key, identity);
      rows.setKey(entry, key);
      const same = byKey.get(key);
      if (same) same.push(entry.facts);
      else byKey.set(key, [entry.facts]);
    }
  }

  /** Another one of the engine's dev containers, which its labels do not claim to be. */
  collectAdopted({ identity, facts }: Adopted, byKey: Map<string, ContainerFacts[]>): void {
    this.#seen.set(keyOf(identity), identity);
    byKey.set(keyOf(identity), [facts]);
  }

  /** Forgets that it has seen these, and gives their names back. */
  forget(isGone: (key: string) => boolean): void {
    for (const key of [...this.#seen.keys(), ...this.#placed.keys()]) if (isGone(key)) this.drop(key);
    if ([...this.#names.keys()].some(isGone)) {
      this.#names = new Map([...this.#names].filter(([key]) => !isGone(key)));
    }
  }

  /** It is not seen any more, and keeps its name in case it comes back. */
  drop(key: string): void {
    this.#seen.delete(key);
    this.#placed.delete(key);
  }

  /** The name of each, the same as before where it had one. */
  name(items: readonly Named[]): ReadonlyMap<string, string> {
    this.#names = assignNames(items, this.#names);
    return this.#names;
  }

  /** Containers of old tools name no configuration: with only one in the folder, it is that one. */
  #complete(identity: DevIdentity): DevIdentity {
    if (identity.configFile !== undefined) return identity;
    const [only, another] = this.#foundIn(comparable(identity.workspaceFolder));
    return only && !another ? { ...identity, configFile: only.configFile } : identity;
  }

  #foundIn(folder: string): readonly ConfigFile[] {
    const of = this.configs.found;
    if (this.#byFolder?.of !== of) {
      const found = new Map<string, ConfigFile[]>();
      for (const config of of) {
        const key = comparable(config.workspaceFolder);
        found.set(key, [...(found.get(key) ?? []), config]);
      }
      this.#byFolder = { of, found };
    }
    return this.#byFolder.found.get(folder) ?? [];
  }

  /**
   * Configurations on disk belong to the engines that their containers were seen on; without any, to the one that
   * the user chose for them, else to the first.
   */
  #onDisk(engines: readonly string[]): DevIdentity[] {
    const [first] = engines;
    if (first === undefined) return [];
    const seen = new Map<string, DevIdentity[]>();
    for (const identity of new Map([...this.#seen, ...this.#placed]).values()) {
      const config = configKey(identity);
      const same = seen.get(config);
      if (same) same.push(identity);
      else seen.set(config, [identity]);
    }
    return this.configs.found.flatMap((config) => {
      const anywhere = configKey(config);
      const chosen = this.placements.get(anywhere);
      const engine = chosen !== undefined && engines.includes(chosen) ? chosen : first;
      return seen.get(anywhere) ?? [{ ...config, engine }];
    });
  }
}
