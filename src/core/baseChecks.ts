import type { ImageCheck } from '../api';
import type { Slots, Timers } from '../common/scheduling';
import type { EngineStore } from './engineStore';
import { aggregateStatus } from './imageAggregate';
import { engineKeyOf, ImageAnswers } from './imageAnswers';
import type { Asking, ImageComparison } from './imageComparison';
import type { BaseImage, ImageFacts } from './imagePorts';
import { familiarReference, parseReference, type ImageReference } from './imageReference';
import { digestsOf, isOfRepository } from './imageSubject';

/** The images that a container's own image is made on. */
export interface Bases {
  readonly images: readonly BaseImage[];
  /** What is built may have changed since: an image that it does not begin with is not held against it. */
  readonly isChanged: boolean;
}

/** How the images stand that built images are made on. */
export class BaseChecks {
  readonly #locals: ImageAnswers<ImageFacts | undefined>;
  readonly #histories: ImageAnswers<readonly string[]>;

  /** @param asking as many questions about images as an engine gets at once. */
  constructor(
    private readonly comparison: ImageComparison,
    private readonly asking: Slots,
    private readonly timers: Timers,
  ) {
    this.#locals = new ImageAnswers(timers);
    this.#histories = new ImageAnswers(timers);
  }

  /** One check for all of them, there must be one; `built` is what was made on them. Rejects as EnginePort does. */
  async check(
    store: EngineStore,
    { images, isChanged }: Bases,
    built: ImageFacts | undefined,
    asking: Asking,
  ): Promise<ImageCheck> {
    const checks = images.map(async (base): Promise<ImageCheck> => {
      const { reference, file, line } = base;
      const local = await this.#local(store, reference);
      const isBuiltOn = !base.isBegunWith || !local || !built || (await this.#isBuiltOn(store, local, built));
      const said = judgeBase(reference, { local, isBuiltOn, isChanged });
      const found =
        'status' in said
          ? { checkedAt: this.timers.now(), ...said }
          : await this.comparison.compare(store, ...said, asking);
      const localDigest = isBuiltOn && local ? digestsOf(local)[0] : undefined;
      return {
        ...{ reference, file },
        ...(line === undefined ? {} : { line }),
        ...(localDigest === undefined ? {} : { localDigest }),
        ...found,
        reason: `${found.reason ?? ''} (${placeWords(base)})`,
      };
    });
    return together(await Promise.all(checks));
  }

  /** The engine's images changed. */
  evict(engine: string): void {
    this.#locals.drop((key) => key.startsWith(engineKeyOf(engine)));
  }

  #local({ engine }: EngineStore, reference: string): Promise<ImageFacts | undefined> {
    if (!parseReference(reference)) return Promise.resolve(undefined);
    return this.#locals.get(engineKeyOf(engine.key, reference), 0, () =>
      this.asking.run(async () => {
        const id = await engine.imageId(reference);
        return id === undefined ? undefined : engine.image(id);
      }),
    );
  }

  /** By its layers, and, since two images may differ in nothing but their settings, by the steps that made it. */
  async #isBuiltOn(store: EngineStore, base: ImageFacts, built: ImageFacts): Promise<boolean> {
    if (!beginsWith(built.layers, base.layers)) return false;
    const [first, all] = await Promise.all([this.#history(store, base.id), this.#history(store, built.id)]);
    return beginsWith(all, first);
  }

  #history({ engine }: EngineStore, id: string): Promise<readonly string[]> {
    const key = engineKeyOf(engine.key, id);
    return this.#histories.get(key, 0, () => this.asking.run(() => engine.imageHistory(id)));
  }
}

function beginsWith(all: readonly string[], first: readonly string[]): boolean {
  return first.every((each, at) => all[at] === each);
}

type Judgement = Pick<ImageCheck, 'status'> & { readonly reason: string };

interface LocalBase {
  /** The image that the name means on the engine. */
  readonly local: ImageFacts | undefined;
  /** That is the one that was built on, as far as can be told: of images that only lend files it cannot. */
  readonly isBuiltOn: boolean;
  readonly isChanged: boolean;
}

/** What can be said without the registry; else the name to ask it for, and the image to compare. */
function judgeBase(
  reference: string,
  { local, isBuiltOn, isChanged }: LocalBase,
): Judgement | [ImageReference, ImageFacts] {
  const skipped = (reason: string): Judgement => ({ status: 'skipped', reason });
  const parsed = parseReference(reference);
  if (!parsed) return skipped('no name of an image');
  if (parsed.digest !== undefined) return skipped('pinned to a digest');
  if (!local) return skipped('not on this engine any more');
  if (!isBuiltOn) {
    const moved = `${familiarReference(parsed)} is another image on this engine by now`;
    return isChanged ? skipped('not built on it yet') : { status: 'outdated', reason: moved };
  }
  const isPulled = local.repoDigests.some((digest) => isOfRepository(digest, parsed));
  return parsed.host === 'localhost' || !isPulled ? skipped('built locally') : [parsed, local];
}

/** `debian:12 in .devcontainer/Dockerfile, line 2, stage dev` */
function placeWords({ reference, input, line, stage }: BaseImage): string {
  const parsed = parseReference(reference);
  const name = parsed ? familiarReference(parsed) : reference;
  const place = [
    input,
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(stage === undefined ? [] : [`stage ${stage}`]),
  ];
  return `${name} in ${place.join(', ')}`;
}

/** The one that decides, which says how many others stand alike. */
function together(checks: readonly ImageCheck[]): ImageCheck {
  const status = aggregateStatus(checks.map((check) => check.status)) ?? 'skipped';
  const [first, ...alike] = checks.filter((check) => check.status === status);
  const told = first ?? { reference: '', status };
  return alike.length === 0 ? told : { ...told, reason: `${told.reason ?? ''} and ${alike.length} more` };
}
