import { relative, sep } from 'node:path';
import type { InputKind, InputReading, InputSet } from '../../core/ports';
import type { HashedFiles } from './hashedFiles';

/** What the readers of single inputs share while the inputs of one configuration are read. */
export interface InputGround {
  readonly workspaceFolder: string;
  readonly configFile: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Contents of files, each read once for as long as it stays the same. */
  readonly files: HashedFiles;
  /** The host's environment as the Dev Containers CLI would see it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Programs of the workspace may run: the user trusts it. */
  readonly isTrusted: boolean;
  /** An earlier reading of an input that was made from the same. */
  known(kind: InputKind, input: string, fingerprint: string): InputReading | undefined;
  /** All earlier readings of an input, those that are recorded with containers among them. */
  earlier(kind: InputKind, input: string): readonly InputReading[];
}

/** What one input, or several that belong together, contribute to the whole. */
export type InputPart = InputSet;

export const NO_PART: InputPart = { readings: [], files: [], folders: [] };

export function joinParts(parts: readonly InputPart[]): InputPart {
  const bases = parts.flatMap((part) => part.bases ?? []);
  const compose = parts.find((part) => part.compose)?.compose;
  return {
    ...(bases.length === 0 ? {} : { bases }),
    ...(compose ? { compose } : {}),
    readings: parts.flatMap((part) => part.readings),
    files: [...new Set(parts.flatMap((part) => part.files))],
    folders: [...new Set(parts.flatMap((part) => part.folders))],
  };
}

/** How a path is named: from the folder, with `/`; `.` for the folder itself. */
export function fromFolder(path: string, folder: string): string {
  return relative(folder, path).split(sep).join('/') || '.';
}
