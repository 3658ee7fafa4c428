import type { Disposable, ImageCheck, ImageStatus } from '../api';
import { DisposableStore } from '../common/disposable';
import { equal } from '../common/equal';
import { messageOf } from '../common/errors';
import { Emitter } from '../common/event';
import type { Logger } from '../common/logger';
import { isRecord } from '../common/record';
import type { Timers } from '../common/scheduling';
import { followRecords } from './followRecords';
import { normalizeState } from './identity';
import { isNamed } from './imageNames';
import type { ContainerFacts, RecordStore } from './ports';
import { recordName } from './recordName';

interface Known {
  readonly check: ImageCheck;
  /** It may stand for a new check: it is an answer, and the engine's images did not change since. */
  readonly mayServe: boolean;
}

/**
 * The last check of each image that containers were made from. What was an answer outlives the window and is shown in
 * the others; an error is shown in its own window only. Sole owner of that knowledge.
 */
export class ImageStatuses implements Disposable {
  readonly #known = new Map<string, Known>();
  readonly #changed = new Emitter<void>();
  readonly #parts = new DisposableStore();

  constructor(
    private readonly store: RecordStore,
    private readonly timers: Timers,
    private readonly logger: Logger,
  ) {}

  /** Some checks are others now. */
  readonly onDidChange = this.#changed.event;

  /** Reads what earlier windows found, and from then on what others find; drops what is older than a month. */
  async load(): Promise<void> {
    const records = await this.store.readAll();
    const following = followRecords(this.store, (changed) => this.#take(changed), this.logger);
    if (following) this.#parts.add(following);
    this.#take(records);
    const oldest = this.timers.now() - KEPT_MS;
    const isOld = (value: unknown): boolean => (parse(value)?.check.checkedAt ?? 0) < oldest;
    for (const [name, value] of records) if (isOld(value)) await this.store.remove(name);
  }

  /** The last check of a container's image; undefined when there was none. The same object until there is another. */
  of(engine: string, container: ContainerFacts): ImageCheck | undefined {
    return this.#known.size === 0 ? undefined : this.#known.get(keyOf(engine, container))?.check;
  }

  /** The last check if it was made at `notBefore`, in milliseconds since 1970, or later, and is an answer still. */
  answer(engine: string, container: ContainerFacts, notBefore: number): ImageCheck | undefined {
    const known = this.#known.get(keyOf(engine, container));
    return known?.mayServe && (known.check.checkedAt ?? 0) >= notBefore ? known.check : undefined;
  }

  /** Shows a check, and keeps it where it is an answer. */
  show(engine: string, container: ContainerFacts, check: ImageCheck): void {
    const key = keyOf(engine, container);
    const mayServe = ANSWERS.includes(check.status);
    const isNew = this.#put(key, { check, mayServe });
    if (isNew) this.#changed.fire();
    if (!isNew || !mayServe) return;
    this.store.write(recordName(key), { version: 1, key, check }).catch((error: unknown) => {
      this.logger.warn(`Could not keep how ${check.reference} stands: ${messageOf(error)}`);
    });
  }

  /** The images of an engine that `isStale` picks by name or id changed: their checks stay, but serve no more. */
  evict(engine: string, isStale: (image: string, imageId: string) => boolean): void {
    for (const [key, known] of this.#known) {
      const [of, image = '', imageId = ''] = JSON.parse(key) as string[];
      if (of === engine && isStale(image, imageId)) this.#known.set(key, { ...known, mayServe: false });
    }
  }

  dispose(): void {
    this.#parts.dispose();
    this.#changed.dispose();
  }

  /** Of two checks the later one counts. */
  #take(records: ReadonlyMap<string, unknown>): void {
    const oldest = this.timers.now() - KEPT_MS;
    let isNew = false;
    for (const value of records.values()) {
      const { key, check } = parse(value) ?? {};
      if (key === undefined || !check || (check.checkedAt ?? 0) < oldest) continue;
      if ((this.#known.get(key)?.check.checkedAt ?? 0) >= (check.checkedAt ?? 0)) continue;
      if (this.#put(key, { check, mayServe: true })) isNew = true;
    }
    if (isNew) this.#changed.fire();
  }

  #put(key: string, known: Known): boolean {
    const before = this.#known.get(key);
    this.#known.delete(key);
    const isSame = before !== undefined && equal(before.check, known.check);
    this.#known.set(key, isSame ? { ...known, check: before.check } : known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
    return !isSame;
  }
}

const ANSWERS: readonly ImageStatus[] = ['outdated', 'updated', 'skipped'];
const STATUSES: readonly unknown[] = [...ANSWERS, 'processing', 'preparing', 'error'];
const MAX_KNOWN = 5_000;
const KEPT_MS = 30 * 24 * 3_600_000;

/** The file of credentials that a container asks for. */
export const AUTH_FILE_LABEL = 'io.containers.autoupdate.authfile';

/**
 * Everything on which the check of a container's image depends, as far as a list tells. One that was never started
 * has a status of its own, and of one without a name the engine has to be asked by the container.
 */
function keyOf(engine: string, container: ContainerFacts): string {
  const { id, image, imageId, labels, state } = container;
  const own = [isNamed(container) ? '' : id, normalizeState(state) === 'created' ? 'created' : ''];
  return JSON.stringify([engine, image, imageId, labels[AUTH_FILE_LABEL] ?? '', ...own]);
}

/** Files can be written by anybody: undefined for what is not as we write it. */
function parse(value: unknown): { readonly key: string; readonly check: ImageCheck } | undefined {
  if (!isRecord(value) || value['version'] !== 1 || !isRecord(value['check'])) return undefined;
  const { key, check } = value;
  const { reference, status, reason, localDigest, remoteDigest, checkedAt, file, line } = check;
  const isText = (each: unknown): boolean => each === undefined || typeof each === 'string';
  const isSound =
    typeof key === 'string' &&
    typeof reference === 'string' &&
    typeof checkedAt === 'number' &&
    STATUSES.includes(status) &&
    (line === undefined || Number.isSafeInteger(line)) &&
    [reason, localDigest, remoteDigest, file].every(isText);
  return isSound ? { key, check: check as unknown as ImageCheck } : undefined;
}
