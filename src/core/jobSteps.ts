/** What jobs are made of, told and written down with: activation does without it, so it is loaded with the first job. */
export { requestFor } from './cliRequest';
export { awaitHealth } from './health';
export { History } from './history';
export { keepKnowledge } from './jobEnd';
export { JobLog } from './jobLog';
export { prepareJob } from './prepareJob';
export { pullBases } from './pullBases';
export { settlePatiently } from './settling';
export { stepBack } from './stepBack';
export { removeBuildLeftovers } from './swap';
export { unfinishedJob } from './unfinished';
