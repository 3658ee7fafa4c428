import { messageOf } from '../common/errors';
import { normalizeState } from './identity';
import type { Attempt } from './outcome';
import type { CliProgress, ContainerFacts } from './ports';
import { lookAfter } from './swap';
import { oneLine } from './words';

/** What is known of a job whose CLI has said nothing for a minute. */
export interface Silence {
  /** What it was doing, in words. */
  readonly phase: string;
  readonly progress?: CliProgress;
  /** The end of its output, when that was no whole line. */
  readonly unfinished?: string;
  readonly attempt: Pick<Attempt, 'engine' | 'key' | 'before' | 'replaced'>;
}

/** What a silent job seems to wait for, in words that begin like its phase; asks the engine where that can tell. */
export async function waitingFor(silence: Silence): Promise<string> {
  const { phase, progress, unfinished = '', attempt } = silence;
  if (isQuestion(unfinished)) {
    return `${phase}: it seems to wait for input, which it cannot get: ${oneLine(unfinished.trim().slice(-120), 120)}`;
  }
  if (progress?.kind === 'build') return buildWords(phase, progress.instruction);
  if (progress?.kind === 'hook' && progress.status === 'running') {
    return `${oneLine(progress.name, 60)} has said nothing for a minute`;
  }
  const why = progress?.kind === 'create' ? await creationWords(attempt) : undefined;
  return why === undefined ? `${phase}, no output for a minute` : `${phase}: ${why}`;
}

/** Only what has no line end: a question that was answered goes on in a new line. */
function isQuestion(text: string): boolean {
  return /(?:[?:]|\[y\/n\]|\(y(?:es)?\/no?\)|password|passphrase)\s*$/i.test(text.slice(-200));
}

function buildWords(phase: string, instruction: string | undefined): string {
  if (instruction === undefined) return `${phase}, no output for a minute`;
  const image = /^FROM (?:--\S{1,200} )?(\S{1,200})/i.exec(instruction)?.[1];
  if (image !== undefined && !image.startsWith('$'))
    return `${phase}: waiting for the pull of ${oneLine(image)}`;
  return `${phase} (${oneLine(instruction, 60)}), no output for a minute`;
}

async function creationWords({
  engine,
  key,
  before,
  replaced,
}: Silence['attempt']): Promise<string | undefined> {
  try {
    const { old, made } = await lookAfter(engine, key, before, replaced);
    if (made.some(isRunning)) {
      return "the engine's start event seems to be missed: the container runs, cancel and start it again";
    }
    if (old?.state === 'removing') return `waiting for the engine to remove ${oneLine(old.name, 80)}`;
    if (old && isRunning(old)) return `waiting for ${oneLine(old.name, 80)} to stop`;
    return made.length > 0 ? 'the engine has created the container and does not start it' : undefined;
  } catch (error) {
    return `the engine does not answer: ${oneLine(messageOf(error))}`;
  }
}

function isRunning(facts: ContainerFacts): boolean {
  return normalizeState(facts.state) === 'running';
}
