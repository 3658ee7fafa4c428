import type { Change, ConfigProblem, Disposable } from '../api';
import { equal } from '../common/equal';
import { Emitter } from '../common/event';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import { diffConfigs, shown, type PropertyChange } from './configDiff';
import { effectOf } from './effects';
import { containerKey, relativeTo } from './identity';
import { isBuiltByCli, isSameImage } from './imageNames';
import {
  copiedProperties,
  isOlderThan,
  labelledProperties,
  parseMadeFrom,
  type MadeFrom,
  type OkReading,
} from './madeFrom';
import type { ConfigReader, ConfigReading, ContainerFacts, RecordStore } from './ports';

/** Whether a container matches its configuration, and why not. */
export interface Verdict {
  readonly dirty: boolean;
  readonly changes: readonly Change[];
  readonly problem?: ConfigProblem;
}

export const CLEAN: Verdict = { dirty: false, changes: [] };
const MISSING: Verdict = {
  ...CLEAN,
  problem: { message: 'The configuration file is not there any more.', isMissing: true },
};
const KEPT_TEXT = 64 * 1024;

/** What there is to judge: a container, and the configuration that it should match. */
export interface Case {
  readonly engine: string;
  readonly container: ContainerFacts;
  readonly workspaceFolder: string;
  readonly configFile: string;
  /** Engine's clock minus the host's, in milliseconds. */
  readonly skewMs: number;
}

/**
 * Knows what each container was made from and says how its configuration differs from that today. Content decides:
 * times only speak for containers that we know nothing else of. Sole owner of the records.
 */
export class Drift implements Disposable {
  readonly #records = new Map<string, MadeFrom>();
  readonly #verdicts = new Map<
    string,
    { reading: ConfigReading; record: MadeFrom | undefined; verdict: Verdict }
  >();
  readonly #changed = new Emitter<void>();

  constructor(
    private readonly store: RecordStore,
    private readonly reader: Pick<ConfigReader, 'lineOf'>,
    private readonly logger: Logger,
  ) {}

  /** A record changed, so verdicts may differ. */
  readonly onDidChange = this.#changed.event;

  /** Reads the records of earlier windows; what is not as we write it is left out. */
  async load(): Promise<void> {
    for (const value of (await this.store.readAll()).values()) {
      const record = parseMadeFrom(value);
      if (record) this.#records.set(containerKey(record.engine, record.containerId), record);
    }
  }

  /** Judges a container by what its configuration says now; the same question twice costs nothing. */
  judge(subject: Case, reading: ConfigReading | undefined): Verdict {
    if (!reading) return CLEAN;
    if (reading.status === 'missing') return MISSING;
    const key = containerKey(subject.engine, subject.container.id);
    if (reading.status === 'ok' && !this.#records.has(key)) this.#adopt(subject, reading);
    const record = this.#records.get(key);
    const known = this.#verdicts.get(key);
    if (known?.reading === reading && known.record === record) return known.verdict;
    const verdict = this.#compare(subject, record, reading);
    this.#verdicts.set(key, { reading, record, verdict });
    return verdict;
  }

  /** The configuration's text that the container was made from, if it is known. */
  madeFrom(engine: string, containerId: string): MadeFrom | undefined {
    return this.#records.get(containerKey(engine, containerId));
  }

  /** Records what a container was made from; `source` says how we know. */
  record(subject: Case, reading: OkReading, source: MadeFrom['source']): void {
    const record: MadeFrom = {
      version: 1,
      engine: subject.engine,
      containerId: subject.container.id,
      configFile: subject.configFile,
      source,
      text: reading.text.length > KEPT_TEXT ? '' : reading.text,
      value: reading.value,
    };
    this.#records.set(containerKey(subject.engine, subject.container.id), record);
    this.store.write(recordName(record), record).catch((error: unknown) => {
      this.logger.warn(`Could not keep what ${subject.container.name} was made from: ${messageOf(error)}`);
    });
    this.#changed.fire();
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
      await this.store.remove(recordName(record)).catch(() => undefined);
    }
    for (const key of this.#verdicts.keys()) {
      if (key.startsWith(`${engine}|`) && !ids.has(key.slice(engine.length + 1))) this.#verdicts.delete(key);
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** Takes today's content as what the container was made from, where that can be known for sure. */
  #adopt(subject: Case, reading: OkReading): void {
    const untouched = isOlderThan(reading, subject.container, subject.skewMs);
    if (labelDiff(subject, reading).length > 0) return;
    if (!untouched && !isCoveredByLabel(subject.container, reading)) return;
    this.record(subject, reading, 'observed');
  }

  #compare(subject: Case, record: MadeFrom | undefined, reading: ConfigReading): Verdict {
    const input = relativeTo(subject.configFile, subject.workspaceFolder);
    if (reading.status === 'invalid') {
      const { problem } = reading;
      return { dirty: true, changes: [{ input, effect: 'unknown', ...line(problem.line) }], problem };
    }
    if (reading.status === 'missing') return CLEAN;
    const changes = record
      ? diffConfigs(input, record.value, reading.value)
      : [...imageDiff(input, subject.container, reading), ...labelDiff(subject, reading)];
    if (changes.length === 0 && !record) {
      return { dirty: true, changes: [{ input, effect: 'unknown', ...line(1) }] };
    }
    return {
      dirty: changes.length > 0,
      changes: changes.map((change) => this.#withLine(change, reading.text)),
    };
  }

  #withLine({ path, ...change }: PropertyChange, text: string): Change {
    return {
      ...change,
      ...line(this.reader.lineOf(text, path) ?? this.reader.lineOf(text, path.slice(0, 1))),
    };
  }
}

function line(number: number | undefined): { line?: number } {
  return number === undefined ? {} : { line: number };
}

/** Differences between the file and what the CLI noted on the container. */
function labelDiff(subject: Case, reading: OkReading): PropertyChange[] {
  const noted = labelledProperties(subject.container);
  const copied = copiedProperties(reading.value);
  // Without properties of its own a configuration has no entry, and the last one is the base image's.
  if (!noted || Object.keys(copied).length === 0) return [];
  return diffConfigs(relativeTo(subject.configFile, subject.workspaceFolder), noted, copied);
}

/** A configuration that only names an image tells by the container's own image. */
function imageDiff(input: string, container: ContainerFacts, reading: OkReading): PropertyChange[] {
  const image = reading.value['image'];
  if (typeof image !== 'string' || isSameImage(image, container.image) || isBuiltByCli(container.image))
    return [];
  const [from, to] = [shown(container.image), shown(image)];
  return [
    {
      input,
      property: 'image',
      path: ['image'],
      effect: effectOf('image'),
      ...(from ? { from } : {}),
      ...(to ? { to } : {}),
    },
  ];
}

/** Whether each property of the file can be told from the container itself. */
function isCoveredByLabel(container: ContainerFacts, reading: OkReading): boolean {
  const noted = labelledProperties(container);
  const copied = copiedProperties(reading.value);
  if (!noted || !equal(noted, copied)) return false;
  const rest = Object.keys(reading.value).filter((key) => !Object.hasOwn(copied, key));
  return rest.every(
    (key) =>
      effectOf(key) === 'none' ||
      (key === 'image' && isSameImage(String(reading.value['image']), container.image)),
  );
}

/** A file name: the engine's key may hold slashes. */
function recordName(record: MadeFrom): string {
  return `${record.containerId.slice(0, 24)}-${record.engine.replace(/[^a-zA-Z0-9]+/g, '_').slice(-40)}`;
}
