import { own } from '../../common/record';
import { resolve } from 'node:path';
import { relativeTo } from '../../core/identity';
import type { InputReading } from '../../core/ports';
import { variableDigest } from './environment';
import { joinParts } from './part';
import type { InputGround, InputPart } from './part';
import { unreadable } from './problems';
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
    const reading = await readEnvFile(file, ['runArgs'], ground);
    return { readings: [reading], files: [file], folders: [] };
  });
  return joinParts(await Promise.all(parts));
}

/** The digests of an env file's values, by name; `names` limits it to those that count. */
export async function readEnvFile(
  file: string,
  property: readonly string[],
  ground: InputGround,
  names?: ReadonlySet<string>,
): Promise<InputReading> {
  const content = await ground.files.text(file);
  if (content.status !== 'ok')
    return unreadable({ kind: 'envFile', noun: 'Env file', file, property }, content, ground);
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

/** `NAME=value` and `NAME` lines as Compose takes them; comments and empty lines are none. */
export function assignmentsIn(text: string): Assignment[] {
  return assignmentsOf(text.split(/\r\n|\r|\n/)).map((it) => ({ ...it, value: it.value?.trim() }));
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
