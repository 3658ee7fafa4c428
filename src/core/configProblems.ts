import { equal } from '../common/equal';
import { isRecord } from '../common/record';
import { PROPERTIES, propertyOf, shapeWords, type Shape } from './properties';
import type { ConfigReading, InputReading } from './ports';

/** Something to be said at a place in a file; line and column count from 1. */
export interface PlacedProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** How many characters it is about; none for a mere point. */
  readonly length?: number;
  readonly severity: 'error' | 'warning' | 'information';
  /** The text does not keep to its language: any editor that knows the language says so too. */
  readonly isSyntax?: true;
}

/** A place in a text, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** Reads a text once, and then finds properties and items in it by their paths; undefined for one that is not there. */
export type PlacesIn = (text: string) => (path: readonly string[]) => Place | undefined;

/** More than these in one file help nobody. */
const MOST = 100;

/**
 * What is wrong in a configuration and in the files that it names, by file: text that is no JSON or YAML is an error, a
 * value of a wrong type or an input that cannot be read a warning, an unknown property an information.
 */
export function problemsByFile(
  configFile: string,
  reading: ConfigReading,
  inputs: readonly InputReading[],
  placesIn: PlacesIn,
): Map<string, PlacedProblem[]> {
  const found = new Map([[configFile, problemsOf(reading, inputs, placesIn)]]);
  for (const input of inputs) {
    const { file = input.file } = input.problem ?? {};
    const own = ownProblems(input);
    const known = found.get(file ?? '') ?? [];
    // An env file that is not there is also why Compose refuses.
    const more = own.filter((problem) => !known.some((other) => equal(other, problem)));
    if (file !== undefined && more.length > 0) found.set(file, [...known, ...more]);
  }
  return found;
}

/** What is wrong in an input, at its place in the input's own file. */
function ownProblems({ problem, flaws = [] }: InputReading): PlacedProblem[] {
  const found: PlacedProblem[] = flaws.map(({ message, line }) => ({
    ...{ message, line, column: 1 },
    severity: 'warning',
  }));
  if (problem?.line === undefined) return found;
  const { message, line, column = 1 } = problem;
  const isSyntax = !problem.isMissing;
  const told = { message: sentence(message), line, column, severity: 'error' } as const;
  return [isSyntax ? { ...told, isSyntax } : told, ...found];
}

/** What is wrong in the configuration itself, and inputs of which nothing but their name can be shown. */
export function problemsOf(
  reading: ConfigReading,
  inputs: readonly InputReading[],
  placesIn: PlacesIn,
): PlacedProblem[] {
  if (reading.status === 'missing') return [];
  if (reading.status === 'invalid') {
    const { message, line = 1, column = 1 } = reading.problem;
    return [{ message: sentence(message), line, column, severity: 'error', isSyntax: true }];
  }
  const { text, value } = reading;
  const found = [...firstOf(ofInputs(inputs)), ...firstOf(ofValue(value))];
  if (found.length === 0) return [];
  const placeOf = placesIn(text);
  return found.map(({ path, message, severity }) => ({
    message,
    severity,
    ...(placeOf(path) ?? placeOf(path.slice(0, 1)) ?? { line: 1, column: 1 }),
  }));
}

interface Found {
  readonly path: readonly string[];
  readonly message: string;
  readonly severity: PlacedProblem['severity'];
}

function* ofValue(
  value: Readonly<Record<string, unknown>>,
  above: readonly string[] = [],
): Generator<Found, void, undefined> {
  for (const [key, inner] of Object.entries(value)) {
    const path = [...above, key];
    const property = propertyOf(path.join('.'));
    if (!property) {
      yield { path, message: unknownWords(key, above), severity: 'information' };
      continue;
    }
    const wrong = misfit(inner, property.shapes, path);
    if (wrong) {
      const message = `"${path.join('.')}" must be ${shapeWords(property.shapes)}.`;
      yield { path: wrong, message, severity: 'warning' };
    } else if (hasKnownParts(path) && isRecord(inner)) yield* ofValue(inner, path);
  }
}

function* ofInputs(inputs: readonly InputReading[]): Generator<Found, void, undefined> {
  for (const { problem, file } of inputs) {
    if (!problem || (file !== undefined && problem.line !== undefined)) continue;
    yield { path: problem.property ?? [], message: sentence(problem.message), severity: 'warning' };
  }
}

/** As many as help: a hostile file may have a hundred thousand. */
function firstOf(found: Generator<Found, void, undefined>): Found[] {
  const first: Found[] = [];
  for (const each of found) {
    if (first.push(each) >= MOST) break;
  }
  return first;
}

/** Where the value does not fit any of the shapes: the path of the item that is to blame, as far as one can be told. */
function misfit(
  value: unknown,
  shapes: readonly Shape[],
  path: readonly string[],
): readonly string[] | undefined {
  if (shapes.some((shape) => typeof shape === 'string' && isPlain(value, shape))) return undefined;
  const collection = shapes.find((shape) => typeof shape !== 'string' && isOfKind(value, shape));
  if (collection === undefined || typeof collection === 'string') return path;
  const inner = 'listOf' in collection ? collection.listOf : collection.mapOf;
  for (const [key, item] of Object.entries(value as object)) {
    const wrong = misfit(item, inner, [...path, key]);
    if (wrong) return wrong;
  }
  return undefined;
}

function isOfKind(value: unknown, shape: Exclude<Shape, string>): boolean {
  return 'listOf' in shape ? Array.isArray(value) : isRecord(value);
}

function isPlain(value: unknown, shape: Extract<Shape, string>): boolean {
  if (shape === 'integer') return Number.isInteger(value);
  if (shape === 'null') return value === null;
  if (shape === 'object') return isRecord(value);
  return typeof value === shape;
}

function unknownWords(key: string, above: readonly string[]): string {
  const where = above.length === 0 ? 'a dev container configuration' : `"${above.join('.')}"`;
  const near = nearest(key, above);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `"${key.slice(0, 80)}" is no property of ${where}, and has no effect.${hint}`;
}

/** A property that is written the same but for case, or with one letter too many, too few or wrong. */
function nearest(key: string, above: readonly string[]): string | undefined {
  const prefix = above.map((part) => `${part}.`).join('');
  return Object.keys(PROPERTIES)
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
    .find((name) => !name.includes('.') && isNear(name.toLowerCase(), key.toLowerCase()));
}

function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const skip = a.length === b.length ? [1, 1] : a.length > b.length ? [1, 0] : [0, 1];
  return a.slice(start + (skip[0] ?? 0)) === b.slice(start + (skip[1] ?? 0));
}

function hasKnownParts(path: readonly string[]): boolean {
  const prefix = `${path.join('.')}.`;
  return Object.keys(PROPERTIES).some((name) => name.startsWith(prefix));
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
