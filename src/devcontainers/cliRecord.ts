import type { LogLevel } from '../core/ports';
import type { RawLine } from './lineSplitter';

/** One record of `--log-format json`, as far as it is what it should be. */
export interface LogRecord {
  readonly type: string;
  readonly level?: unknown;
  readonly timestamp?: unknown;
  readonly text?: unknown;
  readonly name?: unknown;
  readonly status?: unknown;
  readonly channel?: unknown;
}

/** The record that a line is; undefined for a stray one. */
export function readRecord(line: RawLine): LogRecord | undefined {
  return parseRecord(line.text) ?? (line.dropped > 0 ? salvage(line.text) : undefined);
}

/** The CLI's levels: 1 trace, 2 debug, 3 info, 4 warning, 5 error, 6 critical. */
export function levelOf(level: unknown): LogLevel {
  switch (level) {
    case 1:
      return 'trace';
    case 2:
      return 'debug';
    case 4:
      return 'warn';
    case 5:
    case 6:
      return 'error';
    default:
      return 'info';
  }
}

export function firstLine(text: string): string {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text : text.slice(0, end);
}

function parseRecord(text: string): LogRecord | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isLogRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLogRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Closes a record that was cut within its text, so that its beginning can be read after all. */
function salvage(text: string): LogRecord | undefined {
  // A cut can fall into an escape of up to six characters.
  for (let cut = 0; cut <= 6; cut++) {
    const record = parseRecord(`${text.slice(0, text.length - cut)}"}`);
    if (record) return record;
  }
  return undefined;
}
