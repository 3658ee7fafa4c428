import type { Disposable, Event } from '../api';
import { DisposableStore } from '../common/disposable';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { Slots } from '../common/scheduling';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import { isImageId } from './imageNames';
import type { ContainerDetails } from './containerDetails';
import type { ContainerFacts } from './ports';

/** So many questions about images an engine gets at once. */
const AT_ONCE = 4;
/** Names asked for by themselves, not of a container: those of configurations. */
const KEPT_NAMES = 1000;

/** The name from which a container was made, and the image that it means now; no id where it means none. */
export interface ImageTag {
  readonly reference: string;
  readonly id: string | undefined;
}

/** The images that the names mean now that the container was made from; each undefined while it is not known. */
export interface ImagesNow {
  /** The container's own image. */
  readonly own?: ImageTag | undefined;
  /** The image that the configuration names, which may be the base of the container's own. */
  readonly base?: ImageTag | undefined;
  /** The engine has yet to say what the configuration's name means. */
  readonly isAsking?: true;
}

/** The ids by the names that mean them. */
export function idsOf({ own, base }: ImagesNow = {}): Record<string, string> {
  const known = [own, base].flatMap((tag) => (tag?.id === undefined ? [] : [[tag.reference, tag.id]]));
  return Object.fromEntries(known) as Record<string, string>;
}

/**
 * Knows what engines tell of containers beyond their lists: their settings, and which images the names mean from
 * which they were made. Asks an engine once for each name, and again
 * when its images changed or it came back; never otherwise. Sole owner of that knowledge.
 */
export class ImageTags implements Disposable {
  readonly #engines = new Map<string, EngineTags>();
  readonly #changed = new Emitter<void>();
  readonly #parts = new DisposableStore();

  constructor(
    private readonly engines: Pick<Engines, 'find' | 'onDidChange' | 'onDidChangeImages'>,
    private readonly logger: Logger,
  ) {
    this.#parts.add(engines.onDidChangeImages((store) => this.#engines.get(store.engine.key)?.askAgain()));
    this.#parts.add(engines.onDidChange(() => this.#dropOthers()));
  }

  /** An answer is other than before, or there for the first time. */
  readonly onDidChange: Event<void> = this.#changed.event;

  /** What the name means now from which this container was made; undefined while that is not known yet. */
  of(engine: string, container: ContainerFacts): ImageTag | undefined {
    return this.#of(engine)?.of(container);
  }

  /** The container's own settings; undefined while they are not known yet. */
  details(engine: string, containerId: string): ContainerDetails | undefined {
    return this.#of(engine)?.details(containerId);
  }

  /** What this name means now; undefined while that is not known yet. */
  idOf(engine: string, reference: string): ImageTag | undefined {
    return this.#of(engine)?.idOf(reference);
  }

  dispose(): void {
    this.#parts.dispose();
    this.#changed.dispose();
    this.#engines.clear();
  }

  #of(key: string): EngineTags | undefined {
    const store = this.engines.find(key);
    const known = this.#engines.get(key);
    if (!store || known?.store === store) return known;
    const tags = new EngineTags(store, this.logger, () => this.#changed.fire());
    this.#engines.set(key, tags);
    return tags;
  }

  #dropOthers(): void {
    for (const [key, { store }] of this.#engines) {
      if (this.engines.find(key) !== store) this.#engines.delete(key);
    }
  }
}

/** One question to the engine, whose answer stays until there is another. */
interface Answer<T> {
  value?: T;
  isKnown: boolean;
  isAsking: boolean;
  hasFailed: boolean;
}

/** The names of one engine. */
class EngineTags {
  /** What each container was made with, by id: that never changes. */
  readonly #made = new Map<string, Answer<ContainerDetails>>();
  readonly #ids = new Map<string, Answer<string>>();
  /** Those of `#ids` that were asked for by themselves, the latest last. */
  readonly #named = new Set<string>();
  /** The names of containers, by their ids. */
  readonly #used = new Map<string, string>();
  readonly #slots = new Slots(() => AT_ONCE);
  /** Counts the changes of the engine's images. */
  #images = 0;

  constructor(
    readonly store: EngineStore,
    private readonly logger: Logger,
    private readonly onChange: () => void,
  ) {}

  of({ id, image, imageId }: ContainerFacts): ImageTag | undefined {
    // A list gives the id instead of a name that means another image by now.
    const isName = image !== '' && !isFixed(image) && !isShortId(image, imageId);
    const reference = isName ? image : this.details(id)?.imageReference;
    if (reference === undefined) return undefined;
    // No name, but the image itself: it will never mean another.
    if (isFixed(reference) || isShortId(reference, imageId)) return { reference, id: imageId };
    this.#used.set(id, reference);
    return this.#answerFor(reference);
  }

  details(id: string): ContainerDetails | undefined {
    return (this.#made.get(id) ?? this.#askMade(id)).value;
  }

  idOf(reference: string): ImageTag | undefined {
    this.#named.delete(reference);
    this.#named.add(reference);
    for (const oldest of this.#named) {
      if (this.#named.size <= KEPT_NAMES) break;
      this.#named.delete(oldest);
    }
    return this.#answerFor(reference);
  }

  /** The engine's images changed, or may have. */
  askAgain(): void {
    this.#images++;
    for (const map of [this.#made, this.#used])
      for (const id of map.keys()) if (!this.store.find(id)) map.delete(id);
    for (const [id, answer] of this.#made) if (answer.hasFailed) this.#askMade(id);
    const used = new Set([...this.#named, ...this.#used.values()]);
    for (const [reference, answer] of this.#ids) {
      if (!used.has(reference)) this.#ids.delete(reference);
      else if (!isFixed(reference) || answer.value === undefined) this.#askId(reference, answer);
    }
  }

  #answerFor(reference: string): ImageTag | undefined {
    const answer = this.#ids.get(reference) ?? this.#askId(reference);
    return answer.isKnown ? { reference, id: answer.value } : undefined;
  }

  #askMade(id: string): Answer<ContainerDetails> {
    const answer = this.#made.get(id) ?? unknown<ContainerDetails>();
    this.#made.set(id, answer);
    void this.#ask(answer, () => this.store.engine.details(id));
    return answer;
  }

  #askId(reference: string, answer = unknown<string>()): Answer<string> {
    this.#ids.set(reference, answer);
    void this.#ask(answer, () => this.store.engine.imageId(reference));
    return answer;
  }

  /** Asks, and once more when the images changed meanwhile; one that is being asked already is not asked twice. */
  async #ask<T>(answer: Answer<T>, question: () => Promise<T | undefined>): Promise<void> {
    if (answer.isAsking) return;
    answer.isAsking = true;
    let asked = -1;
    try {
      while (asked !== this.#images) {
        const value = await this.#slots.run(() => {
          asked = this.#images;
          return question();
        });
        this.#take(answer, value);
      }
      answer.hasFailed = false;
    } catch (error) {
      // What was known stays; the engine's return, or the next change of its images, asks again.
      answer.hasFailed = true;
      this.logger.debug(`${this.store.engine.name}: ${messageOf(error)}`);
    } finally {
      answer.isAsking = false;
    }
  }

  #take<T>(answer: Answer<T>, value: T | undefined): void {
    if (answer.isKnown && equal(answer.value, value)) return;
    answer.isKnown = true;
    if (value === undefined) delete answer.value;
    else answer.value = value;
    this.onChange();
  }
}

function unknown<T>(): Answer<T> {
  return { isKnown: false, isAsking: false, hasFailed: false };
}

/** Whether this names one image for ever: an id, or a name with a digest. */
function isFixed(reference: string): boolean {
  return isImageId(reference) || /@sha\d+:[0-9a-f]{32,}$/.test(reference);
}

/** Whether this is the beginning of the image's id, as people copy it from lists. */
function isShortId(reference: string, imageId: string): boolean {
  return /^[0-9a-f]{12,}$/.test(reference) && imageId.replace(/^sha256:/, '').startsWith(reference);
}
