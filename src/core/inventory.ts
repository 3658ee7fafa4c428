import type { DevContainer, Disposable, Event, Snapshot, Target } from '../api';
import { DisposableStore } from '../common/disposable';
import { Emitter } from '../common/event';
import { ShipshapeError } from '../common/errors';
import { Throttle, type Timers } from '../common/scheduling';
import type { Configs } from './configs';
import { CLEAN, type Case, type Drift } from './drift';
import type { Engines } from './engines';
import { comparable, identityOf, isHidden, keyOf, pickActive, type DevIdentity } from './identity';
import type { JobBoard } from './jobBoard';
import { assignNames } from './names';
import type { ContainerFacts } from './ports';
import {
  baseNameOf,
  EMPTY_SNAPSHOT,
  reconcile,
  toContainer,
  toDevContainer,
  type DevContainerFacts,
} from './snapshot';

/** In a storm of events a new snapshot is made at most this often; the first event never waits. */
const STORM_MS = 100;

export interface SnapshotChange {
  readonly keys: readonly string[];
  readonly snapshot: Snapshot;
}

/** Where the facts come from; each part owns its own. */
export interface InventorySources {
  readonly engines: Engines;
  readonly configs: Configs;
  readonly drift: Drift;
  readonly board: JobBoard;
  /** Whether the configuration in this folder may be read: it belongs to a workspace that the user trusts. */
  readonly mayRead: (workspaceFolder: string) => boolean;
}

/** Owns the snapshot: one readonly value of everything known, a new one whenever something changed. */
export class Inventory implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = new Emitter<SnapshotChange>();
  readonly #rebuild: Throttle;
  readonly #seen = new Map<string, DevIdentity>();
  /** Key of the dev container that a container is. */
  readonly #keys = new WeakMap<ContainerFacts, string>();
  #names: ReadonlyMap<string, string> = new Map();
  #snapshot: Snapshot = EMPTY_SNAPSHOT;
  #facts: ReadonlyMap<string, DevContainerFacts> = new Map();
  #started = false;

  constructor(
    private readonly sources: InventorySources,
    timers: Timers,
  ) {
    this.#rebuild = this.#parts.add(new Throttle(timers, STORM_MS, () => this.#build()));
    const ask = (): void => this.#rebuild.ask();
    this.#parts.add(sources.engines.onDidChange(ask));
    this.#parts.add(sources.configs.onDidChange(ask));
    this.#parts.add(sources.drift.onDidChange(ask));
    this.#parts.add(sources.board.onDidChange(ask));
  }

  readonly onDidChange: Event<SnapshotChange> = this.#changed.event;

  /** The latest snapshot, at no cost; before the first answers it may be incomplete. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The snapshot once every engine has answered or failed for the first time and the folders were walked. */
  async ready(): Promise<Snapshot> {
    await Promise.all([this.sources.engines.ready(), this.sources.configs.ready]);
    return this.current();
  }

  /** The snapshot with everything in it that its sources know by now. */
  current(): Snapshot {
    this.#build();
    return this.#snapshot;
  }

  /** Every item's facts, by key: what recreating needs beyond what the snapshot shows. */
  facts(key: string): DevContainerFacts | undefined {
    return this.#facts.get(key);
  }

  /** What drift is judged by for this dev container; undefined while there is no container or configuration. */
  caseOf(facts: DevContainerFacts, container = facts.container): Case | undefined {
    const store = this.sources.engines.find(facts.engine);
    if (!container || !facts.configFile || !store) return undefined;
    const { workspaceFolder, configFile } = facts;
    return { engine: facts.engine, container, workspaceFolder, configFile, skewMs: store.skewMs };
  }

  /**
   * The dev container that a target means. Rejects with `notFound`, or `invalidArgument` where several
   * configurations of the folder could be meant.
   */
  find(target: Target): DevContainer {
    const folder = comparable(target.workspaceFolder);
    const matching = this.current().devContainers.filter(
      (item) =>
        comparable(item.workspaceFolder) === folder &&
        (target.engine === undefined || item.engine === target.engine) &&
        (target.configFile === undefined ||
          comparable(item.configFile ?? '') === comparable(target.configFile)),
    );
    const [first, second] = matching;
    if (!first) {
      const what = target.configFile ?? target.workspaceFolder;
      throw new ShipshapeError('notFound', `There is no dev container for ${what}.`);
    }
    if (!second) return first;
    const usual = matching.find((item) =>
      /[\\/]\.devcontainer[\\/]devcontainer\.json$/.test(item.configFile ?? ''),
    );
    if (usual && target.configFile === undefined) return usual;
    throw new ShipshapeError(
      'invalidArgument',
      `${target.workspaceFolder} has several configurations; name one of ${matching.map((item) => item.configFile).join(', ')}.`,
    );
  }

  /** Drops a dev container whose container is gone from the list. */
  forget(key: string): void {
    this.#seen.delete(key);
    this.#rebuild.ask();
  }

  dispose(): void {
    this.#parts.dispose();
    this.#changed.dispose();
  }

  #build(): void {
    const engines = this.sources.engines.stores;
    this.#forget((key) => !engines.some(({ engine }) => key.startsWith(`${engine.key}|`)));
    const devContainers = this.#devContainers();
    this.#facts = new Map(devContainers.map((facts) => [facts.key, facts]));
    this.#names = assignNames(
      devContainers.map((facts) => ({ ...facts, base: baseNameOf(facts) })),
      this.#names,
    );
    const next: Snapshot = {
      engines: engines.map(({ engine, state }) => ({
        key: engine.key,
        name: engine.name,
        endpoint: engine.endpoint,
        ...state,
      })),
      devContainers: devContainers.map((facts) =>
        toDevContainer(facts, this.#names.get(facts.key) ?? facts.key, this.sources.board),
      ),
      containers: engines.flatMap((store) =>
        store
          .containers()
          .filter((facts) => !isHidden(facts.labels))
          .map((facts) => toContainer(store.engine.key, facts, this.#keys.get(facts))),
      ),
    };
    const { snapshot, keys } = reconcile(this.#snapshot, next);
    if (keys.length === 0 && this.#started) return;
    this.#started = true;
    this.#snapshot = snapshot;
    this.#changed.fire({ keys, snapshot });
  }

  #devContainers(): DevContainerFacts[] {
    const containers = this.#containersByKey();
    const identities = new Map<string, { identity: DevIdentity; onDisk: boolean }>();
    for (const [key, identity] of this.#seen) identities.set(key, { identity, onDisk: false });
    for (const identity of this.#onDisk()) identities.set(keyOf(identity), { identity, onDisk: true });
    const readable = [...identities.values()].filter(({ identity }) =>
      this.sources.mayRead(identity.workspaceFolder),
    );
    this.sources.configs.setNamed(readable.flatMap(({ identity }) => identity.configFile ?? []));
    return [...identities]
      .map(([key, { identity, onDisk }]) => this.#gather(key, identity, onDisk, containers.get(key) ?? []))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The engines' dev containers, all of one identity together; remembers each identity as seen. */
  #containersByKey(): Map<string, ContainerFacts[]> {
    const byKey = new Map<string, ContainerFacts[]>();
    for (const store of this.sources.engines.stores) {
      for (const facts of store.containers()) {
        const claimed = identityOf(store.engine.key, facts.labels);
        if (!claimed || isHidden(facts.labels)) continue;
        const identity = this.#complete(claimed);
        const key = keyOf(identity);
        // Before the walk found its configuration it may have been seen without.
        const before = keyOf(claimed);
        if (before !== key && this.#seen.has(before)) this.#forget((other) => other === before);
        this.#seen.set(key, identity);
        this.#keys.set(facts, key);
        byKey.set(key, [...(byKey.get(key) ?? []), facts]);
      }
    }
    return byKey;
  }

  /** Forgets that it has seen these, and gives their names back. */
  #forget(isGone: (key: string) => boolean): void {
    for (const key of this.#seen.keys()) if (isGone(key)) this.#seen.delete(key);
    this.#names = new Map([...this.#names].filter(([key]) => !isGone(key)));
  }

  /** Containers of old tools name no configuration: with only one in the folder, it is that one. */
  #complete(identity: DevIdentity): DevIdentity {
    if (identity.configFile !== undefined) return identity;
    const folder = comparable(identity.workspaceFolder);
    const [only, another] = this.sources.configs.found.filter(
      (c) => comparable(c.workspaceFolder) === folder,
    );
    return only && !another ? { ...identity, configFile: only.configFile } : identity;
  }

  /** Configurations on disk belong to the first engine, until a container of theirs is seen on another. */
  #onDisk(): DevIdentity[] {
    const [first] = this.sources.engines.stores;
    if (!first) return [];
    return this.sources.configs.found.flatMap((config) => {
      const seen = [...this.#seen.values()].filter(
        (known) => keyOf({ ...known, engine: '' }) === keyOf({ ...config, engine: '' }),
      );
      return seen.length > 0 ? seen : [{ ...config, engine: first.engine.key }];
    });
  }

  #gather(
    key: string,
    identity: DevIdentity,
    onDisk: boolean,
    containers: readonly ContainerFacts[],
  ): DevContainerFacts {
    const job = this.sources.board.get(key);
    const active = pickActive(containers);
    const reading = identity.configFile ? this.sources.configs.reading(identity.configFile) : undefined;
    const configName = reading?.status === 'ok' ? reading.value['name'] : undefined;
    const facts: DevContainerFacts = {
      key,
      ...identity,
      onDisk,
      ...(typeof configName === 'string' ? { configName } : {}),
      ...(active ? { container: active } : {}),
      duplicates: containers.filter((c) => c !== active && c.id !== job?.replaces).map((c) => c.id),
      verdict: CLEAN,
    };
    const subject = this.caseOf(facts);
    if (subject) return { ...facts, verdict: this.sources.drift.judge(subject, reading) };
    if (reading?.status !== 'invalid') return facts;
    return { ...facts, verdict: { ...CLEAN, problem: reading.problem } };
  }
}
