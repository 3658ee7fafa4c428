import type { Disposable, Engine, EngineErrorKind } from '../api';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { Gate, SingleFlight, Slots, Throttle, waitFor, type Timers } from '../common/scheduling';
import { identityOf } from './identity';
import { isSameSecond, keepPrecise, saysNothingNew } from './listed';
import type { ContainerFacts, EnginePort } from './ports';

/** A list is fresh for this long, counted from its end (S4-01). */
const LIST_TTL_MS = 10_000;
/** One build or pull has many image events; the first is told at once, the others together. */
const IMAGES_MS = 250;

export type EngineState = Pick<Engine, 'status' | 'error' | 'errorKind' | 'staleSince'>;

const READY: EngineState = { status: 'ready' };

/**
 * The cached inventory of one engine: the last good list, kept up to date container by container. Sole owner of
 * what we know about that engine's containers; `engineWatch` decides when to ask.
 */
export class EngineStore implements Disposable {
  readonly #containers = new Map<string, Entry>();
  /** Ids known to be gone, with the time of that knowledge, so that an older answer cannot bring them back. */
  readonly #gone = new Map<string, number>();
  readonly #changed = new Emitter<void>();
  readonly #imagesChanged = new Emitter<void>();
  readonly #images: Throttle;
  readonly #list = new SingleFlight<void>();
  readonly #firstAnswer = new Gate();
  #state: EngineState = { status: 'connecting' };
  /** Counts requests: a later request knows more than an earlier one. */
  #clock = 0;
  /** The time at which the latest list was asked, and the last one that we took over: that one spoke of all ids. */
  #listAsked = -1;
  #listTaken = -1;
  /** Lists asked before this are not what a caller wants now. */
  #invalidUntil = -1;
  #listedAt: number | undefined;
  #skewMs: number | undefined;
  /** When it answered last. */
  #heardAt: number | undefined;
  /** The facts in an array, until one of them changes. */
  #all: readonly ContainerFacts[] | undefined;
  #lastError = '';

  constructor(
    readonly engine: EnginePort,
    private readonly timers: Timers,
    private readonly logger: Logger,
  ) {
    this.#images = new Throttle(timers, IMAGES_MS, () => this.#imagesChanged.fire());
  }

  /** Something of `state` or `containers` is different now. */
  readonly onDidChange = this.#changed.event;
  /** Names may mean other images than before. */
  readonly onDidChangeImages = this.#imagesChanged.event;

  get state(): EngineState {
    return this.#state;
  }

  /** It has told of its containers at least once; until then nobody knows what there is not. */
  get hasListed(): boolean {
    return this.#listTaken >= 0;
  }

  /** Settles once the engine has listed its containers and told its time, or failed, for the first time. */
  get ready(): Promise<void> {
    return this.#firstAnswer.opened;
  }

  /** The engine's clock minus the host's, in milliseconds, measured once a connection; undefined until then. */
  get skewMs(): number | undefined {
    return this.#skewMs;
  }

  /**
   * Measures the clocks' difference, after a list; less than a second of it may be the round trip, and counts as none. An engine
   * that does not tell its time is taken to have had the same as before, or ours.
   */
  async measureSkew(signal?: AbortSignal): Promise<void> {
    const before = this.#skewMs;
    try {
      const skew = await this.engine.clockSkew(signal);
      this.#skewMs = Math.abs(skew) < 1000 ? 0 : skew;
    } catch (error) {
      if (signal?.aborted) return;
      this.logger.debug(`${this.engine.name}: ${messageOf(error)}`);
      this.#skewMs ??= 0;
    }
    if (this.#skewMs !== before) this.#changed.fire();
    // Without it nobody can say whether a configuration is newer than its container.
    this.#firstAnswer.open();
  }

  /** The containers as last known, at no cost: the same array until one of them changes. */
  containers(): readonly ContainerFacts[] {
    if (this.#all) return this.#all;
    const all: ContainerFacts[] = [];
    for (const { facts } of this.#containers.values()) all.push(facts);
    return (this.#all = all);
  }

  find(id: string): ContainerFacts | undefined {
    return this.#containers.get(id)?.facts;
  }

  /**
   * Lists anew unless the last list ended at most 10 s ago. Many callers share one list; a caller that gives up leaves
   * it running for the others.
   */
  async freshen(signal?: AbortSignal): Promise<void> {
    const fresh = this.#listedAt !== undefined && this.timers.now() - this.#listedAt <= LIST_TTL_MS;
    if (!fresh) await this.refresh(signal);
  }

  /** Lists anew whatever the cache's age; rejects when the engine does not answer, and then keeps the last list. */
  refresh(signal?: AbortSignal): Promise<void> {
    const list = (): Promise<void> => this.#list.run(() => this.#listNow());
    const running = this.#list.inFlight;
    // A list that was asked before the last `invalidate` may lack what happened until then: another follows it.
    const isTooOld = running && this.#listAsked < this.#invalidUntil;
    return waitFor(isTooOld ? running.catch(() => undefined).then(list) : list(), signal);
  }

  /** From now on only a list that is yet to be asked will do: something has changed, or may have (S4-06). */
  invalidate(): void {
    this.#listedAt = undefined;
    this.#invalidUntil = ++this.#clock;
  }

  /** Asks for one container and takes over what the engine says of it, unless a later answer is here already. */
  async refreshOne(id: string, signal?: AbortSignal): Promise<ContainerFacts | undefined> {
    const asked = ++this.#clock;
    const facts = await this.engine.inspect(id, signal);
    this.hear();
    if (this.#knownAt(id) > asked) return facts ? this.#refine(facts) : this.find(id);
    if (facts) this.#put(facts, asked);
    else this.#drop(id, asked);
    return facts;
  }

  /** The engine gave a sign of life: what is known of it is right now. */
  hear(): void {
    this.#heardAt = this.timers.now();
  }

  /** Something happened to images, or may have. */
  noteImages(): void {
    this.#images.ask();
  }

  /** The engine stopped answering: what we have stays, marked with its age. */
  fail(error: unknown): void {
    const kind = errorKind(error);
    const before = this.#state;
    // Each try of a silent engine ends in words of its own: one text stands until it speaks.
    const message =
      kind === 'silent' && before.errorKind === 'silent' && before.error ? before.error : messageOf(error);
    if (message !== this.#lastError) this.logger.warn(`${this.engine.name}: ${message}`);
    this.#lastError = message;
    // Of a stream that breaks we hear at once; one that is silent may have been so since its last answer.
    const lastKnown = kind === 'silent' ? this.#heardAt : this.timers.now();
    const staleSince = this.#state.staleSince ?? (this.#containers.size > 0 ? lastKnown : undefined);
    const state: EngineState = {
      status: 'unavailable',
      error: message,
      errorKind: kind,
      ...(staleSince === undefined ? {} : { staleSince }),
    };
    if (!equal(state, this.#state)) {
      this.#state = state;
      this.#changed.fire();
    }
    this.#firstAnswer.open();
  }

  dispose(): void {
    this.#images.dispose();
    this.#imagesChanged.dispose();
    this.#changed.dispose();
    this.#firstAnswer.open();
  }

  async #listNow(): Promise<void> {
    const asked = ++this.#clock;
    this.#listAsked = asked;
    let list: ContainerFacts[];
    try {
      list = await this.engine.list();
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.hear();
    this.#takeOver(list, asked);
    await this.#askMoreOfDevContainers();
    if (asked >= this.#invalidUntil) this.#listedAt = this.timers.now();
  }

  /** The rows are there with this; what a list leaves open is asked after it. */
  #takeOver(list: readonly ContainerFacts[], asked: number): void {
    let changed = !equal(this.#state, READY);
    for (const facts of list) {
      const known = this.#containers.get(facts.id);
      if ((known?.asked ?? this.#gone.get(facts.id) ?? -1) > asked) continue;
      if (known && saysNothingNew(known.facts, facts)) {
        known.asked = asked;
        continue;
      }
      const isExact = known?.isExact === true && isSameSecond(known.facts, facts);
      this.#containers.set(facts.id, { facts: keepPrecise(known?.facts, facts), asked, isExact });
      changed = true;
    }
    for (const [id, entry] of this.#containers) {
      // Neither listed nor heard of since.
      if (entry.asked < asked) changed = this.#containers.delete(id);
    }
    for (const [id, known] of this.#gone) if (known < asked) this.#gone.delete(id);
    this.#listTaken = asked;
    if (this.#lastError !== '') this.logger.info(`${this.engine.name} answers again.`);
    this.#lastError = '';
    this.#state = READY;
    if (changed) this.#fire();
  }

  /** A list gives whole seconds: too coarse to say whether a configuration was written before or after. */
  async #askMoreOfDevContainers(): Promise<void> {
    const coarse = [...this.#containers.values()].filter(
      ({ facts, isExact }) => !isExact && identityOf(this.engine.key, facts.labels) !== undefined,
    );
    const slots = new Slots(() => 8);
    await Promise.all(
      coarse.map(({ facts }) =>
        slots
          .run(() => this.refreshOne(facts.id))
          .catch((error: unknown) => this.logger.debug(messageOf(error))),
      ),
    );
  }

  /** When the latest that we know of this id was asked: by itself, or by a list. */
  #knownAt(id: string): number {
    return Math.max(this.#containers.get(id)?.asked ?? -1, this.#gone.get(id) ?? -1, this.#listTaken);
  }

  #put(facts: ContainerFacts, asked: number): void {
    const known = this.#containers.get(facts.id);
    const isSame = known !== undefined && equal(known.facts, facts);
    this.#gone.delete(facts.id);
    this.#containers.set(facts.id, { facts: isSame ? known.facts : facts, asked, isExact: true });
    if (!isSame) this.#fire();
  }

  /** A list that was asked later is right, but coarser than this. */
  #refine(facts: ContainerFacts): ContainerFacts | undefined {
    const entry = this.#containers.get(facts.id);
    if (!entry || entry.isExact) return entry?.facts;
    const refined = { ...entry, facts: keepPrecise(facts, entry.facts) };
    this.#containers.set(facts.id, refined);
    this.#fire();
    return refined.facts;
  }

  #drop(id: string, asked: number): void {
    this.#gone.set(id, asked);
    if (this.#containers.delete(id)) this.#fire();
  }

  #fire(): void {
    this.#all = undefined;
    this.#changed.fire();
  }
}

interface Entry {
  readonly facts: ContainerFacts;
  /** When the latest answer that says so was asked for. */
  asked: number;
  /** An inspect said so; a list is coarser. */
  readonly isExact: boolean;
}

function errorKind(error: unknown): EngineErrorKind {
  if (!(error instanceof ShipshapeError)) return 'other';
  if (error.code === 'engineMissing') return 'missing';
  if (error.code === 'engineDenied') return 'denied';
  return error.code === 'engineSilent' ? 'silent' : 'other';
}
