/** The kinds of jobs, each with its words: while it runs, once it is done, and as a run of the past by its outcome. */
const KINDS = {
  up: {
    ...{ doing: 'Starting', done: 'started' },
    run: { succeeded: 'Started', failed: 'Start failed', cancelled: 'Start cancelled' },
  },
  recreate: {
    ...{ doing: 'Recreating', done: 'recreated' },
    run: { succeeded: 'Recreated', failed: 'Recreate failed', cancelled: 'Recreate cancelled' },
  },
  restart: {
    ...{ doing: 'Restarting', done: 'restarted' },
    run: { succeeded: 'Restarted', failed: 'Restart failed', cancelled: 'Restart cancelled' },
  },
  // A hook that failed, once more.
  rerun: {
    ...{ doing: 'Running the failed hook again for', done: 'set up' },
    run: { succeeded: 'Hook run again', failed: 'Hook failed again', cancelled: 'Hook cancelled' },
  },
  // Back to what there was before.
  rollBack: {
    ...{ doing: 'Rolling back', done: 'rolled back' },
    run: { succeeded: 'Rolled back', failed: 'Roll back failed', cancelled: 'Roll back cancelled' },
  },
} as const;

export type JobKind = keyof typeof KINDS;

export function isJobKind(value: unknown): value is JobKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

/** `Recreating` */
export function doingWords(kind: JobKind): string {
  return KINDS[kind].doing;
}

/** `recreated` */
export function doneWords(kind: JobKind): string {
  return KINDS[kind].done;
}

/** `Recreated`, `Recreate failed` */
export function runOutcomeWords(kind: JobKind, outcome: 'succeeded' | 'failed' | 'cancelled'): string {
  return KINDS[kind].run[outcome];
}
