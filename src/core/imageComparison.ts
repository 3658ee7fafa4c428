import type { ImageCheck } from '../api';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { ImageAnswers } from './imageAnswers';
import type { ImageFacts, PlatformImage, RegistryAccess, RegistryPort, RemoteManifest } from './imagePorts';
import { formatReference, type ImageReference } from './imageReference';
import { digestsOf, isImageOn } from './imageSubject';

export interface ComparisonParts {
  readonly registry: RegistryPort;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** How a registry is asked. */
export interface Asking {
  /** An answer that came then, in milliseconds since 1970, or later serves again. */
  readonly notBefore: number;
  readonly authFile?: string | undefined;
}

/** Compares images of engines with what their names mean in the registries; answers serve all that ask. */
export class ImageComparison {
  readonly #remotes: ImageAnswers<{ readonly manifest: RemoteManifest; readonly at: number }>;
  readonly #platforms: ImageAnswers<PlatformImage | undefined>;
  readonly #insecure: ImageAnswers<readonly string[]>;

  constructor(private readonly parts: ComparisonParts) {
    const { timers } = parts;
    this.#remotes = new ImageAnswers(timers);
    this.#platforms = new ImageAnswers(timers);
    this.#insecure = new ImageAnswers(timers);
  }

  /** By the digest, and where that is another by what it stands for on the image's platform. Never rejects. */
  async compare(
    store: EngineStore,
    reference: ImageReference,
    image: ImageFacts,
    { notBefore, authFile }: Asking,
  ): Promise<Omit<ImageCheck, 'reference'>> {
    const { timers } = this.parts;
    try {
      const insecure = await this.#insecureOf(store);
      const access = { insecure, ...(authFile === undefined ? {} : { authFile }) };
      return await this.#compare(reference, image, access, notBefore);
    } catch (error) {
      return { status: 'error', reason: messageOf(error), checkedAt: timers.now() };
    }
  }

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
}

const INSECURE_MS = 300_000;
const UPDATED = 'the same as in its registry';
