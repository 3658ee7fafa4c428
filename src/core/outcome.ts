import type { Failure, JobOutcome } from '../api';
import { hasCode, messageOf } from '../common/errors';
import { normalizeState } from './identity';
import type { CliRequest, CliResult, ContainerFacts, EnginePort } from './ports';
import { lookAfter, putBack, removeMade, type Aftermath, type Replaced } from './swap';

/** One run of the CLI, with what was there before it. */
export interface Attempt {
  readonly key: string;
  readonly engine: EnginePort;
  /** Ids of every container from before. */
  readonly before: ReadonlySet<string>;
  readonly replaced?: Replaced;
  /** The container that the job stopped in order to start it again; it stays the same one. */
  readonly restarted?: Replaced;
  /** Other containers of the same identity, from before: the CLI must not take one of them. */
  readonly duplicates?: readonly string[];
  /** What the CLI is to take for the label of the container that it starts. */
  readonly metadata?: CliRequest['metadata'];
}

export interface Settled {
  readonly outcome: JobOutcome;
  /** The container that the dev container is now, if the job made it. */
  readonly made?: ContainerFacts;
}

/**
 * Decides from what the engine holds how a job ended, and cleans up: after a success the old container goes, after
 * a failure what came of the attempt goes and the old container is back in its place.
 */
export async function settle(attempt: Attempt, result: CliResult | Error, now: number): Promise<Settled> {
  const aftermath = await lookAfter(attempt.engine, attempt.key, attempt.before, attempt.replaced);
  const end: End = {
    attempt,
    aftermath,
    ...(result instanceof Error ? {} : { result, logFile: result.logFile }),
  };
  const failure = failureOf(result, now) ?? stoppedAtOnce(end, now);
  if (!failure) return succeed(end);
  if (!keepsNew(end, failure)) return undo(end, failure);
  const done = await succeed(end);
  const state = [...aftermath.made, aftermath.there ?? []].flat().some(isRunning)
    ? 'The container is running, but'
    : 'The container is there, but';
  const message = `${failure.message} ${state} not set up as its configuration says.`;
  return { ...done, outcome: { ...done.outcome, outcome: 'failed', failure: { ...failure, message } } };
}

/** How the CLI ended, and what the engine holds now. */
interface End {
  readonly attempt: Attempt;
  readonly aftermath: Aftermath;
  readonly result?: CliResult;
  readonly logFile?: string;
}

/**
 * A container that runs although a hook failed is what the user has now: it stays, marked as failed. So does the
 * new one where the old one is gone.
 */
function keepsNew({ attempt, aftermath, result }: End, failure: Failure): boolean {
  const isThere = aftermath.made.some(isRunning);
  if (attempt.replaced && !aftermath.old) return isThere;
  const wasThere = result?.containerId !== undefined && attempt.before.has(result.containerId);
  return failure.kind === 'lifecycle' && (isThere || wasThere);
}

async function succeed({ attempt, aftermath, result, logFile }: End): Promise<Settled> {
  const { engine, replaced, restarted } = attempt;
  const id = result?.containerId ?? aftermath.made[0]?.id;
  const now = id === undefined ? undefined : await engine.inspect(id);
  const made = now && !attempt.before.has(now.id) ? now : undefined;
  if (replaced && aftermath.old && made) await engine.remove(replaced.id);
  return {
    outcome: {
      outcome: 'succeeded',
      ...(now ? { containerId: now.id } : {}),
      ...(replaced ? { previousContainerId: replaced.id } : {}),
      downtimeMs: restarted?.wasRunning
        ? between(now?.finishedAt, now?.startedAt)
        : replaced?.wasRunning
          ? between(aftermath.old?.finishedAt ?? result?.replacedAt, made?.startedAt)
          : 0,
      ...(logFile === undefined ? {} : { logFile }),
    },
    ...(made ? { made } : {}),
  };
}

async function undo({ attempt, aftermath, logFile }: End, failure: Failure): Promise<Settled> {
  const { engine, replaced, restarted } = attempt;
  const { old, made, there } = aftermath;
  const wasTouched = restarted !== undefined || (replaced !== undefined && old?.name !== replaced.name);
  await removeMade(engine, made);
  const aside = replaced ?? restarted;
  const back = replaced
    ? await putBack(engine, replaced)
    : restarted && (await startAgain(engine, restarted));
  const isRolledBack = replaced !== undefined && wasTouched && back !== undefined;
  const left = back ?? there;
  const state = stateOfThings({
    replaced: aside,
    isThere: there !== undefined,
    isBack: back !== undefined,
    isRunning: back !== undefined && isRunning(back),
    wasTouched,
    madeSome: made.length > 0,
  });
  return {
    outcome: {
      outcome: failure.kind === 'cancelled' ? 'cancelled' : isRolledBack ? 'rolledBack' : 'failed',
      ...(left ? { containerId: left.id } : {}),
      ...(replaced ? { previousContainerId: replaced.id } : {}),
      failure: { ...failure, message: `${failure.message} ${state}` },
      downtimeMs: isRolledBack && replaced.wasRunning ? between(old?.finishedAt, back.startedAt) : 0,
      ...(logFile === undefined ? {} : { logFile }),
    },
  };
}

/** What kept the CLI from starting it may keep us from it too: then it is stopped, and said to be. */
async function startAgain(engine: EnginePort, restarted: Replaced): Promise<ContainerFacts | undefined> {
  try {
    return await putBack(engine, restarted);
  } catch (error) {
    if (hasCode(error, 'engineSilent') || hasCode(error, 'engineMissing')) throw error;
    return engine.inspect(restarted.id);
  }
}

/** What is true now, after a failure or a cancel. */
function stateOfThings(now: {
  replaced: Replaced | undefined;
  isThere: boolean;
  isBack: boolean;
  isRunning: boolean;
  wasTouched: boolean;
  madeSome: boolean;
}): string {
  if (!now.replaced) {
    if (now.isThere) return 'The container it had is still there.';
    return now.madeSome ? 'The unfinished container was removed.' : 'No container was created.';
  }
  if (!now.isBack) return 'The container it had is gone.';
  if (!now.replaced.wasRunning) return 'The container it had is unchanged.';
  if (!now.isRunning) return 'The container it had is stopped.';
  return now.wasTouched ? 'The container it had is running again.' : 'The container it had is still running.';
}

/** The CLI's word is not enough: a new container that does not run is none to give the old one up for. */
function stoppedAtOnce({ attempt, aftermath, result }: End, now: number): Failure | undefined {
  const made = aftermath.made.find((facts) => facts.id === result?.containerId) ?? aftermath.made[0];
  if (!attempt.replaced || !aftermath.old || (made && isRunning(made))) return undefined;
  const how = made?.exitCode === undefined ? '' : ` (exit code ${made.exitCode})`;
  const message = made
    ? `The new container ended right after its start${how}.`
    : 'No new container was created.';
  return { kind: 'run', message, at: now };
}

function isRunning(facts: ContainerFacts): boolean {
  return normalizeState(facts.state) === 'running';
}

function failureOf(result: CliResult | Error, at: number): Failure | undefined {
  if (result instanceof Error) {
    if (hasCode(result, 'cancelled')) return { kind: 'cancelled', message: 'Cancelled.', at };
    return { kind: 'other', message: messageOf(result), at };
  }
  if (result.outcome === 'success') return undefined;
  if (result.failure) return { ...result.failure, at };
  const last = result.tail.at(-1);
  const code = result.exitCode === undefined ? 'a signal' : `exit code ${result.exitCode}`;
  const message = result.message ?? `The Dev Containers CLI ended with ${code}${last ? `: ${last}` : '.'}`;
  return { kind: result.containerId === undefined ? 'other' : 'lifecycle', message, at };
}

function between(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? 0 : Math.max(0, to - from);
}
