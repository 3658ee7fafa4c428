import type { Disposable, ImageCheck } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { Slots, waitFor, type Timers } from '../common/scheduling';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import { normalizeState } from './identity';
import { BaseChecks, type Bases } from './baseChecks';
import { engineKeyOf, ImageAnswers } from './imageAnswers';
import { ImageComparison } from './imageComparison';
import { isNamed } from './imageNames';
import type { RegistryPort } from './imagePorts';
import { AUTH_FILE_LABEL, type ImageStatuses } from './imageStatuses';
import { digestsOf, judgeLocally, readSubject, type ImageSubject } from './imageSubject';
import type { ContainerFacts } from './ports';

/** How long answers serve, in milliseconds. */
export interface ImageLifetimes {
  /** A status, for the next check that is not forced. */
  readonly status: number;
  /** What a registry said of a name. */
  readonly remote: number;
  /** Forced checks of one image within this time share one result. */
  readonly forced: number;
}

const DEFAULT_LIFETIMES: ImageLifetimes = { status: 300_000, remote: 5_000, forced: 5_000 };

export interface ImageParts {
  readonly engines: Pick<Engines, 'find' | 'onDidChangeImages'>;
  readonly registry: RegistryPort;
  readonly statuses: ImageStatuses;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly lifetimes?: () => ImageLifetimes;
}

/** One container whose image is to be checked. */
export interface Checked {
  /** Key of its engine. */
  readonly engine: string;
  readonly container: ContainerFacts;
  /** What its image is made on, where that was built here. */
  readonly bases?: Bases | undefined;
}

/**
 * Finds out how the images of containers stand to their registries. Asks only when it is told to; an error is shown,
 * and never taken for an answer.
 */
export class ImageChecks implements Disposable {
  readonly #subjects: ImageAnswers<ImageSubject>;
  readonly #statuses: ImageAnswers<ImageCheck>;
  readonly #forced: ImageAnswers<ImageCheck>;
  readonly #comparison: ImageComparison;
  readonly #bases: BaseChecks;
  readonly #asking = new Slots(() => AT_ONCE);
  readonly #store = new DisposableStore();

  constructor(private readonly parts: ImageParts) {
    const { timers, engines } = parts;
    const isAnswer = ({ status }: ImageCheck): boolean => status !== 'error';
    this.#subjects = new ImageAnswers(timers);
    this.#statuses = new ImageAnswers(timers, isAnswer);
    this.#forced = new ImageAnswers(timers, isAnswer);
    this.#comparison = new ImageComparison(parts);
    this.#bases = new BaseChecks(this.#comparison, this.#asking, timers);
    this.#store.add(engines.onDidChangeImages((store) => this.#evict(store.engine.key)));
  }

  /**
   * Checks the images of these containers, in the order they are given: by what is known, or where forced by what the
   * registry says now. Rejects with `cancelled` only; what was begun goes on then.
   */
  async check(
    checked: readonly Checked[],
    { force = false, signal }: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<readonly ImageCheck[]> {
    const began = this.parts.timers.now();
    const { statuses } = this.parts;
    for (const { engine, container } of checked) {
      if (statuses.of(engine, container)) continue;
      statuses.show(engine, container, { reference: container.image, status: 'processing' });
    }
    const checks = checked.map(async (each) => {
      const check = await this.#checkOne(each, force, began);
      statuses.show(each.engine, each.container, check);
      return check;
    });
    return waitFor(Promise.all(checks), signal);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #checkOne({ engine, container, bases }: Checked, force: boolean, began: number): Promise<ImageCheck> {
    const now = { reference: container.image, checkedAt: began };
    if (normalizeState(container.state) === 'created') {
      return { ...now, status: 'preparing', reason: 'not started yet' };
    }
    const known = force ? undefined : this.#known(engine, container);
    if (known) return known;
    const store = this.parts.engines.find(engine);
    try {
      if (!store) throw new Error('its engine is not shown');
      const subject = await this.#subject(store, container);
      const own = await this.#status(store, subject, { container, force, began });
      // What was built here, no registry has; what it was built on, it may.
      if (own.status !== 'skipped' || !bases || bases.images.length === 0) return own;
      const { remote, forced } = this.#lifetimes();
      const notBefore = this.parts.timers.now() - (force ? forced : remote);
      return await this.#bases.check(store, bases, subject.image, { notBefore });
    } catch (error) {
      // The engine's trouble, not the image's.
      return { ...now, status: 'skipped', reason: `not looked at: ${messageOf(error)}` };
    }
  }

  /** What this window or another one found lately. */
  #known(engine: string, container: ContainerFacts): ImageCheck | undefined {
    const { statuses, timers } = this.parts;
    return statuses.answer(engine, container, timers.now() - this.#lifetimes().status);
  }

  #lifetimes(): ImageLifetimes {
    return this.parts.lifetimes?.() ?? DEFAULT_LIFETIMES;
  }

  #subject({ engine }: EngineStore, container: ContainerFacts): Promise<ImageSubject> {
    const key = engineKeyOf(
      engine.key,
      container.imageId,
      isNamed(container) ? container.image : container.id,
    );
    return this.#subjects.get(key, 0, () => this.#asking.run(() => readSubject(engine, container)));
  }

  #status(store: EngineStore, subject: ImageSubject, run: Run): Promise<ImageCheck> {
    const { status, remote, forced } = this.#lifetimes();
    const { image, reference, imageId, movedTo } = subject;
    const authFile = run.container.labels[AUTH_FILE_LABEL];
    const local = JSON.stringify([image?.platform, image?.repoDigests, imageId, movedTo, authFile]);
    const key = engineKeyOf(store.engine.key, reference, local);
    const now = this.parts.timers.now();
    if (!run.force) {
      return this.#statuses.get(key, now - status, () => this.#judge(store, subject, authFile, now - remote));
    }
    return this.#forced.get(key, now - forced, async () => {
      const check = await this.#judge(store, subject, authFile, run.began);
      this.#statuses.put(key, check);
      return check;
    });
  }

  async #judge(
    store: EngineStore,
    subject: ImageSubject,
    authFile: string | undefined,
    notBefore: number,
  ): Promise<ImageCheck> {
    const { reference, image } = subject;
    const localDigest = image && digestsOf(image)[0];
    const known = { reference, ...(localDigest === undefined ? {} : { localDigest }) };
    const parsed = judgeLocally(subject);
    if ('status' in parsed || !image)
      return { ...known, checkedAt: this.parts.timers.now(), ...(parsed as ImageCheck) };
    return { ...known, ...(await this.#comparison.compare(store, parsed, image, { notBefore, authFile })) };
  }

  /** Names may mean other images of this engine than before. */
  #evict(engine: string): void {
    const isOfEngine = (key: string): boolean => key.startsWith(engineKeyOf(engine));
    for (const answers of [this.#subjects, this.#statuses, this.#forced]) answers.drop(isOfEngine);
    this.#bases.evict(engine);
    this.parts.statuses.evict(engine, () => true);
  }
}

interface Run {
  readonly container: ContainerFacts;
  readonly force: boolean;
  /** When the whole run began. */
  readonly began: number;
}

/** So many questions about images an engine gets at once. */
const AT_ONCE = 4;
