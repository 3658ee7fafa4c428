import type { Change, ConfigProblem, Effect } from '../api';
import { equal } from '../common/equal';
import { brokenCompose } from './brokenCompose';
import { diffConfigs, type PropertyChange } from './configDiff';
import { effectOf, effectOfInput } from './effects';
import { relativeTo } from './identity';
import { isSameImage } from './imageNames';
import type { ImagesNow, ImageTag } from './imageTags';
import { diffInputs, IN_MODEL, type Naming } from './inputDiff';
import {
  copiedProperties,
  isOlderThan,
  labelledProperties,
  type MadeFrom,
  type OkReading,
  type Original,
} from './madeFrom';
import { isAllWanted } from './madeOptions';
import type { ContainerDetails } from './containerDetails';
import type { ConfigReader, ConfigReading, ContainerFacts, InputSet } from './ports';
import { imageDiff, knownFromSettings, settingsDiff } from './settingsDiff';

/** Whether a container matches its configuration, and why not. */
export interface Verdict {
  readonly dirty: boolean;
  /** Also those that need nothing; only the others make it dirty. */
  readonly changes: readonly Change[];
  readonly problem?: ConfigProblem;
}

/** What there is to judge: a container, and the configuration that it should match. */
export interface Case {
  readonly engine: string;
  readonly container: ContainerFacts;
  readonly workspaceFolder: string;
  readonly configFile: string;
  /** Engine's clock minus the host's, in milliseconds. */
  readonly skewMs: number;
}

/** What the configuration and its inputs are now. */
export interface Now {
  readonly reading: ConfigReading;
  /** Undefined until they have been read for the first time. */
  readonly inputs?: InputSet | undefined;
  readonly images?: ImagesNow | undefined;
  /** The container's own settings, where nothing is recorded of it; undefined until they are known. */
  readonly details?: ContainerDetails | undefined;
}

type PlacesIn = ConfigReader['placesIn'];

/** The ways to a verdict. */
export interface Judging {
  readonly judgeByRecord: typeof judgeByRecord;
  readonly judgeByTraces: typeof judgeByTraces;
}

/** Judges by the record of what the container was made from, and by what the user has accepted since. */
export function judgeByRecord(subject: Case, record: MadeFrom, now: Now, placesIn: PlacesIn): Verdict {
  const verdict = judgeBy(subject, record, now, placesIn);
  if (!verdict.dirty || verdict.problem || !record.original) return verdict;
  const byOriginal = judgeBy(subject, record.original, now, placesIn);
  return byOriginal.dirty ? verdict : byOriginal;
}

function judgeBy(subject: Case, record: Original, now: Now, placesIn: PlacesIn): Verdict {
  const { reading, inputs } = now;
  if (reading.status !== 'ok') return judgeUnreadable(subject, reading);
  const changes = diffConfigs(inputOf(subject), record.value, reading.value);
  const naming = namingIn(subject, reading, placesIn);
  const all = [
    ...placed(changes, subject, reading, placesIn),
    ...(inputs ? diffInputs(record.inputs, inputs.readings, naming) : []),
    ...imageChanges(subject, now.images, record.images),
  ];
  return { ...verdictOf(all), ...problemIn(inputs, naming) };
}

/** Judges a container that nobody recorded, by what it says of itself and, last, by times. */
export function judgeByTraces(subject: Case, now: Now, placesIn: PlacesIn): Verdict {
  const { reading } = now;
  if (reading.status !== 'ok') return judgeUnreadable(subject, reading);
  const told = placed(toldByContainer(subject, reading, now.details), subject, reading, placesIn);
  const isConfigTold = told.some(({ effect }) => effect !== 'none');
  // Its settings may tell more than the time does, and are on their way.
  const isConfigKnown = isConfigTold || !now.details || isCovered(subject, reading, now.details);
  const all = [
    ...told,
    ...imageChanges(subject, now.images, {}),
    ...toldByTimes(subject, reading, now.inputs, isConfigKnown),
  ];
  return { ...verdictOf(all), ...problemIn(now.inputs, namingIn(subject, reading, placesIn)) };
}

/** The text is read only when something is asked of it. */
function namingIn({ configFile }: Case, { text }: OkReading, placesIn: PlacesIn): Naming {
  let placeOf: ReturnType<PlacesIn> | undefined;
  return {
    configFile,
    lineOf: (property) => {
      placeOf ??= placesIn(text);
      return (placeOf(property) ?? placeOf(property.slice(0, 1)))?.line;
    },
  };
}

function problemIn(inputs: InputSet | undefined, naming: Naming): Pick<Verdict, 'problem'> {
  const problem = inputs && brokenCompose(inputs.readings, naming);
  return problem ? { problem } : {};
}

function verdictOf(changes: readonly Change[]): Verdict {
  return { dirty: changes.some(({ effect }) => effect !== 'none'), changes };
}

function judgeUnreadable(subject: Case, reading: Exclude<ConfigReading, OkReading>): Verdict {
  if (reading.status === 'missing') {
    return {
      ...verdictOf([]),
      problem: { message: 'The configuration file is not there any more.', isMissing: true },
    };
  }
  const { problem } = reading;
  const line = problem.line === undefined ? {} : { line: problem.line };
  const change: Change = { input: inputOf(subject), file: subject.configFile, effect: 'unknown', ...line };
  return { dirty: true, changes: [change], problem };
}

function inputOf({ configFile, workspaceFolder }: Case): string {
  return relativeTo(configFile, workspaceFolder);
}

function placed(
  changes: readonly PropertyChange[],
  { configFile }: Case,
  { text }: OkReading,
  placesIn: PlacesIn,
): Change[] {
  if (changes.length === 0) return [];
  const placeOf = placesIn(text);
  return changes.map(({ path, ...change }) => {
    const { line } = placeOf(path) ?? placeOf(path.slice(0, 1)) ?? {};
    return { ...change, file: configFile, ...(line === undefined ? {} : { line }) };
  });
}

/** Differences that the container itself proves: by its metadata label, its image and its settings. */
function toldByContainer(subject: Case, reading: OkReading, details?: ContainerDetails): PropertyChange[] {
  const { container } = subject;
  const input = inputOf(subject);
  const bySettings = details
    ? settingsDiff(reading.value, container, details, input)
    : imageDiff(input, reading.value, container);
  const byLabel = labelDiff(subject, reading);
  // The label has both values, the settings only what is missing.
  const isLabelled = (change: PropertyChange): boolean =>
    byLabel.some(({ path }) => equal(path, change.path) || equal(path, change.path.slice(0, 1)));
  return [...bySettings.filter((change) => !isLabelled(change)), ...byLabel];
}

/** Differences between the file and what the CLI noted on the container. */
function labelDiff(subject: Case, reading: OkReading): PropertyChange[] {
  const noted = labelledProperties(subject.container);
  const copied = copiedProperties(reading.value);
  // Without properties of its own a configuration has no entry, and the last one is the base image's.
  if (!noted || Object.keys(copied).length === 0) return [];
  return diffConfigs(inputOf(subject), noted, copied);
}

/** Names that mean other images now than when the container was made; `known` are the ids that count as fine. */
function imageChanges(
  { container }: Case,
  { own, base }: ImagesNow = {},
  known: Readonly<Record<string, string>>,
): Change[] {
  const moved = (tag: ImageTag | undefined, from: string | undefined, effect: Effect): Change[] => {
    if (tag?.id === undefined || from === undefined || bareId(tag.id) === bareId(from)) return [];
    return [{ input: `image ${tag.reference}`, from: shortId(from), to: shortId(tag.id), effect }];
  };
  const ofOwn = moved(own, (own && known[own.reference]) ?? container.imageId, 'recreate');
  const isOne = base?.reference === own?.reference;
  return isOne ? ofOwn : [...ofOwn, ...moved(base, base && known[base.reference], 'rebuild')];
}

function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}

function shortId(id: string): string {
  return bareId(id).slice(0, 12);
}

/** What was written after the container was made, on the engine's clock: it has probably changed. */
function toldByTimes(
  subject: Case,
  reading: OkReading,
  inputs: InputSet | undefined,
  isConfigKnown: boolean,
): Change[] {
  const { container, skewMs, configFile } = subject;
  const isNewer = (of: { modifiedAt?: number }): boolean => !isOlderThan(of, container, skewMs);
  const config: Change = {
    input: inputOf(subject),
    file: configFile,
    line: 1,
    effect: 'unknown',
    probable: true,
  };
  const all = (inputs?.readings ?? []).filter(isNewer);
  // A merged model is as new as the newest of its files, which says more.
  const isInFile = all.some(({ kind }) => IN_MODEL.has(kind));
  const newer = all.filter(({ kind }) => !(kind === 'compose' && isInFile));
  return [
    ...(!isConfigKnown && isNewer(reading) ? [config] : []),
    ...newer.map(({ kind, input, file }): Change => {
      const effect = effectOfInput(kind, '');
      return { input, ...(file === undefined ? {} : { file }), effect, probable: true };
    }),
  ];
}

/**
 * Whether each property of the file that matters can be told from the container itself, and nothing on that is left of
 * a property that is gone.
 */
function isCovered(
  { container, workspaceFolder }: Case,
  reading: OkReading,
  details: ContainerDetails,
): boolean {
  if (!isAllWanted(reading.value, { container, details }, workspaceFolder)) return false;
  const noted = labelledProperties(container);
  const copied = copiedProperties(reading.value);
  const isLabelTrue = noted !== undefined && equal(withEffect(noted), withEffect(copied));
  const known = knownFromSettings(reading.value, container, details);
  return Object.keys(reading.value).every(
    (key) =>
      effectOf([key]) === 'none' ||
      known.has(key) ||
      (isLabelTrue && Object.hasOwn(copied, key)) ||
      (isLabelTrue && key === 'image' && isSameImage(String(reading.value['image']), container.image)),
  );
}

function withEffect(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => effectOf([key]) !== 'none'));
}
