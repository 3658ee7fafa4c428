import type { CliProgress } from '../core/ports';

/**
 * What a line of output says: `Step 3/7 : RUN x` (classic builder), `#5 [stage 2/4] RUN x` (BuildKit),
 * `[1/2] STEP 3/7: RUN x` (Podman, with the stage before it where there are several).
 */
export function progressOfLine(line: string): CliProgress | undefined {
  // Before a hook's own record, and for initializeCommand in its place.
  const hook = HOOK.exec(line)?.[1];
  if (hook !== undefined) return { kind: 'hook', name: hook, status: 'running' };
  const classic =
    /^Step (\d{1,5})\/(\d{1,5}) : (.*)$/.exec(line) ??
    /^(?:\[\d{1,5}\/\d{1,5}\] )?STEP (\d{1,5})\/(\d{1,5}): (.*)$/.exec(line);
  const match = classic ?? /^#\d{1,6} \[(?:[^\]\s]{1,200} )?(\d{1,5})\/(\d{1,5})\] (.*)$/.exec(line);
  if (!match) return undefined;
  const [, step, steps, instruction] = match;
  return { kind: 'build', step: Number(step), steps: Number(steps), instruction: instruction ?? '' };
}

/** What the start of a program says: an image is built or pulled, the container is created, or set up. */
export function progressOfChatter(text: string): CliProgress | undefined {
  if (text.startsWith('Run in container: ')) return { kind: 'start' };
  if (!text.startsWith('Run: ')) return undefined;
  const isCompose = text.includes(' --project-name ');
  if (text.includes(' run --sig-proxy=false ') || (isCompose && / up -d(?: |$)/.test(text)))
    return { kind: 'create' };
  if (isCompose ? / build(?: |$)/.test(text) : BUILD.test(text)) return { kind: 'build' };
  const image = /^Run: \S{1,4096} pull (\S{1,500})$/.exec(text)?.[1];
  if (image !== undefined) return { kind: 'pull', image };
  if (/^Run: \S{1,4096} start [0-9a-f]{12,64}$/.test(text)) return { kind: 'start' };
  // The first thing that it does after initializeCommand.
  return text.includes(' ps -q -a --filter label=') ? { kind: 'read' } : undefined;
}

/** What a progress record says: `Running postCreateCommand...` with its status. */
export function progressOfHook(name: unknown, status: unknown): CliProgress | undefined {
  if (typeof name !== 'string') return undefined;
  if (status !== 'running' && status !== 'succeeded' && status !== 'failed') return undefined;
  const match = /^Running ([A-Za-z]{1,40})\.{3}$/.exec(name);
  return { kind: 'hook', name: match?.[1] ?? name.slice(0, 100), status };
}

const HOOK =
  /^Running the ((?:initialize|onCreate|updateContent|postCreate|postStart|postAttach)Command) from /;
const BUILD = /^Run: \S{1,4096} (?:buildx )?build /;
