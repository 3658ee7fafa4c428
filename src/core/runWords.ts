import { durationWords } from './durations';
import type { Run, RunContainer } from './history';
import { runOutcomeWords } from './jobKinds';
import type { Phase } from './phases';
import { count, oneLine } from './words';

/** `Recreated`, `Recreate failed`, `Recreate failed, rolled back` */
export function outcomeWords({ kind, outcome }: Pick<Run, 'kind' | 'outcome'>): string {
  return outcome === 'rolledBack'
    ? `${runOutcomeWords(kind, 'failed')}, rolled back`
    : runOutcomeWords(kind, outcome);
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

/** The phases as a table, a line each. */
export function phaseRows(phases: readonly Phase[]): string[] {
  const names = phases.map(({ name }) => oneLine(name, 60));
  const width = Math.max(...names.map(({ length }) => length), 0);
  return phases.map(({ ms, build }, at) =>
    `  ${(names[at] ?? '').padEnd(width)}  ${durationWords(ms).padStart(8)}${stepWords(build)}`.trimEnd(),
  );
}

/** What a run came to, a line each: how it ended, the time by phase, the downtime, what went from what to what. */
export function summaryLines(run: Run): string[] {
  const took = durationWords(Math.max(0, run.endedAt - run.startedAt));
  return [
    phaseHeading(`${outcomeWords(run)} after ${took}`),
    ...(run.phases.length > 0 ? [`Time: ${phasesWords(run.phases)}.`] : []),
    ...resultLines(run),
  ];
}

/** The downtime, what went from what to what, and what became of containers beside it. */
export function resultLines({ from, to, downtimeMs, notes = [] }: Run): string[] {
  const downtime = `Without a running container for ${durationWords(downtimeMs)}.`;
  return [
    ...(downtimeMs > 0 ? [downtime] : []),
    ...changeLines(from, to),
    ...notes.map((note) => oneLine(note, 400)),
  ];
}

/** A line that stands out among those of programs. */
export function phaseHeading(text: string): string {
  return `── ${oneLine(text, 100)} ──`;
}

function phaseWords({ name, ms, build }: Phase): string {
  return `${oneLine(name, 60)} ${durationWords(ms)}${stepWords(build)}`;
}

function stepWords(build: Phase['build']): string {
  return build ? ` (${build.cached} of ${count(build.steps, 'step')} from the cache)` : '';
}

function changeLines(from: RunContainer | undefined, to: RunContainer | undefined): string[] {
  if (!to) return [];
  if (!from) return [`Container ${short(to.id)}, image ${imageWords(to)}.`];
  if (from.id === to.id) return [`Container ${short(to.id)} as before, image ${imageWords(to)}.`];
  return [`Container ${short(from.id)} → ${short(to.id)}.`, imageLine(from, to)];
}

function imageLine(from: RunContainer, to: RunContainer): string {
  if (from.imageId === to.imageId) return `Image ${imageWords(to)} as before.`;
  if (from.image !== to.image) return `Image ${imageWords(from)} → ${imageWords(to)}.`;
  return `Image ${nameWords(to.image)}: ${digest(from.imageId)} → ${digest(to.imageId)}.`;
}

/** `test/base:1 (014a266f20e0)`; once its tag has moved an engine names an image by its id alone. */
function imageWords({ image, imageId }: RunContainer): string {
  const id = digest(imageId);
  return image === '' || digest(image) === id ? id : `${nameWords(image)} (${id})`;
}

/** The CLI names the images that it builds by a digest of 64 digits, of which people read the first. */
function nameWords(image: string): string {
  return oneLine(image.replace(/([0-9a-f]{12})[0-9a-f]{28,}/g, '$1…'));
}

function digest(imageId: string): string {
  return short(imageId.replace(/^sha256:/, ''));
}

function short(id: string): string {
  return oneLine(id.slice(0, 12));
}
