import type { History } from '../core/history';
import type { JobBoard } from '../core/jobBoard';
import type { LogLevel, LogReader } from '../core/ports';

/** Of the read-only documents that show the logs of runs. */
export const LOG_SCHEME = 'shipshape-log';

export interface RunsParts {
  readonly board: JobBoard;
  readonly history: Pick<History, 'runs'>;
  readonly reader: LogReader;
  /** Which lines of a log are shown in it. */
  readonly isWanted: (level: LogLevel) => boolean;
}
