import type { Disposable, Engine, EngineErrorKind } from '../api';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { Gate, SingleFlight, Slots, waitFor, type Timers } from '../common/scheduling';
import { identityOf } from './identity';
import type { ContainerFacts, EnginePort } from './ports';

/** A list is fresh for this long, counted from its end (S4-01). */
const LIST_TTL_MS = 10_000;

export type EngineState = Pick<Engine, 'status' | 'error' | 'errorKind' | 'staleSince'>;

/**
 * The cached inventory of one engine: the last good list, kept up to date container by container. Sole owner of
 * what we know about that engine's containers; `engineWatch` decides when to ask.
 */
export class EngineStore implements Disposable {
  readonly #containers = new Map<string, Entry>();
  /** Ids known to be gone, with the time of that knowledge, so that an older list cannot bring them back. */
  readonly #gone = new Map<string, number>();
  readonly #changed = new Emitter<void>();
  readonly #list = new SingleFlight<void>();
  readonly #firstAnswer = new Gate();
  #state: EngineState = { status: 'connecting' };
  /** Counts requests: a later request knows more than an earlier one. */
  #clock = 0;
  #listedAt: number | undefined;
  #skewMs = 0;
  #lastError = '';

  constructor(
    readonly engine: EnginePort,
    private readonly timers: Timers,
    private readonly logger: Logger,
  ) {}

  /** Something of `state` or `containers` is different now. */
  readonly onDidChange = this.#changed.event;

  get state(): EngineState {
    return this.#state;
  }

  /** Settles once the engine has answered or failed for the first time. */
  get ready(): Promise<void> {
    return this.#firstAnswer.opened;
  }

  /** The engine's clock minus the host's, in milliseconds, measured once a connection. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** Measures the clocks' difference; less than a second of it may be the round trip, and counts as none. */
  async measureSkew(signal?: AbortSignal): Promise<void> {
    const skew = await this.engine.clockSkew(signal);
    this.#skewMs = Math.abs(skew) < 1000 ? 0 : skew;
  }

  /** The containers as last known, at no cost. */
  containers(): ContainerFacts[] {
    return [...this.#containers.values()].map((entry) => entry.facts);
  }

  find(id: string): ContainerFacts | undefined {
    return this.#containers.get(id)?.facts;
  }

  /**
   * The containers, from the cache when the last list ended at most 10 s ago. Many callers share one list; a
   * caller that gives up leaves it running for the others. A copy: callers may do with it what they like.
   */
  async get(signal?: AbortSignal): Promise<ContainerFacts[]> {
    const fresh = this.#listedAt !== undefined && this.timers.now() - this.#listedAt <= LIST_TTL_MS;
    if (!fresh) await this.refresh(signal);
    return structuredClone(this.containers());
  }

  /** Lists anew whatever the cache's age; rejects when the engine does not answer, and then keeps the last list. */
  refresh(signal?: AbortSignal): Promise<void> {
    return waitFor(
      this.#list.run(() => this.#listNow()),
      signal,
    );
  }

  /** The next `get` lists anew: we have just changed something (S4-06). */
  invalidate(): void {
    this.#listedAt = undefined;
  }

  /** Asks for one container and takes over what the engine says of it. */
  async refreshOne(id: string): Promise<ContainerFacts | undefined> {
    const asked = ++this.#clock;
    const facts = await this.engine.inspect(id);
    const known = this.#containers.get(id);
    if (known && known.asked > asked) return known.facts;
    if (facts) this.#put(facts, asked);
    else this.#drop(id, asked);
    return facts;
  }

  /** The engine stopped answering: what we have stays, marked with its age. */
  fail(error: unknown): void {
    const kind = errorKind(error);
    const message = messageOf(error);
    if (message !== this.#lastError) this.logger.warn(`${this.engine.name}: ${message}`);
    this.#lastError = message;
    const staleSince = this.#state.staleSince ?? (this.#containers.size > 0 ? this.#listedAt : undefined);
    this.#setState({
      status: 'unavailable',
      error: message,
      errorKind: kind,
      ...(staleSince === undefined ? {} : { staleSince }),
    });
    this.#firstAnswer.open();
  }

  dispose(): void {
    this.#changed.dispose();
    this.#firstAnswer.open();
  }

  async #listNow(): Promise<void> {
    const asked = ++this.#clock;
    let list: ContainerFacts[];
    try {
      list = await this.engine.list();
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.#takeOver(list, asked);
    await this.#askMoreOfDevContainers();
    this.#listedAt = this.timers.now();
    this.#lastError = '';
    this.#setState({ status: 'ready' });
    this.#firstAnswer.open();
  }

  #takeOver(list: readonly ContainerFacts[], asked: number): void {
    const listed = new Set<string>();
    let changed = false;
    for (const facts of list) {
      listed.add(facts.id);
      if ((this.#gone.get(facts.id) ?? -1) > asked) continue;
      const known = this.#containers.get(facts.id);
      if (known && (known.asked > asked || saysNothingNew(known.facts, facts))) continue;
      this.#containers.set(facts.id, { facts: keepPrecise(known?.facts, facts), asked });
      changed = true;
    }
    for (const [id, entry] of this.#containers) {
      if (listed.has(id) || entry.asked > asked) continue;
      this.#containers.delete(id);
      changed = true;
    }
    this.#gone.clear();
    if (changed) this.#changed.fire();
  }

  /** A list gives whole seconds: too coarse to say whether a configuration was written before or after. */
  async #askMoreOfDevContainers(): Promise<void> {
    const coarse = this.containers().filter(
      (facts) => facts.createdAt % 1000 === 0 && identityOf(this.engine.key, facts.labels) !== undefined,
    );
    const slots = new Slots(() => 8);
    await Promise.all(
      coarse.map((facts) =>
        slots
          .run(() => this.refreshOne(facts.id))
          .catch((error: unknown) => this.logger.debug(messageOf(error))),
      ),
    );
  }

  #put(facts: ContainerFacts, asked: number): void {
    const known = this.#containers.get(facts.id);
    this.#gone.delete(facts.id);
    this.#containers.set(facts.id, {
      facts: known && equal(known.facts, facts) ? known.facts : facts,
      asked,
    });
    if (!known || !equal(known.facts, facts)) this.#changed.fire();
  }

  #drop(id: string, asked: number): void {
    this.#gone.set(id, asked);
    if (this.#containers.delete(id)) this.#changed.fire();
  }

  #setState(state: EngineState): void {
    if (equal(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire();
  }
}

interface Entry {
  readonly facts: ContainerFacts;
  readonly asked: number;
}

/** Lists give whole seconds, no start times, and an id for an image whose tag moved: what an inspect said stays. */
function keepPrecise(known: ContainerFacts | undefined, listed: ContainerFacts): ContainerFacts {
  if (!known) return listed;
  const isSameSecond = Math.floor(known.createdAt / 1000) === Math.floor(listed.createdAt / 1000);
  const hidesName = known.imageId === listed.imageId && /^(sha256:)?[0-9a-f]{12,64}$/.test(listed.image);
  return {
    ...listed,
    createdAt: isSameSecond ? known.createdAt : listed.createdAt,
    image: hidesName ? known.image : listed.image,
  };
}

function saysNothingNew(known: ContainerFacts, listed: ContainerFacts): boolean {
  const { startedAt, finishedAt } = known;
  const times = {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
  return equal(known, { ...keepPrecise(known, listed), ...times });
}

function errorKind(error: unknown): EngineErrorKind {
  if (!(error instanceof ShipshapeError)) return 'other';
  if (error.code === 'engineMissing') return 'missing';
  if (error.code === 'engineDenied') return 'denied';
  return error.code === 'engineSilent' ? 'silent' : 'other';
}
