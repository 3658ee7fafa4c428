import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import { isRecord } from '../common/record';
import type { EngineStore } from './engineStore';
import { containerKey } from './identity';
import type { Processes } from './journal';
import type { RecordStore } from './ports';
import { recordName } from './recordName';
import { settleReplacement, type Replacement } from './replacement';

/**
 * Replacements under way, on disk, so that a crash of the editor or of the engine loses no container: what is found
 * there later is finished or undone. It also keeps two windows from replacing one container.
 */
export class Replacements {
  /** Those of this window that are not over. */
  readonly #running = new Set<string>();

  constructor(
    private readonly store: RecordStore,
    private readonly processes: Processes,
    private readonly logger: Logger,
  ) {}

  /**
   * Writes the replacement down, runs the task, and forgets it when that resolves; what the task notes stands from
   * then on. When it rejects it stays written down, for `recover`. Rejects with `busy` where a container of it is being
   * replaced already.
   */
  async guard<T>(
    replacement: Replacement,
    task: (note: (now: Replacement) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const name = nameOf(replacement);
    const record = (now: Replacement): Entry => ({ owner: this.processes.own, replacement: now });
    const other = await this.#overlapping(replacement);
    if (other !== undefined || !(await this.store.create(name, record(replacement)))) {
      const who = other ?? replacement.members[0]?.name ?? '';
      throw new ShipshapeError('busy', `${who} is being replaced already, in this window or another.`);
    }
    this.#running.add(name);
    try {
      const result = await task((now) => this.store.write(name, record(now)));
      await this.store.remove(name);
      return result;
    } finally {
      this.#running.delete(name);
    }
  }

  /**
   * Finishes or undoes what was left half done on this engine, by a window that is gone or for want of an answer. What
   * cannot be put right yet stays written down.
   */
  async recover(store: EngineStore): Promise<void> {
    for (const [name, value] of await this.store.readAll()) {
      const entry = parse(value);
      if (entry?.replacement.engine !== store.engine.key) continue;
      const { owner, replacement } = entry;
      const isAtWork = owner === this.processes.own ? this.#running.has(name) : this.processes.isAlive(owner);
      if (!isAtWork) await this.#settle(store, name, replacement);
    }
  }

  async #settle(store: EngineStore, name: string, replacement: Replacement): Promise<void> {
    const names = replacement.members.map(({ name: each }) => each).join(', ');
    const mark = `${name}-settled`;
    if (!(await this.#claim(mark))) return;
    try {
      // Another window may have been here before the mark was ours.
      if (!parse(await this.store.read(name))) return;
      await settleReplacement(store.engine, replacement);
      await this.store.remove(name);
      this.logger.info(`Put right what an update that was cut off had left of ${names}.`);
      store.invalidate();
    } catch (error) {
      this.logger.warn(`Could not put ${names} right yet: ${messageOf(error)}`);
    } finally {
      await this.store.remove(mark);
    }
  }

  /** One window at a time puts a replacement right. */
  async #claim(mark: string): Promise<boolean> {
    const claim = { settler: this.processes.own };
    if (await this.store.create(mark, claim)) return true;
    const value = await this.store.read(mark);
    const settler = isRecord(value) ? value['settler'] : undefined;
    if (typeof settler === 'string' && settler !== this.processes.own && this.processes.isAlive(settler))
      return false;
    await this.store.remove(mark);
    return this.store.create(mark, claim);
  }

  /** The name of a container that another replacement has too. */
  async #overlapping({ engine, members }: Replacement): Promise<string | undefined> {
    const ids = new Set(members.map(({ id }) => id));
    const others = [...(await this.store.readAll()).values()].map((value) => parse(value)?.replacement);
    const taken = others.flatMap((other) => (other?.engine === engine ? other.members : []));
    return taken.find(({ id }) => ids.has(id))?.name;
  }
}

interface Entry {
  /** The process that is at work on it. */
  readonly owner: string;
  readonly replacement: Replacement;
}

function nameOf({ engine, members }: Replacement): string {
  return recordName(containerKey(engine, members[0]?.id ?? ''));
}

/** Files can be written by anybody: undefined for what is not as we write it. */
function parse(value: unknown): Entry | undefined {
  if (!isRecord(value) || typeof value['owner'] !== 'string' || !isRecord(value['replacement']))
    return undefined;
  const { version, engine, members } = value['replacement'];
  if (version !== 1 || typeof engine !== 'string' || !Array.isArray(members)) return undefined;
  return members.every(isMember) ? (value as unknown as Entry) : undefined;
}

function isMember(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { id, name, newId } = value;
  const isId = (each: unknown): boolean => typeof each === 'string' && /^[0-9a-f]{64}$/.test(each);
  return isId(id) && typeof name === 'string' && (newId === undefined || isId(newId));
}
