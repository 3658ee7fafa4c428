import type { CliProgress } from '../core/ports';

/**
 * What a line of output says: `Step 3/7 : RUN x` (classic builder), `#5 [stage 2/4] RUN x` (BuildKit),
 * `[1/2] STEP 3/7: RUN x` (Podman, with the stage before it where there are several).
 */
export function progressOfLine(line: string): CliProgress | undefined {
  // The only hook that has no progress record of its own.
  if (line.startsWith('Running the initializeCommand from ')) {
    return { kind: 'hook', name: 'initializeCommand', status: 'running' };
  }
  const classic =
    /^Step (\d{1,5})\/(\d{1,5}) : (.*)$/.exec(line) ??
    /^(?:\[\d{1,5}\/\d{1,5}\] )?STEP (\d{1,5})\/(\d{1,5}): (.*)$/.exec(line);
  const match = classic ?? /^#\d{1,6} \[(?:[^\]\s]{1,200} )?(\d{1,5})\/(\d{1,5})\] (.*)$/.exec(line);
  if (!match) return undefined;
  const [, step, steps, instruction] = match;
  return { kind: 'build', step: Number(step), steps: Number(steps), instruction: instruction ?? '' };
}

/** What the start of a program says: the container is being created. */
export function progressOfChatter(text: string): CliProgress | undefined {
  if (!text.startsWith('Run: ')) return undefined;
  const isRun = text.includes(' run --sig-proxy=false ');
  const isComposeUp = text.includes(' --project-name ') && / up -d(?: |$)/.test(text);
  return isRun || isComposeUp ? { kind: 'create' } : undefined;
}

/** What a progress record says: `Running postCreateCommand...` with its status. */
export function progressOfHook(name: unknown, status: unknown): CliProgress | undefined {
  if (typeof name !== 'string') return undefined;
  if (status !== 'running' && status !== 'succeeded' && status !== 'failed') return undefined;
  const match = /^Running ([A-Za-z]{1,40})\.{3}$/.exec(name);
  return { kind: 'hook', name: match?.[1] ?? name.slice(0, 100), status };
}
