import type { Disposable } from '../api';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { effectOf, effectOfInput } from './effects';
import { followRecords } from './followRecords';
import { withLeft, type Left } from './left';
import { comparable, containerKey } from './identity';
import { idsOf } from './imageTags';
import {
  isNewerRecord,
  isReadable,
  keptText,
  parseMadeFrom,
  fileNameOf,
  RECORD_VERSION,
  type MadeFrom,
  type OkReading,
  type Original,
} from './madeFrom';
import type { ConfigReader, InputReading, InputValue, RecordStore } from './ports';
import type { Case, Judging, Now, Verdict } from './verdict';

/** What is known of a verdict's grounds: the same grounds give the same verdict. */
interface Judged {
  readonly subject: Case;
  readonly now: Now;
  readonly record: MadeFrom | undefined;
  readonly verdict: Verdict;
}

/** What a container was made from. */
export interface Grounds {
  readonly reading: OkReading;
  readonly inputs: readonly InputReading[];
  /** Ids of images by the names that meant them. */
  readonly images?: MadeFrom['images'];
}

/**
 * Knows what each container was made from and says how its configuration differs from that today. Content decides:
 * times only speak for containers that we know nothing else of. Sole owner of the records.
 */
export class Drift implements Disposable {
  readonly #records = new Map<string, MadeFrom>();
  readonly #judged = new Map<string, Judged>();
  readonly #changed = new Emitter<void>();
  /** Keys of records that are newer here than on the disk. */
  readonly #unsaved = new Set<string>();
  /** Names of the records that a newer Shipshape wrote: we cannot read them, and leave them to it. */
  readonly #newer = new Set<string>();
  #following: Disposable | undefined;
  /** Why the last record could not be kept. */
  #lastError = '';

  constructor(
    private readonly store: RecordStore,
    private readonly reader: Pick<ConfigReader, 'placesIn'>,
    /** Loaded after activation, before an engine is asked for its containers. */
    private readonly judging: () => Judging,
    private readonly logger: Logger,
  ) {}

  /** A record changed, so verdicts may differ. */
  readonly onDidChange = this.#changed.event;

  /** Reads the records of earlier windows, and from then on what others write. */
  async load(): Promise<void> {
    this.#following ??= followRecords(this.store, (records) => this.#takeOver(records), this.logger);
    this.#takeOver(await this.store.readAll());
  }

  /** Judges a container by what its configuration and its inputs are now; the same question twice costs nothing. */
  judge(subject: Case, now: Now): Verdict {
    const key = containerKey(subject.engine, subject.container.id);
    const record = this.#records.get(key);
    const known = this.#judged.get(key);
    if (known?.record === record && known && isSame(known, { subject, now })) return known.verdict;
    const placesIn: ConfigReader['placesIn'] = (text) => this.reader.placesIn(text);
    const verdict = record
      ? this.judging().judgeByRecord(subject, record, now, placesIn)
      : this.judging().judgeByTraces(subject, now, placesIn);
    this.#judged.set(key, { subject, now, record, verdict });
    if (!record && verdict.changes.length === 0) this.#adopt(subject, now);
    return verdict;
  }

  /** What the container was made from, if it is known. */
  madeFrom(engine: string, containerId: string): MadeFrom | undefined {
    return this.#records.get(containerKey(engine, containerId));
  }

  /** The text that a file had when the container was made from it, if it is known. */
  madeFromText(engine: string, containerId: string, file: string): string | undefined {
    const record = this.madeFrom(engine, containerId);
    if (record?.configFile === file) return record.text || undefined;
    return record?.inputs.find((input) => input.file === file && input.text !== undefined)?.text;
  }

  /** The inputs that containers of a configuration were made from. */
  inputsOf(configFile: string): readonly InputReading[] {
    const file = comparable(configFile);
    return [...this.#records.values()].flatMap((record) =>
      comparable(record.configFile) === file ? record.inputs : [],
    );
  }

  /** Records what a container was made from; `source` says how we know. */
  record(subject: Case, source: MadeFrom['source'], grounds: Grounds): void {
    void this.#keep(this.#recordOf(subject, source, grounds), subject.container.name);
  }

  /** The user says that it is fine: so it is in this window at once; resolves to why it is not so in others, if it is not. */
  accept(subject: Case, grounds: Grounds): Promise<string | undefined> {
    return this.#keep(this.#recordOf(subject, 'accepted', grounds), subject.container.name);
  }

  /** A container was made from the same as the one that this record is of. */
  inherit(record: MadeFrom, containerId: string): void {
    void this.#keep({ ...record, containerId }, record.configFile);
  }

  /** What a job left that kept the container is no change: what names of images mean now, and the lockfile it wrote. */
  acceptLeft({ engine, container }: Case, left: Left): void {
    const record = this.madeFrom(engine, container.id);
    const next = record && withLeft(record, left);
    if (next !== record && next) void this.#keep(next, container.name);
  }

  /** The container was started anew: what counts at each start is as today's configuration says, and nothing else. */
  recordRestarted(subject: Case, { reading, inputs }: Omit<Grounds, 'images'>): void {
    const record = this.madeFrom(subject.engine, subject.container.id);
    if (!record) return;
    const at = (value: OkReading['value'], counts: boolean): [string, unknown][] =>
      Object.entries(value).filter(([key]) => (effectOf([key]) === 'restart') === counts);
    const value = Object.fromEntries([...at(record.value, false), ...at(reading.value, true)]);
    // Only where all is as today, today's text is what it was made from.
    const text = equal(value, reading.value) ? keptText(reading) : record.text;
    const kept = { value, text, inputs: restartedInputs(record.inputs, inputs) };
    void this.#keep({ ...record, ...kept }, subject.container.name);
  }

  /**
   * Forgets the records of an engine's containers that are gone. `ids` are those on its list; of each other one the
   * engine is asked, since a container may be younger than the list.
   */
  async forgetOthers(
    engine: string,
    ids: ReadonlySet<string>,
    isThere: (id: string) => Promise<boolean>,
  ): Promise<void> {
    for (const [key, record] of this.#records) {
      if (record.engine !== engine || ids.has(record.containerId) || (await isThere(record.containerId)))
        continue;
      this.#records.delete(key);
      await this.store.remove(fileNameOf(record)).catch(() => undefined);
    }
    for (const key of this.#judged.keys()) {
      if (key.startsWith(`${engine}|`) && !ids.has(key.slice(engine.length + 1))) this.#judged.delete(key);
    }
  }

  dispose(): void {
    this.#following?.dispose();
    this.#changed.dispose();
  }

  /** What is not as we write it is left out, and so is what we have yet to write ourselves. */
  #takeOver(records: ReadonlyMap<string, unknown>): void {
    let isNew = false;
    for (const [name, value] of records) {
      if (isNewerRecord(value)) this.#leaveAlone(name);
      const record = parseMadeFrom(value);
      const key = record && containerKey(record.engine, record.containerId);
      if (!key || this.#unsaved.has(key) || equal(this.#records.get(key), record)) continue;
      this.#records.set(key, record);
      isNew = true;
    }
    if (isNew) this.#changed.fire();
  }

  #leaveAlone(name: string): void {
    if (this.#newer.size === 0)
      this.logger.warn(
        'A newer version of Shipshape recorded what containers were made from. This one judges them by what they tell of themselves, and keeps nothing of them.',
      );
    this.#newer.add(name);
  }

  /** Takes today's content as what the container was made from, where nothing speaks against it. */
  #adopt(subject: Case, { reading, inputs, images, details }: Now): void {
    // What cannot be read now may have been other than it will be once it can.
    if (reading.status !== 'ok' || !inputs?.readings.every(isReadable)) return;
    // A record without the image's id would never tell that the name means another one.
    if (!details || images?.isAsking) return;
    this.record(subject, 'observed', { reading, inputs: inputs.readings, images: idsOf(images) });
  }

  /** What the container was made from before the user accepted something else. */
  #originalOf({ engine, container }: Case): { readonly original?: Original } {
    const known = this.madeFrom(engine, container.id);
    if (!known || known.source === 'accepted') return known?.original ? { original: known.original } : {};
    const { value, inputs, images } = known;
    return { original: { value, inputs, images } };
  }

  #recordOf(subject: Case, source: MadeFrom['source'], { reading, inputs, images = {} }: Grounds): MadeFrom {
    return {
      version: RECORD_VERSION,
      engine: subject.engine,
      containerId: subject.container.id,
      configFile: subject.configFile,
      source,
      text: keptText(reading),
      value: reading.value,
      inputs,
      images,
      ...(source === 'accepted' ? this.#originalOf(subject) : {}),
    };
  }

  #keep(record: MadeFrom, name: string): Promise<string | undefined> {
    this.#records.set(containerKey(record.engine, record.containerId), record);
    const written = this.#write(record, name);
    this.#changed.fire();
    return written;
  }

  /** What cannot be written still counts in this window; the same trouble is told once, not for each container. */
  async #write(record: MadeFrom, name: string): Promise<string | undefined> {
    const key = containerKey(record.engine, record.containerId);
    if (this.#newer.has(fileNameOf(record))) return 'a newer version of Shipshape has recorded it.';
    this.#unsaved.add(key);
    try {
      await this.store.write(fileNameOf(record), record);
      if (this.#records.get(key) === record) this.#unsaved.delete(key);
      this.#lastError = '';
      return undefined;
    } catch (error) {
      const message = messageOf(error);
      if (message !== this.#lastError)
        this.logger.warn(`Could not keep what ${name} was made from: ${message}`);
      this.#lastError = message;
      return message;
    }
  }
}

/** What variables of the machine meant for what counts at each start is as today; all else is as it was. */
function restartedInputs(before: readonly InputReading[], now: readonly InputReading[]): InputReading[] {
  const isVariable = ({ kind, problem }: InputReading): boolean => kind === 'environment' && !problem;
  const known = new Map(before.filter(isVariable).map((reading) => [reading.input, reading]));
  const present = new Map(now.filter(isVariable).map((reading) => [reading.input, reading]));
  const at = (reading: InputReading | undefined, counts: boolean): [string, InputValue][] =>
    Object.entries(reading?.values ?? {}).filter(
      ([property]) => (effectOfInput('environment', property) === 'restart') === counts,
    );
  const variables = [...new Map([...present, ...known])].map(([input, reading]) => ({
    ...reading,
    values: Object.fromEntries([...at(known.get(input), false), ...at(present.get(input), true)]),
  }));
  const used = variables.filter(({ values }) => Object.keys(values).length > 0);
  return [...before.filter((reading) => !isVariable(reading)), ...used];
}

function isSame(a: Omit<Judged, 'record' | 'verdict'>, b: typeof a): boolean {
  return (
    a.now.reading === b.now.reading &&
    a.now.inputs === b.now.inputs &&
    equal(a.now.details, b.now.details) &&
    equal(a.now.images, b.now.images) &&
    // A list is coarser about the time than what the engine says of the one container.
    equal(a.subject, b.subject)
  );
}
