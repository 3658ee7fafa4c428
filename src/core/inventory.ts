import type { DevContainer, Disposable, Event, Snapshot, Target } from '../api';
import { DisposableStore } from '../common/disposable';
import { Emitter } from '../common/event';
import { ShipshapeError } from '../common/errors';
import { Throttle, type Timers } from '../common/scheduling';
import type { Configs } from './configs';
import { CLEAN, type Case, type Drift } from './drift';
import { DevIdentities } from './devIdentities';
import { EngineRows } from './engineRows';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import { comparable, pickActive, type DevIdentity } from './identity';
import type { JobBoard } from './jobBoard';
import type { ContainerFacts } from './ports';
import { baseNameOf, EMPTY_SNAPSHOT, reconcile, toDevContainer, type DevContainerFacts } from './snapshot';

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
  readonly #identities: DevIdentities;
  readonly #rows = new Map<string, EngineRows>();
  #snapshot: Snapshot = EMPTY_SNAPSHOT;
  #facts: ReadonlyMap<string, DevContainerFacts> = new Map();
  readonly #configNames = new Map<string, unknown>();
  #started = false;

  constructor(
    private readonly sources: InventorySources,
    timers: Timers,
  ) {
    this.#identities = new DevIdentities(sources.configs);
    this.#rebuild = this.#parts.add(new Throttle(timers, STORM_MS, () => this.#build()));
    const ask = (): void => this.#rebuild.ask();
    this.#parts.add(sources.engines.onDidChange(ask));
    // A first list does not wait for a storm to pass.
    this.#parts.add(sources.engines.onDidConnect(() => this.#build()));
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
    const skewMs = store?.skewMs;
    if (!container || !facts.configFile || skewMs === undefined) return undefined;
    const { workspaceFolder, configFile } = facts;
    return { engine: facts.engine, container, workspaceFolder, configFile, skewMs };
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
    const usual = matching.filter((item) =>
      /[\\/]\.devcontainer[\\/]devcontainer\.json$/.test(item.configFile ?? ''),
    );
    const named = target.configFile === undefined && usual.length > 0 ? usual : matching;
    const running = named.filter((item) => item.state === 'running');
    const [first, second] = running.length === 1 && isOneConfig(named) ? running : named;
    if (!first) {
      const what = target.configFile ?? target.workspaceFolder;
      throw new ShipshapeError('notFound', `There is no dev container for ${what}.`);
    }
    if (!second) return first;
    throw new ShipshapeError('invalidArgument', this.#severalMeant(target.workspaceFolder, named));
  }

  /** Drops a dev container whose container is gone from the list. */
  forget(key: string): void {
    this.#identities.drop(key);
    this.#rebuild.ask();
  }

  dispose(): void {
    this.#parts.dispose();
    this.#changed.dispose();
  }

  #severalMeant(folder: string, items: readonly DevContainer[]): string {
    if (!isOneConfig(items)) {
      return `${folder} has several configurations; name one of ${items.map((item) => item.configFile).join(', ')}.`;
    }
    const names = items.map(({ engine }) => {
      const name = this.sources.engines.find(engine)?.engine.name;
      return name === undefined ? engine : `${engine} (${name})`;
    });
    return `${folder} has a dev container on several engines; name one of ${names.join(', ')}.`;
  }

  #build(): void {
    const engines = this.sources.engines.stores;
    this.#dropOthers(engines);
    for (const store of engines) this.#rowsOf(store.engine.key).update(store.containers());
    const devContainers = this.#devContainers();
    this.#facts = new Map(devContainers.map((facts) => [facts.key, facts]));
    const names = this.#identities.name(
      devContainers.map((facts) => ({ ...facts, base: baseNameOf(facts) })),
    );
    const next: Snapshot = {
      engines: engines.map(({ engine, state }) => ({
        key: engine.key,
        name: engine.name,
        endpoint: engine.endpoint,
        ...state,
      })),
      devContainers: devContainers.map((facts) =>
        toDevContainer(facts, names.get(facts.key) ?? facts.key, this.sources.board),
      ),
      containers: engines.flatMap(({ engine }) => this.#rowsOf(engine.key).rows),
    };
    const { snapshot, keys } = reconcile(this.#snapshot, next);
    if (keys.length === 0 && this.#started) return;
    this.#started = true;
    this.#snapshot = snapshot;
    this.#changed.fire({ keys, snapshot });
  }

  #dropOthers(engines: readonly EngineStore[]): void {
    const isGone = (engine: string): boolean => !engines.some((store) => store.engine.key === engine);
    for (const engine of this.#rows.keys()) if (isGone(engine)) this.#rows.delete(engine);
    this.#identities.forget((key) => !engines.some(({ engine }) => key.startsWith(`${engine.key}|`)));
  }

  #devContainers(): DevContainerFacts[] {
    const { engines, configs, mayRead } = this.sources;
    const containers = new Map<string, ContainerFacts[]>();
    for (const { engine } of engines.stores) this.#identities.collect(this.#rowsOf(engine.key), containers);
    const all = this.#identities.all(engines.stores[0]?.engine.key);
    const readable = [...all.values()].filter(({ identity }) => mayRead(identity.workspaceFolder));
    configs.setNamed(readable.flatMap(({ identity }) => identity.configFile ?? []));
    return [...all]
      .map(([key, { identity, onDisk }]) => this.#gather(key, identity, onDisk, containers.get(key) ?? []))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #rowsOf(engine: string): EngineRows {
    const rows = this.#rows.get(engine) ?? new EngineRows(engine);
    this.#rows.set(engine, rows);
    return rows;
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
    if (reading?.status === 'ok') this.#configNames.set(key, reading.value['name']);
    // A file that cannot be read for a while does not take the name away.
    const configName = this.#configNames.get(key);
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

/** Whether these differ by their engines only. */
function isOneConfig(items: readonly DevContainer[]): boolean {
  return new Set(items.map(({ configFile }) => comparable(configFile ?? ''))).size === 1;
}
