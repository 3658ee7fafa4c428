import type { Change, Container, DevContainer, Effect, Failure } from '../api';
import { strongest } from './effects';
import { baseName } from './identity';

/** What sets a dev container apart from one that is fine; empty for a clean running one. */
export function description(item: DevContainer): string {
  if (item.job) return item.job.phase;
  if (item.failure)
    return [failureWords(item.failure), item.dirty ? changesWords(item.changes) : '']
      .filter(Boolean)
      .join(' · ');
  if (item.problem) return problemWords(item.problem);
  if (item.dirty) return changesWords(item.changes);
  if (item.duplicates) return count(item.duplicates.length, 'duplicate');
  return item.state === 'running' ? '' : stateWord(item.state);
}

/** `configuration invalid, line 3`, `configuration missing` */
export function problemWords(problem: DevContainer['problem']): string {
  if (problem?.isMissing) return 'configuration missing';
  return `configuration invalid${problem?.line === undefined ? '' : `, line ${problem.line}`}`;
}

/** `build failed, Dockerfile line 4`; else the first sentence of what went wrong. */
function failureWords({ kind, message, file, line }: Failure): string {
  if (kind !== 'build' || file === undefined || line === undefined) return headline(message);
  return oneLine(`build failed, ${baseName(file)} line ${line}`, 80);
}

/** `2 changes: rebuild` */
function changesWords(changes: readonly Change[]): string {
  const effect = strongest(changes.map((change) => change.effect));
  const need = effectWord(effect);
  return `${count(changes.length, 'change')}${need ? `: ${need}` : ''}`;
}

/** What a change needs, in one word; empty when it needs nothing or nobody knows. */
export function effectWord(effect: Effect): string {
  return effect === 'none' || effect === 'unknown' ? '' : effect;
}

/** `containerEnv.NODE_ENV`, or the file where no property can be named. */
export function changeName(change: Change): string {
  return change.property ?? change.input;
}

/** `"dev" → "test"`, `added "test"`, `removed "dev"`. */
export function changeDetail(change: Change): string {
  if (change.from === undefined && change.to === undefined) return 'changed';
  if (change.from === undefined) return `added ${change.to ?? ''}`;
  if (change.to === undefined) return `removed ${change.from}`;
  return `${change.from} → ${change.to}`;
}

/** The state in words: `not created`. */
export function stateWord(state: DevContainer['state']): string {
  if (state === 'notCreated') return 'not created';
  if (state === 'missing') return 'container gone';
  return state;
}

/** For screen readers, everything that icon and description tell the eye: `api, running, 2 changes, rebuild needed`. */
export function spoken(item: DevContainer): string {
  const effect = effectWord(strongest(item.changes.map((change) => change.effect)));
  return [
    item.name,
    stateWord(item.state),
    item.job?.phase,
    item.failure?.message,
    item.problem && `${problemWords(item.problem)}: ${item.problem.message}`,
    !item.problem && item.dirty && count(item.changes.length, 'change'),
    !item.problem && item.dirty && effect && `${effect} needed`,
    item.duplicates && count(item.duplicates.length, 'duplicate'),
  ]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(', ');
}

/** `healthy, postgres:16`; the state first when it does not run. */
export function containerWords(container: Container): string {
  const exit = container.exitCode === undefined ? '' : ` (${container.exitCode})`;
  const state =
    container.state === 'running'
      ? undefined
      : `${container.state}${container.state === 'exited' ? exit : ''}`;
  return [state, container.health, container.image]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => oneLine(String(part)))
    .join(', ');
}

/** `3000 → localhost:41234` */
export function portWords(port: { containerPort: number; hostPort?: number }): string {
  return port.hostPort === undefined
    ? `${port.containerPort}`
    : `${port.containerPort} → localhost:${port.hostPort}`;
}

/** `1 change`, `2 changes` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Text from labels, images and logs as one line in which nothing hides: controls and bidi marks are shown. */
export function oneLine(text: string, limit = 200): string {
  const visible = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return visible.length > limit ? `${visible.slice(0, limit - 1)}…` : visible;
}

/** The first sentence, without the one that says what is true now. */
function headline(message: string): string {
  const end = message.search(/\.\s/);
  return oneLine(end < 0 ? message.replace(/\.$/, '') : message.slice(0, end), 80);
}
