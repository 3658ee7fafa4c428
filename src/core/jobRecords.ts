/** What a job is told and written down with: activation does without it, so it is loaded with the first job. */
export { History } from './history';
export { JobLog } from './jobLog';
