import { isRecord, own } from '../../common/record';
import { dirname, join } from 'node:path';
import { lockfileName } from '../../core/features';
import { relativeTo } from '../../core/identity';
import type { InputReading } from '../../core/ports';
import { parseJsonc, placesIn } from '../jsonc';
import type { InputGround, InputPart } from './part';
import { unreadable } from './problems';
import { emptyRecord } from './values';

/**
 * The lockfile's versions by Feature. A missing one, an empty one (a mark to write one) and one without Features,
 * which the CLI writes for every configuration, are equal.
 */
export async function lockfileInputs(ground: InputGround): Promise<InputPart> {
  const file = join(dirname(ground.configFile), lockfileName(ground.configFile));
  return { readings: [await read(file, ground)], files: [file], folders: [] };
}

async function read(file: string, ground: InputGround): Promise<InputReading> {
  const input = relativeTo(file, ground.workspaceFolder);
  const base = { kind: 'lockfile', input, file } as const;
  const content = await ground.files.text(file);
  if (content.status === 'missing') return { ...base, values: {} };
  if (content.status === 'refused')
    return unreadable({ ...base, noun: 'Lockfile', property: ['features'] }, content, ground);
  const text = content.text ?? '';
  const { modifiedAt } = content;
  if (text.trim() === '') return { ...base, values: {}, modifiedAt };
  const parsed = parseJsonc(text);
  const problem =
    'problem' in parsed
      ? parsed.problem
      : isRecord(parsed.value)
        ? undefined
        : { message: 'The top level must be an object.', line: 1 };
  if (problem || !('value' in parsed)) {
    const message = `Lockfile \`${input}\` cannot be read. ${problem?.message ?? ''}`;
    return { ...base, values: {}, modifiedAt, problem: { ...problem, message, property: ['features'] } };
  }
  const features = own(parsed.value, 'features');
  const values = emptyRecord<string>();
  const lines = emptyRecord<number>();
  const placeOf = placesIn(text);
  for (const [feature, entry] of Object.entries(isRecord(features) ? features : {})) {
    values[feature] = versionOf(entry);
    lines[feature] = placeOf(['features', feature])?.line ?? 1;
  }
  return { ...base, values, lines, ...(text.length > 64 * 1024 ? {} : { text }), modifiedAt };
}

function versionOf(entry: unknown): string {
  const parts = [own(entry, 'version'), own(entry, 'resolved')];
  return parts.filter((part) => typeof part === 'string').join(' ');
}
