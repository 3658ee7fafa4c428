import type { Job } from './job';
import type { CliRequest } from './ports';

/** What the CLI is asked for in a job: the dev container as it is configured, in the place of the one to be replaced. */
export function requestFor(
  { kind, facts, attempt, madeFrom, runAgain }: Job,
  more: Pick<CliRequest, 'noCache' | 'onStarted'> & { readonly secretsFile: string | undefined },
): CliRequest {
  const { engine, replaced, duplicates = [], metadata } = attempt;
  const { secretsFile, ...rest } = more;
  const isBack = kind === 'rollBack';
  // What is to come back is there already; the CLI must not see what stepped aside for it.
  const hidden = isBack && replaced?.setAsideName !== undefined ? [...duplicates, replaced.id] : duplicates;
  return {
    workspaceFolder: facts.workspaceFolder,
    configFile: facts.configFile ?? '',
    engine,
    ...rest,
    ...(attempt.duplicates ? { duplicates: hidden } : {}),
    ...(metadata ? { metadata } : {}),
    ...(secretsFile ? { secretsFile } : {}),
    ...(runAgain ? { runAgain } : {}),
    // The container is of that time, and so are its hooks.
    ...(isBack && madeFrom?.text ? { configText: madeFrom.text } : {}),
    ...(replaced && !isBack ? { replace: replaceOf(replaced) } : {}),
  };
}

function replaceOf({
  id,
  setAsideName,
  copy,
}: NonNullable<Job['attempt']['replaced']>): NonNullable<CliRequest['replace']> {
  return {
    containerId: id,
    ...(setAsideName ? { setAsideName } : {}),
    ...(copy ? { copyName: copy.image } : {}),
  };
}
