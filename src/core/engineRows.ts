import type { Container, ImageCheck } from '../api';
import { middleOf } from '../common/middle';
import { COMPOSE_SERVICE_LABEL, identityOf, isHidden, type DevIdentity } from './identity';
import type { ContainerFacts } from './ports';
import { toContainer } from './snapshot';

/** A container with what its labels claim, worked out once for the same facts. */
export interface Entry {
  readonly facts: ContainerFacts;
  readonly claim: DevIdentity | undefined;
  /** Key of the dev container that it is. */
  key?: string | undefined;
  row?: Container;
}

export type ClaimingEntry = Entry & { readonly claim: DevIdentity };

/** The containers of one engine as the snapshot shows them, kept up at the price of those that changed. */
export class EngineRows {
  #facts: readonly ContainerFacts[] = [];
  #entries: readonly (Entry | undefined)[] = [];
  #claiming: readonly ClaimingEntry[] = [];
  #rows: readonly Container[] | undefined;
  /** Those that claim nothing, by the Compose service that made them; undefined until somebody asks. */
  #byService: Map<string, Entry[]> | undefined;
  #assigned: readonly Entry[] = [];

  /** @param checkOf how a container's image stands; the same object until that changes. */
  constructor(
    private readonly engine: string,
    private readonly checkOf: (facts: ContainerFacts) => ImageCheck | undefined = () => undefined,
  ) {}

  /** Takes over the engine's containers; those that nobody wants to see are left out. */
  update(facts: readonly ContainerFacts[]): void {
    if (facts === this.#facts) return;
    const { start, beforeEnd, afterEnd } = middleOf(this.#facts, facts);
    const known = new Map(this.#entries.slice(start, beforeEnd).map((entry) => [entry?.facts, entry]));
    const fresh = facts.slice(start, afterEnd).map((each) => known.get(each) ?? this.#entryOf(each));
    this.#entries = this.#entries.slice(0, start).concat(fresh, this.#entries.slice(beforeEnd));
    this.#claiming = this.#entries.filter(isClaiming);
    this.#facts = facts;
    this.#rows = undefined;
    this.#byService = undefined;
  }

  /** Those that claim to be dev containers. */
  get claiming(): readonly ClaimingEntry[] {
    return this.#claiming;
  }

  /** Containers of a Compose service that do not claim to be dev containers. */
  ofService(service: string): readonly Entry[] {
    if (!this.#byService) {
      this.#byService = new Map();
      for (const entry of this.#entries) if (entry && !entry.claim) this.#noteService(entry);
    }
    return this.#byService.get(service) ?? [];
  }

  /** Says which dev container one is. */
  setKey(entry: ClaimingEntry, key: string): void {
    this.#setKey(entry, key);
  }

  /** Says which of those that claim nothing are dev containers all the same, in the place of what was said before. */
  assign(keys: ReadonlyMap<Entry, string>): void {
    for (const entry of this.#assigned) if (!keys.has(entry)) this.#setKey(entry, undefined);
    for (const [entry, key] of keys) this.#setKey(entry, key);
    this.#assigned = [...keys.keys()];
  }

  /** How images stand may be different now. */
  recheck(): void {
    for (const entry of this.#entries) {
      if (!entry?.row || entry.row.check === this.checkOf(entry.facts)) continue;
      delete entry.row;
      this.#rows = undefined;
    }
  }

  get rows(): readonly Container[] {
    return (this.#rows ??= this.#allRows());
  }

  /** After each event, for each container: a plain loop takes a third of what `filter` and `map` do. */
  #allRows(): Container[] {
    const rows: Container[] = [];
    for (const entry of this.#entries) if (entry) rows.push((entry.row ??= this.#rowOf(entry)));
    return rows;
  }

  #rowOf({ facts, key }: Entry): Container {
    return toContainer(this.engine, facts, key, this.checkOf(facts));
  }

  #setKey(entry: Entry, key: string | undefined): void {
    if (entry.key === key) return;
    entry.key = key;
    delete entry.row;
    this.#rows = undefined;
  }

  #noteService(entry: Entry): void {
    const service = entry.facts.labels[COMPOSE_SERVICE_LABEL];
    if (service === undefined) return;
    const same = this.#byService?.get(service);
    if (same) same.push(entry);
    else this.#byService?.set(service, [entry]);
  }

  #entryOf(facts: ContainerFacts): Entry | undefined {
    if (isHidden(facts.labels)) return undefined;
    return { facts, claim: identityOf(this.engine, facts.labels) };
  }
}

function isClaiming(entry: Entry | undefined): entry is ClaimingEntry {
  return entry?.claim !== undefined;
}
