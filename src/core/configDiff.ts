import type { Change } from '../api';
import { equal } from '../common/equal';
import { isRecord, own } from '../common/record';
import { effectOf } from './effects';

const SHOWN_CHARACTERS = 200;
/** Objects whose own properties are worth naming one by one. */
export const NAMED_ONE_BY_ONE = new Set([
  'build',
  'containerEnv',
  'remoteEnv',
  'features',
  'customizations',
  'hostRequirements',
]);

/** A change and the path of the property it is about, for those who look its line up. */
export interface PropertyChange extends Change {
  readonly path: readonly string[];
}

/**
 * The properties in which two parsed configurations differ, by value: order of keys, comments and white space do
 * not count. Sorted by property.
 */
export function diffConfigs(
  input: string,
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
): PropertyChange[] {
  return pathsOf(from, to)
    .filter((path) => !equal(at(from, path), at(to, path)))
    .map((path) => changeAt(input, path, at(from, path), at(to, path)));
}

/** JSON text of a value, cut for people; undefined for a value that is not there. */
export function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return cut(JSON.stringify(value));
}

/** As much of a text as is shown. */
export function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

function changeAt(input: string, path: readonly string[], from: unknown, to: unknown): PropertyChange {
  const before = shown(from);
  const after = shown(to);
  return {
    input,
    property: path.join('.'),
    path,
    ...(before === undefined ? {} : { from: before }),
    ...(after === undefined ? {} : { to: after }),
    effect: effectOf(path),
  };
}

function pathsOf(from: Readonly<Record<string, unknown>>, to: Readonly<Record<string, unknown>>): string[][] {
  return union(from, to).flatMap((key) => {
    if (!NAMED_ONE_BY_ONE.has(key)) return [[key]];
    // What is not there means the same as an empty object.
    const [a = {}, b = {}] = [own(from, key), own(to, key)];
    if (!isRecord(a) || !isRecord(b)) return [[key]];
    return union(a, b).map((inner) => [key, inner]);
  });
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? own(inner, key) : undefined), value);
}
