import type { DevContainer } from '../api';
import { allMatchWords, hasNoContainer } from '../core/words';
import type { Question } from './targets';

const isIdle = (item: DevContainer): boolean => item.activity === 'idle';
/** Whether there is something to recreate, and nobody at it. */
export const canRecreate = (item: DevContainer): boolean =>
  isIdle(item) && item.configFile !== undefined && !hasNoContainer(item);

/** What each command asks when it is called without a dev container. */
export const questions = {
  up: {
    title: 'Create or start which dev container?',
    suits: (item) =>
      isIdle(item) && item.configFile !== undefined && item.state !== 'running' && !item.problem,
    none: 'There is no dev container to create or start.',
    creates: true,
  },
  recreate: {
    title: 'Recreate which dev container?',
    suits: canRecreate,
    none: 'There is no dev container to recreate.',
  },
  rebuildWithNewerBase: {
    title: 'Rebuild which dev container with its newer base image?',
    suits: (item) => canRecreate(item) && item.image?.status === 'outdated',
    none: 'No dev container is known to have an outdated image.',
  },
  upgradeFeature: {
    title: 'Upgrade a Feature of which dev container?',
    suits: (item) => isIdle(item) && item.configFile !== undefined && !item.problem,
    none: 'There is no configuration with Features.',
  },
  restart: {
    title: 'Restart which dev container?',
    suits: canRecreate,
    none: 'There is no dev container to restart.',
  },
  rollBack: {
    title: 'Roll back which dev container?',
    suits: (item) => isIdle(item) && item.previous !== undefined,
    none: 'No dev container has an earlier container or image to go back to.',
  },
  rerunHook: {
    title: 'Run the failed hook of which dev container again?',
    suits: (item) => isIdle(item) && item.failure?.kind === 'lifecycle' && item.containerId !== undefined,
    none: 'No hook has failed.',
  },
  showChanges: {
    title: 'Show the changes of which dev container?',
    suits: (item) => item.changes.length > 0,
    none: allMatchWords,
  },
  markClean: {
    title: 'Accept which dev container as it is?',
    suits: (item) => item.dirty && !item.problem,
    none: allMatchWords,
  },
  removeDuplicates: {
    title: 'Remove the duplicates of which dev container?',
    suits: (item) => isIdle(item) && item.duplicates !== undefined,
    none: 'No dev container has duplicates.',
  },
  openConfig: {
    title: 'Open the configuration of which dev container?',
    suits: (item) => item.configFile !== undefined,
    none: 'There is no configuration to open.',
  },
  cancelJob: {
    title: 'Cancel which job?',
    suits: (item) => !isIdle(item),
    none: 'Nothing is being created or recreated.',
  },
  showLog: {
    title: 'Show the log of which dev container?',
    suits: () => true,
    none: 'There are no dev containers.',
    needsNoChoice: true,
  },
  showHistory: {
    title: 'Show the history of which dev container?',
    suits: () => true,
    none: 'There are no dev containers.',
    needsNoChoice: true,
  },
  forget: {
    title: 'Take which dev container off the list?',
    suits: (item) => isIdle(item) && item.state === 'missing',
    none: 'No dev container has lost its container.',
  },
  copyId: {
    title: 'Copy the container ID of which dev container?',
    suits: (item) => item.containerId !== undefined,
    none: 'No dev container has a container.',
  },
} satisfies Record<string, Question>;
