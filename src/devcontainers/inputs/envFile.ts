import { own } from '../../common/record';
import { resolve } from 'node:path';
import { relativeTo } from '../../core/identity';
import type { InputReading } from '../../core/ports';
import { variableDigest } from './environment';
import { joinParts } from './part';
import type { InputGround, InputPart } from './part';
import { unreadable } from './problems';
import type { Blame } from './problems';
import { emptyRecord } from './values';
import { hostVariable, substitute } from './variables';

/** A file with more variables counts as a whole. */
const maxNames = 2_000;

/** One assignment of an env file; without a value the host's own counts. */
interface Assignment {
  readonly name: string;
  readonly value: string | undefined;
  readonly line: number;
}

/** The files that `--env-file` in `runArgs` names. */
export async function runArgsEnvFiles(ground: InputGround): Promise<InputPart> {
  const runArgs = own(ground.config, 'runArgs');
  if (!Array.isArray(runArgs)) return joinParts([]);
  const paths = runArgs.flatMap((arg: unknown, index): string[] => {
    if (typeof arg !== 'string') return [];
    if (arg.startsWith('--env-file=')) return [arg.slice('--env-file='.length)];
    const next: unknown = runArgs[index + 1];
    return arg === '--env-file' && typeof next === 'string' ? [next] : [];
  });
  const parts = [...new Set(paths)].map(async (path): Promise<InputPart> => {
    // The CLI runs `docker run` in the workspace folder.
    const file = resolve(ground.workspaceFolder, substitute(path, ground));
    const reading = await readEnvFile(file, { property: ['runArgs'] }, ground);
    return { readings: [reading], files: [file], folders: [] };
  });
  return joinParts(await Promise.all(parts));
}

/** The digests of an env file's values, by name; `names` limits it to those that count. */
export async function readEnvFile(
  file: string,
  { property, namedAt }: Pick<Blame, 'property' | 'namedAt'>,
  ground: InputGround,
  names?: ReadonlySet<string>,
): Promise<InputReading> {
  const content = await ground.files.text(file);
  if (content.status !== 'ok')
    return unreadable({ kind: 'envFile', noun: 'Env file', file, property, namedAt }, content, ground);
  const input = relativeTo(file, ground.workspaceFolder);
  const isOfCompose = property[0] === 'dockerComposeFile';
  const assignments = (isOfCompose ? assignmentsIn : exactAssignmentsIn)(content.text ?? '');
  if (assignments.length > maxNames) {
    const { digest, modifiedAt } = content;
    return { kind: 'envFile', input, file, values: { '': digest }, modifiedAt };
  }
  const values = emptyRecord<string>();
  const lines = emptyRecord<number>();
  for (const { name, value, line } of assignments) {
    if (names && !names.has(name)) continue;
    values[name] = variableDigest(value ?? hostVariable(name, ground));
    lines[name] = line;
  }
  return { kind: 'envFile', input, file, values, lines, modifiedAt: content.modifiedAt };
}

/**
 * `NAME=value` and `NAME` as Compose takes them: a quoted value goes on to the quote that ends it, on whatever line.
 * Comments and empty lines are none.
 */
export function assignmentsIn(text: string): Assignment[] {
  const lines = withQuotedOnes(text.split(/\r\n|\r|\n/));
  return assignmentsOf(lines).map((it) => ({ ...it, value: it.value?.trim() }));
}

/** The lines, with all of a value in quotes on its first one, and nothing on the others. */
function withQuotedOnes(lines: readonly string[]): string[] {
  const joined = [...lines];
  for (let at = 0; at < joined.length; at++) {
    const quote = /^\s*[^#=]+=\s*(["'])/.exec(joined[at] ?? '')?.[1];
    const end = quote === undefined ? at : endOfQuoted(lines, at, quote);
    if (end === at) continue;
    joined[at] = lines.slice(at, end + 1).join('\n');
    joined.fill('', at + 1, end + 1);
    at = end;
  }
  return joined;
}

/** The line on which a value ends that begins on the given one; the same one when its quote ends nowhere. */
function endOfQuoted(lines: readonly string[], start: number, quote: string): number {
  const ends = (text: string): boolean => text.replace(/\\./g, '').includes(quote);
  const [first = '', ...rest] = [lines[start]?.split(quote).slice(1).join(quote), ...lines.slice(start + 1)];
  if (ends(first)) return start;
  return start + 1 + rest.findIndex(ends);
}

/** The same as `docker run --env-file` takes them: a value is all that follows, spaces too (docker/cli, opts/file.go). */
function exactAssignmentsIn(text: string): Assignment[] {
  return assignmentsOf(text.replace(/\r$/, '').split(/\r?\n/));
}

function assignmentsOf(lines: readonly string[]): Assignment[] {
  return lines.flatMap((line, index): Assignment[] => {
    const match = /^\s*(?:export\s+)?([^\s=#][^\s=]*)\s*(?:=(.*))?$/s.exec(line);
    return match?.[1] ? [{ name: match[1], value: match[2], line: index + 1 }] : [];
  });
}
