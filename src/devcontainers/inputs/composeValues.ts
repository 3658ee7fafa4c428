import { isRecord } from '../../common/record';
import type { InputValue } from '../../core/ports';
import type { YamlLines } from './composeYaml';
import { emptyRecord } from './values';

/** A Compose model as values by dotted path, and where each stands. */
export interface FlatModel {
  readonly values: Record<string, InputValue>;
  readonly lines: Record<string, number | readonly number[]>;
}

/** More is no Compose file but an attack: aliases multiply what a few lines say. */
const maxValues = 20_000;
const maxDepth = 100;
/** Lists of `KEY=VALUE` that could as well be mappings. */
const assignmentLists = new Set([
  'environment',
  'labels',
  'args',
  'sysctls',
  'annotations',
  'additional_contexts',
]);

/**
 * Flattens a model: mappings by dotted path, lists of `KEY=VALUE` like mappings, other lists as lists.
 * @throws RangeError when it is too large or too deep.
 */
export function flatten(model: unknown, lines?: YamlLines): FlatModel {
  const flat: FlatModel = { values: emptyRecord<InputValue>(), lines: emptyRecord() };
  new Flattening(flat, lines).add(model, [], undefined);
  return flat;
}

class Flattening {
  #left = maxValues;

  constructor(
    private readonly flat: FlatModel,
    private readonly places: YamlLines | undefined,
  ) {}

  add(value: unknown, path: readonly string[], above: number | undefined): void {
    this.#count(path.length);
    const line = this.places?.key(path) ?? above;
    if (Array.isArray(value)) this.#addList(value, path, line);
    else if (!isRecord(value)) this.#put(path, scalarText(value), line);
    else {
      const entries = Object.entries(value);
      if (entries.length === 0 && path.length > 0) this.#put(path, '{}', line);
      for (const [key, inner] of entries) this.add(inner, [...path, key], line);
    }
  }

  #addList(list: readonly unknown[], path: readonly string[], line: number | undefined): void {
    const places = this.places?.items(path);
    const isAssignments =
      assignmentLists.has(path.at(-1) ?? '') && list.every((item) => typeof item !== 'object');
    if (!isAssignments || list.length === 0) {
      this.#put(
        path,
        list.map((item) => this.#itemText(item, path.length)),
        places ?? line,
      );
      return;
    }
    list.forEach((item, index) => {
      this.#count(path.length);
      const [key, value] = assignment(scalarText(item));
      this.#put([...path, key], value ?? 'null', places?.[index] ?? line);
    });
  }

  #put(path: readonly string[], value: InputValue, line: number | readonly number[] | undefined): void {
    const property = path.join('.');
    this.flat.values[property] = value;
    if (line !== undefined) this.flat.lines[property] = line;
  }

  /** An item in one line; the order of keys does not count. */
  #itemText(item: unknown, depth: number): string {
    this.#count(depth);
    if (Array.isArray(item)) return `[${item.map((inner) => this.#itemText(inner, depth + 1)).join(', ')}]`;
    if (!isRecord(item)) return scalarText(item);
    const entries = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${key}: ${this.#itemText(inner, depth + 1)}`).join(', ')}}`;
  }

  #count(depth: number): void {
    if (--this.#left < 0) throw new RangeError(`It has more than ${maxValues} values.`);
    if (depth > maxDepth) throw new RangeError(`It is nested deeper than ${maxDepth} levels.`);
  }
}

export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'null';
}

export function assignment(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
