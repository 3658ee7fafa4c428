import { durationWords } from './durations';
import type { Run, RunContainer } from './history';
import type { Phase } from './phases';
import { count, oneLine } from './words';

const DONE = {
  up: { succeeded: 'Started', failed: 'Start failed', cancelled: 'Start cancelled' },
  recreate: { succeeded: 'Recreated', failed: 'Recreate failed', cancelled: 'Recreate cancelled' },
  restart: { succeeded: 'Restarted', failed: 'Restart failed', cancelled: 'Restart cancelled' },
} as const;

/** `Recreated`, `Recreate failed`, `Recreate failed, rolled back` */
export function outcomeWords({ kind, outcome }: Pick<Run, 'kind' | 'outcome'>): string {
  return outcome === 'rolledBack' ? `${DONE[kind].failed}, rolled back` : DONE[kind][outcome];
}

/** `12 s, down for 1.2 s` */
export function timeWords({ startedAt, endedAt, downtimeMs }: Run): string {
  const took = durationWords(Math.max(0, endedAt - startedAt));
  return downtimeMs > 0 ? `${took}, down for ${durationWords(downtimeMs)}` : took;
}

/** `read 0.3 s, build 8.1 s (3 of 5 steps from the cache), check 0.1 s` */
export function phasesWords(phases: readonly Phase[]): string {
  return phases.map(phaseWords).join(', ');
}

/** What a run came to, a line each: how it ended, the time by phase, the downtime, what went from what to what. */
export function summaryLines(run: Run): string[] {
  const { from, to, downtimeMs } = run;
  const took = durationWords(Math.max(0, run.endedAt - run.startedAt));
  return [
    phaseHeading(`${outcomeWords(run)} after ${took}`),
    ...(run.phases.length > 0 ? [`Time: ${phasesWords(run.phases)}.`] : []),
    ...(downtimeMs > 0 ? [`Without a running container for ${durationWords(downtimeMs)}.`] : []),
    ...changeLines(from, to),
  ];
}

/** A line that stands out among those of programs. */
export function phaseHeading(text: string): string {
  return `── ${oneLine(text, 100)} ──`;
}

function phaseWords({ name, ms, build }: Phase): string {
  const steps = build ? ` (${build.cached} of ${count(build.steps, 'step')} from the cache)` : '';
  return `${oneLine(name, 60)} ${durationWords(ms)}${steps}`;
}

function changeLines(from: RunContainer | undefined, to: RunContainer | undefined): string[] {
  if (!to) return [];
  if (!from) return [`Container ${short(to.id)}, image ${imageWords(to)}.`];
  if (from.id === to.id) return [`Container ${short(to.id)} as before, image ${imageWords(to)}.`];
  const image =
    from.imageId === to.imageId
      ? `Image ${imageWords(to)} as before.`
      : `Image ${imageWords(from)} → ${imageWords(to)}.`;
  return [`Container ${short(from.id)} → ${short(to.id)}.`, image];
}

/** `test/base:1 (014a266f20e0)`; once its tag has moved an engine names an image by its id alone. */
function imageWords({ image, imageId }: RunContainer): string {
  const id = short(imageId.replace(/^sha256:/, ''));
  return image === '' || image.replace(/^sha256:/, '').startsWith(id) ? id : `${oneLine(image)} (${id})`;
}

function short(id: string): string {
  return oneLine(id.slice(0, 12));
}
