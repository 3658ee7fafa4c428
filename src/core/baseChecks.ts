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

  /** @param asking as many questions about images as an engine gets at once. */
  constructor(
    private readonly comparison: ImageComparison,
    private readonly asking: Slots,
    private readonly timers: Timers,
  ) {
    this.#locals = new ImageAnswers(timers);
  }

  /** One check for all of them, there must be one; `built` is what was made on them. Rejects as EnginePort does. */
  async check(
    store: EngineStore,
    { images, isChanged }: Bases,
    built: ImageFacts | undefined,
    asking: Asking,
  ): Promise<ImageCheck> {
    const checks = images.map(async (base) => {
      const local = await this.#local(store, base.reference);
      const said = judgeBase(base, local, built, isChanged);
      const now = { checkedAt: this.timers.now() };
      const compared =
        'status' in said ? { ...now, ...said } : await this.comparison.compare(store, ...said, asking);
      const localDigest = isKnownAsBase(base, local, built) ? local && digestsOf(local)[0] : undefined;
      return {
        reference: base.reference,
        ...(localDigest === undefined ? {} : { localDigest }),
        ...compared,
        file: base.file,
        ...(base.line === undefined ? {} : { line: base.line }),
        reason: `${compared.reason ?? ''} (${placeWords(base)})`,
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
}

type Judgement = Pick<ImageCheck, 'status' | 'reason'>;

/** What can be said without the registry; else the name to ask it for, and the image to compare. */
function judgeBase(
  base: BaseImage,
  local: ImageFacts | undefined,
  built: ImageFacts | undefined,
  isChanged: boolean,
): Judgement | [ImageReference, ImageFacts] {
  const skipped = (reason: string): Judgement => ({ status: 'skipped', reason });
  const parsed = parseReference(base.reference);
  if (!parsed) return skipped('no name of an image');
  if (parsed.digest !== undefined) return skipped('pinned to a digest');
  if (!local) return skipped('not on this engine any more');
  if (!isKnownAsBase(base, local, built)) {
    if (isChanged) return skipped('not built on it yet');
    return {
      status: 'outdated',
      reason: `${familiarReference(parsed)} is another image on this engine by now`,
    };
  }
  const isPulled = local.repoDigests.some((digest) => isOfRepository(digest, parsed));
  return parsed.host === 'localhost' || !isPulled ? skipped('built locally') : [parsed, local];
}

/** Whether what the name means now is what was built on; of an image that only lends files nobody can tell. */
function isKnownAsBase(
  { isBegunWith }: BaseImage,
  local: ImageFacts | undefined,
  built: ImageFacts | undefined,
): boolean {
  if (!isBegunWith || !built || !local) return true;
  return local.layers.every((layer, at) => built.layers[at] === layer);
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
