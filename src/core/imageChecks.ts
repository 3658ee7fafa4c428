import type { Disposable, ImageCheck } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { Slots, waitFor, type Timers } from '../common/scheduling';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import { normalizeState } from './identity';
import { ImageAnswers } from './imageAnswers';
import { isNamed } from './imageNames';
import type { ImageFacts, PlatformImage, RegistryAccess, RegistryPort, RemoteManifest } from './imagePorts';
import { formatReference, type ImageReference } from './imageReference';
import { AUTH_FILE_LABEL, type ImageStatuses } from './imageStatuses';
import { digestsOf, isImageOn, judgeLocally, readSubject, type ImageSubject } from './imageSubject';
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
}

/**
 * Finds out how the images of containers stand to their registries. Asks only when it is told to; an error is shown,
 * and never taken for an answer.
 */
export class ImageChecks implements Disposable {
  readonly #subjects: ImageAnswers<ImageSubject>;
  readonly #statuses: ImageAnswers<ImageCheck>;
  readonly #forced: ImageAnswers<ImageCheck>;
  readonly #remotes: ImageAnswers<{ readonly manifest: RemoteManifest; readonly at: number }>;
  readonly #platforms: ImageAnswers<PlatformImage | undefined>;
  readonly #insecure: ImageAnswers<readonly string[]>;
  readonly #asking = new Slots(() => AT_ONCE);
  readonly #store = new DisposableStore();

  constructor(private readonly parts: ImageParts) {
    const { timers, engines } = parts;
    const isAnswer = ({ status }: ImageCheck): boolean => status !== 'error';
    this.#subjects = new ImageAnswers(timers);
    this.#statuses = new ImageAnswers(timers, isAnswer);
    this.#forced = new ImageAnswers(timers, isAnswer);
    this.#remotes = new ImageAnswers(timers);
    this.#platforms = new ImageAnswers(timers);
    this.#insecure = new ImageAnswers(timers);
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

  async #checkOne({ engine, container }: Checked, force: boolean, began: number): Promise<ImageCheck> {
    const now = { reference: container.image, checkedAt: began };
    if (normalizeState(container.state) === 'created') {
      return { ...now, status: 'preparing', reason: 'not started yet' };
    }
    const known = force ? undefined : this.#known(engine, container);
    if (known) return known;
    const store = this.parts.engines.find(engine);
    try {
      if (!store) throw new Error('its engine is not shown');
      return await this.#status(store, await this.#subject(store, container), { container, force, began });
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
    const key = keyOf(engine.key, container.imageId, isNamed(container) ? container.image : container.id);
    return this.#subjects.get(key, 0, () => this.#asking.run(() => readSubject(engine, container)));
  }

  #status(store: EngineStore, subject: ImageSubject, run: Run): Promise<ImageCheck> {
    const { status, remote, forced } = this.#lifetimes();
    const { image, reference, imageId, movedTo } = subject;
    const authFile = run.container.labels[AUTH_FILE_LABEL];
    const local = JSON.stringify([image?.platform, image?.repoDigests, imageId, movedTo, authFile]);
    const key = keyOf(store.engine.key, reference, local);
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
    try {
      const access = {
        insecure: await this.#insecureOf(store),
        ...(authFile === undefined ? {} : { authFile }),
      };
      return { ...known, ...(await this.#compare(parsed, image, access, notBefore)) };
    } catch (error) {
      return { ...known, status: 'error', reason: messageOf(error), checkedAt: this.parts.timers.now() };
    }
  }

  /** By the digest, and where that is another by what it stands for on the image's platform. */
  async #compare(
    reference: ImageReference,
    image: ImageFacts,
    access: RegistryAccess,
    notBefore: number,
  ): Promise<Omit<ImageCheck, 'reference'>> {
    const { registry, timers } = this.parts;
    const name = formatReference(reference);
    const { manifest, at } = await this.#remotes.get(JSON.stringify([name, access]), notBefore, async () => ({
      manifest: await registry.head(reference, access),
      at: timers.now(),
    }));
    const remoteDigest = manifest.digest;
    const told = { remoteDigest, checkedAt: at };
    const same = digestsOf(image).find((digest) => digest === remoteDigest);
    if (same !== undefined) return { ...told, localDigest: same, status: 'updated', reason: UPDATED };
    // What a digest stands for never changes.
    const key = JSON.stringify([name, remoteDigest, image.platform]);
    const remote = await this.#platforms.get(key, 0, () =>
      registry.onPlatform(reference, remoteDigest, image.platform, access),
    );
    if (!remote)
      return { ...told, status: 'skipped', reason: `only for other platforms in ${reference.host}` };
    if (isImageOn(image, remote)) return { ...told, status: 'updated', reason: UPDATED };
    return { ...told, status: 'outdated', reason: `${reference.host} has a newer image` };
  }

  /** An engine that does not tell has none. */
  #insecureOf({ engine }: EngineStore): Promise<readonly string[]> {
    const notBefore = this.parts.timers.now() - INSECURE_MS;
    return this.#insecure
      .get(engine.key, notBefore, () => engine.insecureRegistries())
      .catch((error: unknown) => {
        this.parts.logger.debug(`${engine.name}: ${messageOf(error)}`);
        return [];
      });
  }

  /** Names may mean other images of this engine than before. */
  #evict(engine: string): void {
    const isOfEngine = (key: string): boolean => key.startsWith(keyOf(engine));
    for (const answers of [this.#subjects, this.#statuses, this.#forced]) answers.drop(isOfEngine);
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
const INSECURE_MS = 300_000;
const UPDATED = 'the same as in its registry';

/** The engine first and closed off, so that all of one engine begin alike. */
function keyOf(engine: string, ...rest: readonly string[]): string {
  return `${engine}\n${rest.join('\n')}`;
}
