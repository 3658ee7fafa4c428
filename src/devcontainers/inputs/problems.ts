import { relativeTo } from '../../core/identity';
import type { InputKind, InputReading } from '../../core/ports';
import type { FileContent } from './hashedFiles';
import type { InputGround } from './part';

/** A line of a file, from 1. */
export interface FileLine {
  readonly file: string;
  readonly line: number;
}

/** What stands in a reading's way, and where the configuration names it. */
export interface Blame {
  readonly kind: InputKind;
  /** The input as people name it: `Env file`, `Feature`. */
  readonly noun: string;
  readonly file: string;
  readonly property: readonly string[];
  /** Where that is in another file than the configuration. */
  readonly namedAt?: FileLine | undefined;
}

/** A reading of a file that is not there or cannot be read. */
export function unreadable(
  blame: Blame,
  content: Exclude<FileContent, { status: 'ok' }>,
  ground: InputGround,
): InputReading {
  const { kind, noun, file, property, namedAt } = blame;
  const input = relativeTo(file, ground.workspaceFolder);
  const problem =
    content.status === 'missing'
      ? { message: `${noun} \`${input}\` does not exist.`, isMissing: true }
      : { message: `${noun} \`${input}\` cannot be read. ${content.reason}` };
  return { kind, input, file, values: {}, problem: { ...problem, ...namedAt, property } };
}

/** A reading of something that the configuration says in a way that cannot be understood. */
export function misconfigured(
  kind: InputKind,
  input: string,
  message: string,
  property: readonly string[],
): InputReading {
  return { kind, input, values: {}, problem: { message, property } };
}
