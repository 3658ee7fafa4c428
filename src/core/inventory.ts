import type { Container, DevContainer, DevContainerState, Disposable, Event, Snapshot, Target } from '../api';
import { DisposableStore } from '../common/disposable';
import { Emitter } from '../common/event';
import { Throttle, type Timers } from '../common/scheduling';
import { ComposeContainers } from './composeContainers';
import type { Configs } from './configs';
import { DevIdentities, type Placements } from './devIdentities';
import type { Drift } from './drift';
import { EngineRows } from './engineRows';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import { foldersElsewhere, type Folders } from './folders';
import { evidenceOf, foldersWithRivals, inputsOf } from './evidence';
import { comparable, pickActive, type DevIdentity } from './identity';
import type { ImageStatuses } from './imageStatuses';
import type { ImageTags } from './imageTags';
import type { Inputs } from './inputs';
import type { JobBoard } from './jobBoard';
import type { ContainerFacts } from './ports';
import type { PreviousContainers } from './previous';
import {
  baseNameOf,
  CLEAN,
  EMPTY_SNAPSHOT,
  reconcile,
  toDevContainer,
  type DevContainerFacts,
} from './snapshot';
import { findAnywhere, findTarget } from './targets';
import type { Case, Now } from './verdict';

/** In a storm of events a new snapshot is made at most this often; the first event never waits. */
const STORM_MS = 100;

const NONE: readonly Container[] = [];

export interface SnapshotChange {
  readonly keys: readonly string[];
  readonly snapshot: Snapshot;
}

/** Where the facts come from; each part owns its own. */
export interface InventorySources {
  readonly engines: Engines;
  readonly configs: Configs;
  readonly inputs: Inputs;
  readonly images: ImageTags;
  readonly statuses: Pick<ImageStatuses, 'of' | 'onDidChange'>;
  readonly drift: Drift;
  readonly board: JobBoard;
  readonly previous: PreviousContainers;
  readonly folders: Folders;
  /** Whether the configuration in this folder may be read: it belongs to a workspace that the user trusts. */
  readonly mayRead: (workspaceFolder: string) => boolean;
  readonly placements: Placements;
}

/** Owns the snapshot: one readonly value of everything known, a new one whenever something changed. */
export class Inventory implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = new Emitter<SnapshotChange>();
  readonly #rebuild: Throttle;
  readonly #identities: DevIdentities;
  readonly #compose: ComposeContainers;
  readonly #rows = new Map<string, EngineRows>();
  #snapshot: Snapshot = EMPTY_SNAPSHOT;
  #facts: ReadonlyMap<string, DevContainerFacts> = new Map();
  readonly #configNames = new Map<string, unknown>();
  readonly #goneSince = new Map<string, number>();
  #started = false;
  /** Folders with several configurations. */
  #rivals: ReadonlySet<string> = new Set();
  #areChecksOld = false;

  constructor(
    private readonly sources: InventorySources,
    private readonly timers: Timers,
  ) {
    this.#identities = new DevIdentities(sources.configs, sources.placements);
    this.#compose = new ComposeContainers(sources);
    this.#rebuild = this.#parts.add(new Throttle(timers, STORM_MS, () => this.#build()));
    const ask = (): void => this.#rebuild.ask();
    const { engines, configs, inputs, images, drift, board, previous, folders, statuses } = sources;
    this.#parts.add(statuses.onDidChange(() => (this.#areChecksOld = true)));
    for (const source of [engines, configs, inputs, images, statuses, drift, board, previous, folders])
      this.#parts.add(source.onDidChange(ask));
    // A folder whose configuration comes or goes may have come or gone itself.
    this.#parts.add(configs.onDidChange(() => void folders.check()));
    // A first list does not wait for a storm to pass.
    this.#parts.add(engines.onDidConnect(() => this.#build()));
  }

  readonly onDidChange: Event<SnapshotChange> = this.#changed.event;

  /** The latest snapshot, at no cost; before the first answers it may be incomplete. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /**
   * The snapshot once every engine, or the one of this key, has answered or failed for the first time and the folders
   * were walked.
   */
  async ready(engine?: string): Promise<Snapshot> {
    await Promise.all([this.sources.engines.ready(engine), this.sources.configs.ready]);
    return this.current();
  }

  /** The same, once the inputs of every container's configuration have been read too. */
  async complete(): Promise<Snapshot> {
    await this.ready();
    await this.sources.inputs.settled();
    return this.current();
  }

  /** The snapshot with everything in it that its sources know by now. */
  current(): Snapshot {
    this.#build();
    return this.#snapshot;
  }

  /** Everything by which this dev container is judged; undefined while there is nothing to judge. */
  evidence(facts: DevContainerFacts): Now | undefined {
    const subject = this.caseOf(facts);
    const reading = subject && this.sources.configs.reading(subject.configFile);
    const hasRivals = this.#rivals.has(comparable(facts.workspaceFolder));
    return reading && evidenceOf(this.sources, subject, reading, hasRivals);
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

  /** The dev container that a target means; throws as `findTarget` does. */
  find(target: Target): DevContainer {
    return findTarget(this.current(), target);
  }

  /** The same for one that is to be created: a target's engine need not have a container of the configuration yet. */
  findOrPlace(target: Target): DevContainer {
    const { engine } = target;
    const known = engine === undefined ? this.find(target) : findAnywhere(this.current(), target);
    if (engine === undefined || known.engine === engine) return known;
    return this.place(known, engine);
  }

  /** The dev container of the same configuration on another engine; one that has no container yet moves there. */
  place(item: DevContainer, engine: string): DevContainer {
    const { key, workspaceFolder, configFile } = item;
    const identity = { engine, workspaceFolder, ...(configFile === undefined ? {} : { configFile }) };
    const isIdle = !this.facts(key)?.container && !this.sources.board.get(key);
    if (engine !== item.engine && isIdle) this.#identities.drop(key);
    this.#identities.place(identity);
    return this.find(identity);
  }

  /** The engine that the user chose for the configuration, if ever. */
  placeOf(item: DevContainer): string | undefined {
    return this.#identities.placeOf(item);
  }

  /** Drops a dev container whose container is gone from the list, unless a job is about to give it one. */
  forget(key: string): void {
    if (this.sources.board.get(key)) return;
    this.#identities.drop(key);
    this.#rebuild.ask();
  }

  dispose(): void {
    this.#parts.dispose();
    this.#changed.dispose();
  }

  #build(): void {
    const engines = this.sources.engines.stores;
    this.#dropOthers(engines);
    for (const store of engines) this.#rowsOf(store.engine.key).update(store.containers());
    if (this.#areChecksOld) for (const rows of this.#rows.values()) rows.recheck();
    this.#areChecksOld = false;
    const devContainers = this.#devContainers();
    this.#facts = new Map(devContainers.map((facts) => [facts.key, facts]));
    this.sources.inputs.want([...inputsOf(devContainers, this.sources.configs), ...this.#compose.wanted]);
    this.sources.folders.want(foldersElsewhere(devContainers, this.sources.engines));
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
        toDevContainer(
          facts,
          names.get(facts.key) ?? facts.key,
          this.sources.board,
          this.#stateBefore(facts.key),
        ),
      ),
      containers: NONE.concat(...engines.map(({ engine }) => this.#rowsOf(engine.key).rows)),
    };
    const { snapshot, keys } = reconcile(this.#snapshot, next);
    if (keys.length === 0 && this.#started) return;
    this.#started = true;
    this.#snapshot = snapshot;
    this.#changed.fire({ keys, snapshot });
  }

  /** Asked for few: those that a job works on. */
  #stateBefore(key: string): DevContainerState | undefined {
    if (!this.sources.board.get(key)) return undefined;
    return this.#snapshot.devContainers.find((item) => item.key === key)?.state;
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
    for (const adopted of this.#compose.find(this.#rows, (key) => containers.has(key)))
      this.#identities.collectAdopted(adopted, containers);
    const all = this.#identities.all(engines.stores.map(({ engine }) => engine.key));
    for (const key of this.#goneSince.keys()) if (!all.has(key)) this.#goneSince.delete(key);
    this.#rivals = foldersWithRivals([...all.values()].map(({ identity }) => identity));
    const readable = [...all.values()].filter(({ identity }) => mayRead(identity.workspaceFolder));
    configs.setNamed(readable.flatMap(({ identity }) => identity.configFile ?? []));
    return [...all]
      .map(([key, { identity, onDisk }]) => this.#gather(key, identity, onDisk, containers.get(key) ?? []))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** When it was first seen to be gone; undefined while it is not. */
  #since(key: string, isGone: boolean): number | undefined {
    if (!isGone) this.#goneSince.delete(key);
    else if (!this.#goneSince.has(key)) this.#goneSince.set(key, this.timers.now());
    return this.#goneSince.get(key);
  }

  #rowsOf(engine: string): EngineRows {
    const checkOf = (facts: ContainerFacts) => this.sources.statuses.of(engine, facts);
    const rows = this.#rows.get(engine) ?? new EngineRows(engine, checkOf);
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
    const goneSince = this.#since(key, containers.length === 0 && !onDisk && !job);
    const previous = this.sources.previous.of(key);
    // A container of this id that bears another name was put back by somebody.
    const kept = containers.find(
      ({ id, name }) => id === previous?.kept?.id && name === previous.kept.setAsideName,
    );
    const active = pickActive(containers.filter((c) => c !== kept)) ?? kept;
    const image = active && this.sources.statuses.of(identity.engine, active);
    const previousAt = previous?.images[0]?.at;
    const reading = identity.configFile ? this.sources.configs.reading(identity.configFile) : undefined;
    if (reading?.status === 'ok') this.#configNames.set(key, reading.value['name']);
    // A file that cannot be read for a while does not take the name away.
    const configName = this.#configNames.get(key);
    const facts: DevContainerFacts = {
      ...{ key, ...identity, onDisk },
      isUntold: this.sources.engines.find(identity.engine)?.hasListed !== true,
      isFolderMissing: this.sources.folders.isMissing(identity.workspaceFolder),
      isUnread: !this.sources.mayRead(identity.workspaceFolder),
      ...(typeof configName === 'string' ? { configName } : {}),
      ...(active ? { container: active } : {}),
      ...(image ? { image } : {}),
      ...(goneSince === undefined ? {} : { goneSince }),
      duplicates: containers.filter((c) => c !== active && c !== kept && c.id !== job?.replaces),
      ...(kept && kept !== active ? { kept } : {}),
      ...(previousAt === undefined ? {} : { previousAt }),
      verdict: CLEAN,
    };
    const subject = this.caseOf(facts);
    const now = this.evidence(facts);
    if (subject && now) return { ...facts, verdict: this.sources.drift.judge(subject, now) };
    if (reading?.status !== 'invalid') return facts;
    return { ...facts, verdict: { ...CLEAN, problem: reading.problem } };
  }
}
