import type { Attempt } from './outcome';
import type { CliRequest } from './ports';
import type { DevContainerFacts } from './snapshot';

/** What the CLI is asked for in a job: the dev container as it is configured, in the place of the one to be replaced. */
export function requestFor(
  facts: DevContainerFacts,
  { engine, replaced, duplicates, metadata }: Attempt,
  more: Pick<CliRequest, 'noCache' | 'onStarted'> & { readonly secretsFile: string | undefined },
): CliRequest {
  const { secretsFile, ...rest } = more;
  return {
    workspaceFolder: facts.workspaceFolder,
    configFile: facts.configFile ?? '',
    engine,
    ...rest,
    ...(duplicates ? { duplicates } : {}),
    ...(metadata ? { metadata } : {}),
    ...(secretsFile ? { secretsFile } : {}),
    ...(replaced
      ? {
          replace: {
            containerId: replaced.id,
            ...(replaced.setAsideName ? { setAsideName: replaced.setAsideName } : {}),
          },
        }
      : {}),
  };
}
