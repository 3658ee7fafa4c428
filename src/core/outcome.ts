import type { Failure, JobOutcome } from '../api';
import { hasCode, messageOf } from '../common/errors';
import { normalizeState, type ComposeMade } from './identity';
import type { CliRequest, CliResult, ContainerFacts, EnginePort } from './ports';
import type { KeptContainer } from './previous';
import { rejoin } from './rejoin';
import type { Sharer } from './sharers';
import { lookAfter, putBack, removeMade, type Aftermath, type Replaced } from './swap';

/** One run of the CLI, with what was there before it. */
export interface Attempt {
  readonly key: string;
  readonly engine: EnginePort;
  /** Ids of every container from before; after a change of windows, of those of the dev container. */
  readonly before: ReadonlySet<string>;
  /** When the newest of them was made, milliseconds since 1970 on the engine's clock. */
  readonly since?: number;
  readonly replaced?: Replaced;
  /** The container that it had, where no label says whose it is. */
  readonly adopted?: ComposeMade;
  /** The container that the job stopped in order to start it again; it stays the same one. */
  readonly restarted?: Replaced;
  /** Other containers of the same identity, from before: the CLI must not take one of them. */
  readonly duplicates?: readonly string[];
  /** What the CLI is to take for the label of the container that it starts. */
  readonly metadata?: CliRequest['metadata'];
  /** A container that was kept from before and that the job brings back: not among those `before`. */
  readonly revived?: KeptContainer;
  readonly policy?: SwapPolicy;
  /** Containers that share the namespaces of the one that is replaced, restarted or brought back. */
  readonly sharers?: readonly Sharer[];
}

/** What becomes of the old container. */
export interface SwapPolicy {
  /** After a hook of the new one failed: the new one stays, marked as failed, or the old one comes back. */
  readonly onHookFailure: 'keep' | 'rollBack';
  /** After a success it is kept aside, stopped, instead of removed. */
  readonly keepsOld: boolean;
  /** It failed itself, and one that worked is kept already. */
  readonly isOldSuperfluous: boolean;
}

const DEFAULT_POLICY: SwapPolicy = { onHookFailure: 'keep', keepsOld: false, isOldSuperfluous: false };

/** What was going on when the CLI ended. */
export interface LastSeen {
  /** The hook that ran. */
  readonly runningHook?: string;
  /** It was ended while it had a container made: what it asked the engine for may be yet to come. */
  readonly isCut?: boolean;
}

export interface Settled {
  readonly outcome: JobOutcome;
  /** The container that the dev container is now, if the job made it. */
  readonly made?: ContainerFacts;
  /** The container that was made like the old one, from a copy of its files. */
  readonly restored?: ContainerFacts;
  /** The old container, or the copy of its files, is to stay: there is reason to go back to it. */
  readonly keepsOld: boolean;
}

/**
 * Decides from what the engine holds how a job ended, and cleans up: after a success the old container goes, after
 * a failure what came of the attempt goes and the old container is back in its place.
 */
export async function settle(
  attempt: Attempt,
  result: CliResult | Error,
  now: number,
  last: LastSeen = {},
): Promise<Settled> {
  const { engine, key, before, replaced, adopted, since } = attempt;
  const aftermath = await lookAfter(engine, key, before, replaced, adopted && { ...adopted, since });
  const end: End = {
    attempt,
    aftermath,
    last,
    ...(result instanceof Error ? {} : { result, logFile: result.logFile }),
  };
  const failure = failureOf(result, now) ?? stoppedAtOnce(end, now);
  const { onHookFailure, keepsOld, isOldSuperfluous } = attempt.policy ?? DEFAULT_POLICY;
  if (!failure) return succeed(end, keepsOld);
  if (!keepsNew(end, failure, onHookFailure)) return undo(end, failure);
  const done = await succeed(end, !isOldSuperfluous);
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
  readonly last: LastSeen;
}

/**
 * A container that runs although a hook failed is what the user has now: it stays, marked as failed, unless the user
 * wants the old one then. So does the new one where the old one is gone.
 */
function keepsNew(
  { attempt, aftermath, result }: End,
  failure: Failure,
  onHookFailure: SwapPolicy['onHookFailure'],
): boolean {
  const isThere = aftermath.made.some(isRunning);
  if (attempt.replaced && !aftermath.canGoBack) return isThere;
  if (attempt.replaced && onHookFailure === 'rollBack') return false;
  const wasThere = result?.containerId !== undefined && attempt.before.has(result.containerId);
  return failure.kind === 'lifecycle' && (isThere || wasThere);
}

async function succeed({ attempt, aftermath, result, logFile }: End, keepsOld: boolean): Promise<Settled> {
  const { engine, replaced, restarted } = attempt;
  const id = result?.containerId ?? aftermath.made[0]?.id;
  const now = id === undefined ? undefined : await engine.inspect(id);
  const made = now && !attempt.before.has(now.id) ? now : undefined;
  const { notes, isOldNeeded } = await rejoin(engine, attempt.sharers ?? [], now);
  const staysOld = keepsOld || (isOldNeeded && aftermath.old !== undefined);
  if (replaced && aftermath.old && made && !staysOld) await engine.remove(replaced.id);
  return {
    keepsOld: replaced !== undefined && made !== undefined && staysOld,
    outcome: {
      outcome: 'succeeded',
      ...notesIn(notes),
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

async function undo(
  { attempt, aftermath, result, logFile, last: { runningHook, isCut } }: End,
  failure: Failure,
): Promise<Settled> {
  const { engine, replaced, restarted, revived } = attempt;
  const { old, made, there } = aftermath;
  const wasTouched = restarted !== undefined || (replaced !== undefined && old?.name !== replaced.name);
  await removeMade(engine, made, revived);
  const aside = replaced ?? restarted;
  const back = replaced
    ? await putBack(engine, replaced, isCut)
    : restarted && (await startAgain(engine, restarted));
  const isRolledBack = replaced !== undefined && wasTouched && back !== undefined;
  const left = back ?? there;
  const { notes } = await rejoin(engine, attempt.sharers ?? [], left);
  const state = stateOfThings({
    replaced: aside,
    isThere: there !== undefined,
    isBack: back !== undefined,
    isRunning: back !== undefined && isRunning(back),
    wasTouched,
    madeSome: made.length > 0,
    isRestored: replaced !== undefined && back !== undefined && back.id !== replaced.id,
  });
  // Nobody can end a process inside by ending the one that began it from outside.
  const mayRun = runningHook !== undefined && there && isRunning(there);
  const inside = mayRun ? ` ${runningHook} may still be running in it.` : '';
  return {
    keepsOld: false,
    ...(replaced && back && back.id !== replaced.id ? { restored: back } : {}),
    outcome: {
      outcome: failure.kind === 'cancelled' ? 'cancelled' : isRolledBack ? 'rolledBack' : 'failed',
      ...(left ? { containerId: left.id } : {}),
      ...notesIn(notes),
      ...(replaced ? { previousContainerId: replaced.id } : {}),
      failure: { ...failure, message: `${failure.message} ${state}${inside}` },
      downtimeMs:
        isRolledBack && replaced.wasRunning
          ? between(old?.finishedAt ?? result?.replacedAt, back.startedAt)
          : 0,
      ...(logFile === undefined ? {} : { logFile }),
    },
  };
}

function notesIn(notes: readonly string[]): Pick<JobOutcome, 'notes'> {
  return notes.length > 0 ? { notes } : {};
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
  isRestored: boolean;
}): string {
  if (!now.replaced) {
    if (now.isThere) return 'The container it had is still there.';
    return now.madeSome ? 'The unfinished container was removed.' : 'No container was created.';
  }
  if (!now.isBack) return 'The container it had is gone.';
  if (now.isRestored) {
    const runs = now.isRunning ? 'is running' : 'is there';
    return `A container made like the one it had, with all its files, ${runs} in its place.`;
  }
  if (!now.replaced.wasRunning) return 'The container it had is unchanged.';
  if (!now.isRunning) return 'The container it had is stopped.';
  return now.wasTouched ? 'The container it had is running again.' : 'The container it had is still running.';
}

/** The CLI's word is not enough: a new container that does not run is none to give the old one up for. */
function stoppedAtOnce({ attempt, aftermath, result }: End, now: number): Failure | undefined {
  const made = aftermath.made.find((facts) => facts.id === result?.containerId) ?? aftermath.made[0];
  if (!attempt.replaced || !aftermath.canGoBack || (made && isRunning(made))) return undefined;
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
