import type { ConfigProblem } from '../api';
import type { Naming } from './inputDiff';
import type { InputReading } from './ports';

/**
 * What is wrong in the Compose files of a configuration, and where; undefined while they can be used. Files that cannot
 * be understood are as bad as a configuration that cannot: nothing can be made from them.
 */
export function brokenCompose(readings: readonly InputReading[], naming: Naming): ConfigProblem | undefined {
  const broken = readings.find(
    ({ kind, problem }) =>
      (kind === 'composeFile' && problem !== undefined && !problem.isMissing) ||
      // What Compose refuses has a place; what kept it from answering has none.
      (kind === 'compose' && problem?.line !== undefined),
  );
  if (!broken?.problem) return undefined;
  const { message, column, property = [], file = broken.file } = broken.problem;
  const line = broken.problem.line ?? (file === undefined ? naming.lineOf(property) : undefined);
  const place = { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
  return { message, ...place, ...(file === undefined ? {} : { file }) };
}
