import { relativeTo } from '../../core/identity';
import type { InputKind, InputReading } from '../../core/ports';
import type { FileContent } from './hashedFiles';
import type { InputGround } from './part';

/** What stands in a reading's way, and where the configuration names it. */
export interface Blame {
  readonly kind: InputKind;
  /** The input as people name it: `Env file`, `Feature`. */
  readonly noun: string;
  readonly file: string;
  readonly property: readonly string[];
}

/** A reading of a file that is not there or cannot be read. */
export function unreadable(
  blame: Blame,
  content: Exclude<FileContent, { status: 'ok' }>,
  ground: InputGround,
): InputReading {
  const { kind, noun, file, property } = blame;
  const input = relativeTo(file, ground.workspaceFolder);
  const problem =
    content.status === 'missing'
      ? { message: `${noun} \`${input}\` does not exist.`, isMissing: true }
      : { message: `${noun} \`${input}\` cannot be read. ${content.reason}` };
  return { kind, input, file, values: {}, problem: { ...problem, property } };
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
