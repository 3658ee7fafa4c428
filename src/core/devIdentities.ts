import type { Configs } from './configs';
import type { EngineRows } from './engineRows';
import { comparable, keyOf, type DevIdentity } from './identity';
import { assignNames, type Named } from './names';
import type { ConfigFile, ContainerFacts } from './ports';

/** Which dev containers there are: those that containers claim to be, were seen to be, or that lie on disk. */
export class DevIdentities {
  readonly #seen = new Map<string, DevIdentity>();
  #names: ReadonlyMap<string, string> = new Map();
  #byFolder: { readonly of: readonly ConfigFile[]; readonly found: Map<string, ConfigFile[]> } | undefined;

  constructor(private readonly configs: Pick<Configs, 'found'>) {}

  /** Every one, by key; those without a configuration in the workspace are not `onDisk`. */
  all(firstEngine: string | undefined): Map<string, { identity: DevIdentity; onDisk: boolean }> {
    const all = new Map<string, { identity: DevIdentity; onDisk: boolean }>();
    for (const [key, identity] of this.#seen) all.set(key, { identity, onDisk: false });
    for (const identity of this.#onDisk(firstEngine)) all.set(keyOf(identity), { identity, onDisk: true });
    return all;
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

  /** Forgets that it has seen these, and gives their names back. */
  forget(isGone: (key: string) => boolean): void {
    for (const key of this.#seen.keys()) if (isGone(key)) this.#seen.delete(key);
    if ([...this.#names.keys()].some(isGone)) {
      this.#names = new Map([...this.#names].filter(([key]) => !isGone(key)));
    }
  }

  /** It is not seen any more, and keeps its name in case it comes back. */
  drop(key: string): void {
    this.#seen.delete(key);
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

  /** Configurations on disk belong to the first engine, until a container of theirs is seen on another. */
  #onDisk(firstEngine: string | undefined): DevIdentity[] {
    if (firstEngine === undefined) return [];
    const seen = new Map<string, DevIdentity[]>();
    for (const [key, identity] of this.#seen) {
      const anywhere = key.slice(identity.engine.length);
      const same = seen.get(anywhere);
      if (same) same.push(identity);
      else seen.set(anywhere, [identity]);
    }
    return this.configs.found.flatMap(
      (config) => seen.get(keyOf({ ...config, engine: '' })) ?? [{ ...config, engine: firstEngine }],
    );
  }
}
