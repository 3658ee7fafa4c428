import { Range } from 'vscode';

/** The beginning of a line, counted from 1 as people do; the first line when none is known. */
export function lineRange(line = 1, column = 1): Range {
  const at = [Math.max(0, line - 1), Math.max(0, column - 1)] as const;
  return new Range(...at, ...at);
}
