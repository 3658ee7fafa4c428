import type { Change } from '../api';
import { equal } from '../common/equal';
import { middleOf } from '../common/middle';
import { cut } from './configDiff';
import { effectOfInput } from './effects';
import type { InputKind, InputReading, InputValue } from './ports';

/** Of one folder's files, as many are named one by one. */
const NAMED_FILES = 50;

/** The configuration, in which inputs are named and variables used, and where in it a property stands. */
export interface Naming {
  readonly configFile: string;
  lineOf(property: readonly string[]): number | undefined;
}

/** How the inputs differ from what they were, each in its own terms. */
export function diffInputs(
  before: readonly InputReading[],
  now: readonly InputReading[],
  naming: Naming,
): Change[] {
  const isMerged = [before, now].every((readings) => readings.some(isMergedCompose));
  const [known, present] = [byKey(before), byKey(now)];
  return [...new Set([...known.keys(), ...present.keys()])].flatMap((key) => {
    const [old, today] = [known.get(key), present.get(key)];
    const kind = (today ?? old)?.kind;
    // The merged model says what its files mean; without it on both sides they speak for themselves.
    if (isMerged && kind !== undefined && IN_MODEL.has(kind)) return [];
    if (old && today) {
      const changes = diffReading(old, today, naming);
      return kind === 'compose' ? changes.map((change) => whereItStands(change, now, before)) : changes;
    }
    return kind !== undefined && COUNTS_ALONE.has(kind) ? diffPresence(old, today, naming) : [];
  });
}

/**
 * Inputs that come and go by themselves; of the others the configuration, or the file that names them, says that they
 * are new.
 */
const COUNTS_ALONE: ReadonlySet<InputKind> = new Set<InputKind>(['composeFile', 'watched', 'lockfile']);
/** What a merged Compose model is made of. */
export const IN_MODEL: ReadonlySet<InputKind> = new Set<InputKind>(['composeFile', 'envFile']);
/** Inputs that are folders: each property is the path of a file. */
const FOLDERS: ReadonlySet<InputKind> = new Set<InputKind>(['context', 'feature', 'watched']);

function keyOf({ kind, input }: InputReading): string {
  return `${kind}|${input}`;
}

/** Two services of a Compose project may take different files of one build context: together they are one input. */
function byKey(readings: readonly InputReading[]): Map<string, InputReading> {
  const found = new Map<string, InputReading>();
  for (const reading of readings) {
    const same = found.get(keyOf(reading));
    const values = same && { ...same.values, ...reading.values };
    found.set(keyOf(reading), values ? { ...reading, ...same, values } : reading);
  }
  return found;
}

function isMergedCompose({ kind, problem }: InputReading): boolean {
  return kind === 'compose' && !problem;
}

/** A change of the merged model leads to the file that says so today, else to the one that did. */
function whereItStands(
  change: Change,
  now: readonly InputReading[],
  before: readonly InputReading[],
): Change {
  const today = standing(now, change.property);
  const found = today ?? standing(before, change.property);
  const line = today && lineOf(today.reading, today.name);
  return {
    ...change,
    ...(found ? place(found.reading) : {}),
    ...(line === undefined ? {} : { line }),
  };
}

/** A value of the merged model stands in one of the Compose files or, by its last name, in an env file; the last wins. */
function standing(
  readings: readonly InputReading[],
  property = '',
): { readonly reading: InputReading; readonly name: string } | undefined {
  const last = (of: InputKind, name: string) => {
    const reading = readings.findLast(({ kind, lines = {} }) => kind === of && Object.hasOwn(lines, name));
    return reading && { reading, name };
  };
  const variable = /\.environment\.([^.]+)$/.exec(property)?.[1] ?? '';
  return last('composeFile', property) ?? last('envFile', variable);
}

function diffPresence(
  old: InputReading | undefined,
  today: InputReading | undefined,
  naming: Naming,
): Change[] {
  const reading = today ?? old;
  if (!reading || Object.keys(reading.values).length === 0) return [];
  const said = today ? { to: 'file' } : { from: 'file', ...namedAt(reading, naming) };
  return [{ ...place(reading), ...said, effect: effectOfInput(reading.kind, '') }];
}

function diffReading(old: InputReading, today: InputReading, naming: Naming): Change[] {
  if (old.problem || today.problem) return diffProblems(old, today, naming);
  const properties = [...new Set([...Object.keys(old.values), ...Object.keys(today.values)])].sort();
  const differing = properties.filter((property) => !equal(own(old, property), own(today, property)));
  if (FOLDERS.has(today.kind)) return diffFolder(old, today, differing, naming);
  return differing.map((property) => diffProperty(old, today, property, naming));
}

/** A merged Compose model that cannot be had today says nothing: its files do. */
function diffProblems(old: InputReading, today: InputReading, naming: Naming): Change[] {
  if (today.kind === 'compose' || equal(old.problem?.message, today.problem?.message)) return [];
  const effect = effectOfInput(today.kind, '');
  if (!today.problem) return [{ ...place(today), to: 'file', effect }];
  const to = today.problem.isMissing ? 'missing' : today.problem.message;
  const { line, isMissing, file } = today.problem;
  const at = isMissing || file !== undefined ? namedAt(today, naming) : line === undefined ? {} : { line };
  return [{ ...place(today), ...at, from: 'file', to, effect }];
}

function diffFolder(
  old: InputReading,
  today: InputReading,
  paths: readonly string[],
  naming: Naming,
): Change[] {
  const effect = effectOfInput(today.kind, '');
  const changes = paths.slice(0, NAMED_FILES).map((path): Change => {
    // Paths that a glob finds are those of the workspace already.
    const isFromFolder = today.input === '.' || today.kind === 'watched';
    const at = isFromFolder ? path : `${today.input}/${path}`;
    const file = today.file === undefined ? {} : { file: `${today.file}/${path}` };
    const said = own(old, path) === undefined ? { to: 'file' } : {};
    const gone = own(today, path) === undefined ? goneFrom(today, path, naming) : {};
    return { input: path === '' ? today.input : at, ...file, ...said, ...gone, effect };
  });
  const more = paths.length - changes.length;
  return more > 0 ? [...changes, { ...place(today), to: `${more} more files`, effect }] : changes;
}

/** A file that counts no more: it went, or nothing takes it any more. */
function goneFrom(today: InputReading, path: string, naming: Naming): Partial<Change> {
  if (today.untaken?.includes(path)) return { from: 'file', to: 'no longer copied' };
  return { from: 'file', ...namedAt(today, naming, path) };
}

/** What names inputs of a kind, where they do not say it themselves. */
const NAMED_BY: Partial<Record<InputKind, readonly string[]>> = {
  composeFile: ['dockerComposeFile'],
  feature: ['features'],
  lockfile: ['features'],
  watched: ['customizations', 'shipshape', 'watch'],
};

/** The place to go to for what is not there: the line that names it, or a folder above. */
function namedAt(today: InputReading, naming: Naming, path = ''): Pick<Change, 'namedAt'> {
  const { namedIn, kind, problem } = today;
  if (problem?.file !== undefined)
    return { namedAt: { file: problem.file, ...(problem.line === undefined ? {} : { line: problem.line }) } };
  const line =
    namedIn === undefined
      ? naming.lineOf(problem?.property ?? NAMED_BY[kind] ?? [])
      : lineNaming(today.lines ?? {}, path);
  return { namedAt: { file: namedIn ?? naming.configFile, ...(line === undefined ? {} : { line }) } };
}

function lineNaming(lines: NonNullable<InputReading['lines']>, path: string): number | undefined {
  for (let above = path; ; above = above.slice(0, Math.max(above.lastIndexOf('/'), 0))) {
    const line = Object.hasOwn(lines, above) ? lines[above] : undefined;
    if (typeof line === 'number') return line;
    if (above === '') return undefined;
  }
}

function diffProperty(old: InputReading, today: InputReading, property: string, naming: Naming): Change {
  const [a, b] = [own(old, property), own(today, property)];
  const { from, to, at } = difference(a, b);
  const line = lineOf(today, property, at);
  const common = {
    ...(property === '' ? {} : { property }),
    effect: effectOfInput(today.kind, property),
    ...(line === undefined ? {} : { line }),
    // Of a lockfile that is gone nothing is left that has a time.
    ...(today.kind === 'lockfile' && today.modifiedAt === undefined ? namedAt(today, naming) : {}),
  };
  if (today.kind === 'environment') {
    return { input: today.input, ...common, file: naming.configFile, from: today.input, to: 'another value' };
  }
  return { ...place(today), ...common, ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

/** What is to be shown of two values; of two lists the items in which they differ, and where these begin. */
function difference(
  before: InputValue | undefined,
  now: InputValue | undefined,
): { from?: string | undefined; to?: string | undefined; at?: number } {
  if (typeof before !== 'object' || typeof now !== 'object') return told(before, now);
  const { start, beforeEnd, afterEnd } = middleOf(before, now);
  return { ...told(before.slice(start, beforeEnd), now.slice(start, afterEnd)), at: start };
}

/** Values that are kept as digests are there all the same: what came or went must not be said of them. */
function told(before: InputValue | undefined, now: InputValue | undefined) {
  const [from, to] = [visible(before), visible(now)];
  const [wasThere, isThere] = [before, now].map((value) => value !== undefined && value.length > 0);
  const hidden = wasThere && isThere ? 'another value' : 'a value';
  const isNews = from !== undefined || to !== undefined || wasThere !== isThere;
  return {
    from: from ?? (wasThere && isNews ? hidden : undefined),
    to: to ?? (isThere && isNews ? hidden : undefined),
  };
}

function visible(value: InputValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  const items = typeof value === 'string' ? [value] : value;
  const said = items.filter((item) => !item.startsWith('#')).join(' ⏎ ');
  return said === '' ? undefined : cut(said);
}

function own(reading: InputReading, property: string): InputValue | undefined {
  return Object.hasOwn(reading.values, property) ? reading.values[property] : undefined;
}

function lineOf({ lines }: InputReading, property: string, at = 0): number | undefined {
  const line = lines && Object.hasOwn(lines, property) ? lines[property] : undefined;
  if (typeof line !== 'object') return line;
  // What was removed at the end stood behind the last item.
  return line[at] ?? line.at(-1);
}

function place({ input, file }: InputReading): { input: string; file?: string } {
  return { input, ...(file === undefined ? {} : { file }) };
}
