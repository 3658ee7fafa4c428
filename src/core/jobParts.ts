import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import type { Configs } from './configs';
import type { Drift } from './drift';
import type { Engines } from './engines';
import type { Inputs } from './inputs';
import type { Inventory } from './inventory';
import type { JobBoard } from './jobBoard';
import type { JobLog, LoggedJob } from './jobLog';
import type { Journal } from './journal';
import type { SwapPolicy } from './outcome';
import type { DevContainerCli } from './ports';
import type { PreviousContainers } from './previous';
import type { PullParts } from './pullBases';

/** What jobs work with. */
export interface JobParts {
  readonly engines: Engines;
  readonly inventory: Inventory;
  readonly configs: Configs;
  readonly inputs: Inputs;
  readonly drift: Drift;
  readonly board: JobBoard;
  readonly journal: Journal;
  readonly previous: PreviousContainers;
  readonly cli: DevContainerCli;
  /** The login with which an engine pulls an image; undefined where it needs none. */
  readonly findLogin: PullParts['findLogin'];
  readonly openLog: (job: LoggedJob) => Promise<JobLog>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly settings: {
    /** How many jobs may run at once. */
    parallel: () => number;
    secretsFile: () => string | undefined;
    onHookFailure: () => SwapPolicy['onHookFailure'];
    /** Whether the old container is kept, stopped, after a success. */
    keepsOld: () => boolean;
    /** How long a new container may take to become healthy, in milliseconds. */
    healthMs: () => number;
  };
}
