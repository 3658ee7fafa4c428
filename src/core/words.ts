import type { Change, Container, DevContainer, Effect, Failure } from '../api';
import { grouped } from '../common/grouped';
import { isOnlyProbable, mattering, type ChangedFile } from './changes';
import { strongest } from './effects';
import { baseName } from './identity';
import { imageNews, imageNoun, imageWord } from './imageWords';

/** What sets a dev container apart from one that is fine; empty for a clean running one. */
export function description(item: DevContainer): string {
  if (item.job) return item.job.phase;
  if (item.failure)
    return [failureWords(item.failure), item.dirty ? changesWords(item.changes) : '']
      .filter(Boolean)
      .join(' · ');
  if (item.problem) return problemWords(item.problem);
  if (item.dirty) return changesWords(item.changes);
  const state = item.state === 'running' ? '' : stateWord(item.state);
  return [state, folderWords(item), duplicatesWords(item), imageNews(item.image)].filter(Boolean).join(' · ');
}

/** Gone, or never there: containers can be seen from several machines. */
function folderWords({ isFolderMissing }: DevContainer): string {
  return isFolderMissing ? 'folder not found here' : '';
}

/** `2 duplicates`; the one that runs in the place of the dev container is not passed over. */
export function duplicatesWords({ duplicates, duplicateRuns }: DevContainer): string {
  if (!duplicates) return '';
  const words = count(duplicates.length, 'duplicate');
  if (!duplicateRuns) return words;
  return duplicates.length === 1 ? `${words}, running` : `${words}, one running`;
}

/** `configuration invalid, line 3`, `compose.yml invalid, line 3`, `configuration missing` */
export function problemWords(problem: DevContainer['problem']): string {
  if (problem?.isMissing) return 'configuration missing';
  const what = problem?.file === undefined ? 'configuration' : oneLine(baseName(problem.file), 60);
  return `${what} invalid${problem?.line === undefined ? '' : `, line ${problem.line}`}`;
}

/** `build failed, Dockerfile line 4`; else the first sentence of what went wrong. */
function failureWords({ kind, message, file, line }: Failure): string {
  if (kind !== 'build' || file === undefined || line === undefined) return headline(message);
  return oneLine(`build failed, ${baseName(file)} line ${line}`, 80);
}

/** `2 changes: rebuild`; of changes that matter only, `probably changed` when none of them is known for sure. */
function changesWords(changes: readonly Change[]): string {
  if (isOnlyProbable(changes)) return 'probably changed';
  const all = mattering(changes);
  const need = effectWord(strongestOf(all));
  return `${count(all.length, 'change')}${need ? `: ${need}` : ''}`;
}

/** What all of these changes together need. */
export function strongestOf(changes: readonly Change[]): Effect {
  return strongest(changes.map(({ effect }) => effect));
}

/** What a change needs, in one word; empty when it needs nothing or nobody knows. */
function effectWord(effect: Effect): string {
  return effect === 'none' || effect === 'unknown' ? '' : effect;
}

/** `needs rebuild`, `no action needed`; empty when nobody knows. */
export function needWords(effect: Effect): string {
  if (effect === 'none') return 'no action needed';
  return effect === 'unknown' ? '' : `needs ${effect}`;
}

/**
 * `containerEnv.NODE_ENV`, or the file where no property can be named: with its path when another of the changes is of
 * a file of the same name.
 */
export function changeName(change: Change, among: readonly Change[] = []): string {
  const { property, input } = change;
  if (property) return property;
  if (/^(\$\{|image )/.test(input)) return input;
  const name = baseName(input);
  const isShared = among.some(
    (other) => !other.property && other.input !== input && baseName(other.input) === name,
  );
  return isShared ? input : name;
}

/** The changes that matter by name: `containerEnv.NODE_ENV, Dockerfile and 2 more changes`; empty without any. */
export function changeNames(changes: readonly Change[], limit: number): string {
  const named = [...new Set(mattering(changes).map((change) => oneLine(changeName(change, changes), 60)))];
  const more = named.length - limit;
  return `${named.slice(0, limit).join(', ')}${more > 0 ? ` and ${count(more, 'more change')}` : ''}`;
}

/** `"dev" → "test"`, `added "test"`, `removed "dev"`; of a file as a whole also where: `line 4`. */
export function changeDetail(change: Change): string {
  const place = change.property || change.line === undefined ? '' : `line ${change.line}`;
  const what = valueWords(change);
  const known = [place, what].filter(Boolean).join(': ') || 'changed';
  return change.probable ? `probably changed${place ? `, ${place}` : ''}${what ? `: ${what}` : ''}` : known;
}

function valueWords({ from, to }: Change): string {
  if (from === undefined && to === undefined) return '';
  if (from === 'file') return to ?? 'removed';
  if (to === 'file' && from === undefined) return 'added';
  if (from === undefined) return `added ${to ?? ''}`;
  return to === undefined ? `removed ${from}` : `${from} → ${to}`;
}

/** A change in one line, with what it needs: `Dockerfile line 4: "a" → "b", needs rebuild`. */
export function changeWords(change: Change, among: readonly Change[] = []): string {
  return [`${changeName(change, among)} ${changeDetail(change)}`, needWords(change.effect)]
    .filter(Boolean)
    .join(', ');
}

/** `a, b, c and 2 more`, each as `show` writes it. */
export function firstNames(
  names: readonly string[],
  limit: number,
  show: (name: string) => string = (name) => name,
): string {
  const rest = names.length - limit;
  const shown = names.slice(0, limit).map((name) => show(name));
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Of a file: `Changed since the dev container api was made: needs rebuild`. */
export function changedFileWords({ changes, names }: ChangedFile): string {
  const said = isOnlyProbable(changes) ? 'Probably changed' : 'Changed';
  const who = firstNames(names, 3);
  const whose = names.length === 1 ? `dev container ${who} was` : `dev containers ${who} were`;
  const need = needWords(strongestOf(changes));
  return oneLine(`${said} since the ${whose} made${need ? `: ${need}` : ''}`, 300);
}

/** How many dev containers need somebody, and why: `1 dev container no longer matches its configuration, 1 failed`. */
export function attentionWords(items: readonly DevContainer[]): {
  readonly n: number;
  readonly words: string;
} {
  const failed = items.filter(({ failure }) => failure).length;
  const changed = items.filter(({ dirty, failure }) => dirty && !failure).length;
  const parts = [
    changed === 1 && '1 dev container no longer matches its configuration',
    changed > 1 && `${changed} dev containers no longer match their configurations`,
    failed > 0 && (changed > 0 ? `${failed} failed` : `${count(failed, 'dev container')} failed`),
  ];
  const words = parts.filter((part) => part !== false).join(', ');
  return { n: changed + failed, words };
}

/** The state in words: `not created`. */
export function stateWord(state: DevContainer['state']): string {
  if (state === 'notCreated') return 'not created';
  if (state === 'missing') return 'container gone';
  return state;
}

/** None has been seen; while its engine is away there may be one all the same. */
export function hasNoContainer({ state, containerId }: DevContainer): boolean {
  return state === 'notCreated' || (state === 'unknown' && containerId === undefined);
}

/** Said where nothing is changed: of what is not compared, nobody knows. */
export function allMatchWords(all: readonly DevContainer[]): string {
  const unread = all.filter((item) => item.isUnread && !hasNoContainer(item)).map(({ name }) => name);
  if (unread.length === 0) return 'All dev containers match their configurations.';
  const names = firstNames(unread, 3, (name) => oneLine(name, 40));
  return `All dev containers that can be compared match their configurations. Not compared, since their folders were never open here as a trusted workspace: ${names}.`;
}

/** For screen readers, everything that icon and description tell the eye: `api, running, 2 changes, rebuild needed`. */
export function spoken(item: DevContainer): string {
  return [
    item.name,
    stateWord(item.state),
    item.job?.phase,
    item.failure?.message,
    item.problem && `${problemWords(item.problem)}: ${item.problem.message}`,
    !item.problem && item.dirty && spokenChanges(item.changes),
    folderWords(item),
    duplicatesWords(item),
    item.image && oneLine(`${imageNoun(item.image)} ${imageWord(item.image)}`, 80),
  ]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(', ');
}

function spokenChanges(changes: readonly Change[]): string {
  const all = mattering(changes);
  const need = effectWord(strongestOf(all));
  const what = isOnlyProbable(changes) ? 'probably changed' : count(all.length, 'change');
  return `${what}${need ? `, ${need} needed` : ''}`;
}

/** `healthy, outdated, postgres:16`; the state first when it does not run, and last what needs nobody. */
export function containerWords(container: Container): string {
  const exit = container.exitCode === undefined ? '' : ` (${container.exitCode})`;
  const state =
    container.state === 'running'
      ? undefined
      : `${container.state}${container.state === 'exited' ? exit : ''}`;
  const image = container.image.replace(/(@sha\d+:[0-9a-f]{12})[0-9a-f]+/, '$1…');
  const word = container.check && imageWord(container.check);
  const isNews = imageNews(container.check) !== '';
  return [state, container.health, isNews && word, image, !isNews && word]
    .filter((part) => typeof part === 'string' && part !== '')
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

/** `999 B`, `1.2 kB`, `12 MB`: as container engines give sizes, in powers of 1000. */
export function bytesWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  while (value >= 999.5 && units.length > 1) {
    value /= 1000;
    units.shift();
  }
  const shown = value < 9.95 && value !== bytes ? value.toFixed(1) : grouped(Math.round(value));
  return `${shown} ${units[0] ?? ''}`;
}

/** Text from labels, images and logs as one line in which nothing hides: controls and bidi marks are shown. */
export function oneLine(text: string, limit = 200): string {
  const visible = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  // The editor makes links, also such that run commands, of the one and icons of the other.
  const inert = visible.replace(/\]\(/g, '] (').replace(/\$\(/g, '$ (');
  return inert.length > limit ? `${inert.slice(0, limit - 1)}…` : inert;
}

/** The first sentence, without the one that says what is true now. */
function headline(message: string): string {
  const end = message.search(/\.\s/);
  return oneLine(end < 0 ? message.replace(/\.$/, '') : message.slice(0, end), 80);
}
