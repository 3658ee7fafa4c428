/**
 * What a container changed in its image's files, out of the answers of `GET /containers/{id}/changes` and
 * `GET /containers/{id}/json?size=1`. Nothing here throws, whatever the value.
 */
import type { FileChange } from '../core/ports';
import { asInteger, asRecord, asString, parseJson } from './json';

/** The changes; undefined when the answer is no list. What is no path of a Linux container is left out. */
export function fileChanges(value: unknown): FileChange[] | undefined {
  if (isNull(value)) return [];
  if (!Array.isArray(value)) return undefined;
  const found: FileChange[] = [];
  for (const each of value as unknown[]) {
    const change = fileChange(each);
    if (change) found.push(change);
  }
  return found;
}

/** In bytes; undefined where the engine does not tell. */
export function writtenBytes(value: unknown): number | undefined {
  const bytes = asInteger(asRecord(value)?.['SizeRw']);
  return bytes !== undefined && bytes >= 0 ? bytes : undefined;
}

/** Linux takes no longer ones. */
const maxPath = 4096;
const kinds = ['modified', 'added', 'deleted'] as const;

function fileChange(value: unknown): FileChange | undefined {
  const entry = asRecord(value);
  const path = asString(entry?.['Path']);
  const kind = kinds[asInteger(entry?.['Kind']) ?? -1];
  if (!path?.startsWith('/') || path.length > maxPath || !kind) return undefined;
  return { path, kind };
}

/** Docker writes `null` for an empty list, which dockerode hands out as the bytes that it read. */
function isNull(value: unknown): boolean {
  if (value === null) return true;
  return (
    value instanceof Uint8Array && value.length < 10 && parseJson(Buffer.from(value).toString()) === null
  );
}
