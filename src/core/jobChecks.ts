import { ShipshapeError } from '../common/errors';
import { doneWords, type JobKind } from './jobKinds';
import type { DevContainerFacts } from './snapshot';

/** What a job works on. Throws where it must not begin: `notFound`, `busy` or `notADevContainer` (S4-14, S4-15). */
export function checkedForJob(
  kind: JobKind,
  facts: DevContainerFacts | undefined,
  name: string,
  isRunning: boolean,
): DevContainerFacts {
  if (!facts) {
    throw new ShipshapeError('notFound', 'This dev container is not there any more. Refresh the list.');
  }
  if (isRunning) throw new ShipshapeError('busy', `${name} is already being recreated.`);
  if (!facts.configFile) {
    const why = 'its container does not say which configuration it was made from';
    throw new ShipshapeError('notADevContainer', `${name} cannot be recreated: ${why}.`);
  }
  if (facts.isFolderMissing) {
    const why = `its folder ${facts.workspaceFolder} is not found on this machine`;
    throw new ShipshapeError(
      'notFound',
      `${name} cannot be ${doneWords(kind)}: ${why}. Bring it back, or remove the container.`,
    );
  }
  if ((kind === 'restart' || kind === 'rerun') && !facts.container) {
    throw new ShipshapeError('notFound', `${name} has no container to restart. Create it first.`);
  }
  return facts;
}
