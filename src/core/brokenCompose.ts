import type { ConfigProblem } from '../api';
import type { Naming } from './inputDiff';
import type { InputReading } from './ports';

/**
 * What is wrong in the Compose files of a configuration, and where; undefined while they can be used. Files that cannot
 * be understood are as bad as a configuration that cannot: nothing can be made from them.
 */
export function brokenCompose(readings: readonly InputReading[], naming: Naming): ConfigProblem | undefined {
  const isMerged = readings.some(({ kind, problem }) => kind === 'compose' && !problem);
  const broken = readings.find(
    ({ kind, problem }) =>
      (kind === 'composeFile' && problem !== undefined) ||
      // What Compose refuses has a place; what kept it from answering has none.
      (kind === 'compose' && problem?.line !== undefined) ||
      // So has an env file that a Compose file names.
      (kind === 'envFile' && problem?.line !== undefined && !isMerged),
  );
  if (!broken?.problem) return undefined;
  const { message, column, property = [], isMissing } = broken.problem;
  const file = broken.problem.file ?? (isMissing ? undefined : broken.file);
  const line = broken.problem.line ?? (file === undefined ? naming.lineOf(property) : undefined);
  const place = { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
  return { message, ...place, ...(file === undefined ? {} : { file }) };
}
