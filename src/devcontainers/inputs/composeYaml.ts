import type * as JsYaml from 'js-yaml';
import type { Event, Schema } from 'js-yaml';
import type { ConfigProblem } from '../../api';
import { messageOf } from '../../common/errors';
import { isRecord } from '../../common/record';
import { emptyRecord } from './values';
import type { Properties } from './values';

/** A Compose file as it stands, and where its parts do. */
export interface ComposeText {
  readonly model: Properties;
  readonly lines: YamlLines;
}

export interface YamlLines {
  /** Line of a key, from 1. */
  key(path: readonly string[]): number | undefined;
  /** Lines of a list's items, from 1. */
  items(path: readonly string[]): readonly number[] | undefined;
}

const maxDepth = 100;
const maxAliases = 10_000;

/** Parses a Compose file: YAML with merge keys and the tags of Compose. Several documents follow one another. */
export async function parseCompose(text: string): Promise<ComposeText | { readonly problem: ConfigProblem }> {
  const yaml = await import('js-yaml');
  try {
    const events = yaml.parseEvents(text, { maxDepth });
    const schema = (composeSchema ??= schemaOf(yaml));
    // As the CLI's own reader and Compose 1 do, the last of several equal keys wins.
    const documents = yaml.constructFromEvents(events, { source: text, schema, maxAliases, json: true });
    const model = emptyRecord<unknown>();
    for (const document of documents) {
      if (isRecord(document)) Object.assign(model, document);
      else if (document !== null && document !== undefined)
        return { problem: { message: 'The top level must be a mapping.', line: 1 } };
    }
    const valueOf = (event: ScalarEvent): string => yaml.getScalarValue(text, event);
    return { model, lines: linesOf(text, events, yaml.EVENT_ID, valueOf) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

type Yaml = typeof JsYaml;
type ScalarEvent = Extract<Event, { valueStart: number }>;
type EventIds = Yaml['EVENT_ID'];

let composeSchema: Schema | undefined;

/** `!reset` and `!override` say how files are merged; each file by itself just has their value. */
function schemaOf({ CORE_SCHEMA, mergeTag, mapTag, seqTag, ...yaml }: Yaml): Schema {
  const { create, addPair, has, keys, get } = mapTag;
  const never = (): boolean => false;
  const tags = ['!reset', '!override'].flatMap((name) => [
    yaml.defineScalarTag(name, { resolve: (source: string) => source, identify: never }),
    yaml.defineSequenceTag(name, { create: seqTag.create, addItem: seqTag.addItem, identify: never }),
    yaml.defineMappingTag(name, { create, addPair, has, keys, get, identify: never }),
  ]);
  return CORE_SCHEMA.withTags(mergeTag, tags);
}

function problemOf(error: unknown): ConfigProblem {
  const mark: unknown = error instanceof Error && 'mark' in error ? error.mark : undefined;
  const line = isRecord(mark) && typeof mark['line'] === 'number' ? mark['line'] + 1 : undefined;
  const column = isRecord(mark) && typeof mark['column'] === 'number' ? mark['column'] + 1 : undefined;
  const reason: unknown = error instanceof Error && 'reason' in error ? error.reason : undefined;
  const message = typeof reason === 'string' ? reason : (messageOf(error).split('\n')[0] ?? '');
  return { message, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

interface Frame {
  readonly path: string;
  /** Lines of the items so far; a mapping has none. */
  readonly items?: number[];
  /** The key whose value comes next. */
  key?: string | undefined;
}

const join = (path: readonly string[]): string => path.map((key) => `\0${key}`).join('');

/** Follows the parser's events through the file and notes where keys and items begin. */
function linesOf(
  text: string,
  events: readonly Event[],
  ids: EventIds,
  valueOf: (event: ScalarEvent) => string,
): YamlLines {
  const keys = new Map<string, number>();
  const items = new Map<string, number[]>();
  const lineAt = lineFinder(text);
  const open: Frame[] = [];
  let offset = 0;
  for (const event of events) {
    if (event.type === ids.POP) {
      open.pop();
      continue;
    }
    offset = Math.max(offset, startOf(event));
    if (event.type === ids.DOCUMENT) {
      open.push({ path: '' });
      continue;
    }
    const frame = open.at(-1);
    if (!frame) continue;
    const isTop = open.length === 1;
    let path = frame.path;
    if (frame.items) {
      frame.items.push(lineAt(offset));
      path += `\0${frame.items.length - 1}`;
    } else if (!isTop && frame.key === undefined) {
      // A key that is itself a collection was refused before.
      frame.key = event.type === ids.SCALAR ? valueOf(event) : '';
      keys.set(`${frame.path}\0${frame.key}`, lineAt(offset));
      continue;
    } else if (!isTop) {
      path += `\0${frame.key ?? ''}`;
      frame.key = undefined;
    }
    if (event.type === ids.MAPPING) open.push({ path });
    if (event.type === ids.SEQUENCE) {
      const list: number[] = [];
      items.set(path, list);
      open.push({ path, items: list });
    }
  }
  return { key: (path) => keys.get(join(path)), items: (path) => items.get(join(path)) };
}

function startOf(event: Event): number {
  if ('valueStart' in event) return event.valueStart;
  return 'start' in event ? event.start : 'anchorStart' in event ? event.anchorStart : 0;
}

/** Line of an offset, from 1; offsets must not go back. */
function lineFinder(text: string): (offset: number) => number {
  let line = 1;
  let at = text.indexOf('\n');
  return (offset) => {
    for (; at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
    return line;
  };
}
