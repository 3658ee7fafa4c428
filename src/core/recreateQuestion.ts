/** The question before a recreate, in words. Paths and names are hostile; each is one line in which nothing hides. */
import type { Change } from '../api';
import { grouped } from '../common/grouped';
import type { LostPlace, Losses } from './losses';
import type { Sharer } from './sharers';
import { sharersForeseen } from './sharerWords';
import { bytesWords, changeNames, count, firstNames, oneLine } from './words';

/** What is known of one dev container before it is recreated. */
export interface Foreseen {
  readonly name: string;
  readonly changes: readonly Change[];
  /** `unknown` when the engine did not tell; undefined when there is nothing to lose, or the user will not hear of it. */
  readonly losses?: Losses | 'unknown' | undefined;
  /** The Compose services beside it whose containers are replaced as well. */
  readonly siblings: readonly string[];
  /** Containers that share its network, processes or memory. */
  readonly sharers?: readonly Sharer[];
  readonly isCompose: boolean;
  /** Why the user's word is needed before its configuration runs commands on this machine, where it is. */
  readonly foreign?: ForeignWords | undefined;
}

export interface ForeignWords {
  /** What it is or does, to be read after its name. */
  readonly whose: string;
  /** Where it is and what it runs. */
  readonly facts: readonly string[];
}

export interface QuestionWords {
  readonly message: string;
  readonly detail: string;
}

/** The one question about all of them; undefined when there is nothing to say. */
export function recreateQuestion(items: readonly Foreseen[]): QuestionWords | undefined {
  const telling = items.filter(hasNews);
  const [only] = telling;
  if (!only) return undefined;
  if (items.length === 1) return questionOfOne(only);
  // Who is to run commands here is named whatever the number.
  const foreign = telling.filter((item) => item.foreign);
  const named = [...foreign, ...telling.filter((item) => !item.foreign)];
  const shown = named.slice(0, Math.max(NAMED_ITEMS, foreign.length));
  const rest = named.length - shown.length;
  const detail = [
    ...shown.map(paragraphOf),
    rest > 0 && `And ${count(rest, 'more dev container')}, of which the details tell.`,
    items.some(({ isCompose }) => isCompose) && COPY,
  ];
  const isOrAre = foreign.length === 1 ? 'is' : 'are';
  const warning = foreign.length > 0 ? ` ${foreign.length} of them ${isOrAre} not trusted.` : '';
  return { message: `Recreate ${items.length} dev containers?${warning}`, detail: paragraphs(detail) };
}

/** Whether something of the dev container itself would be lost, or nobody knows. */
export function hasLosses({ losses }: Foreseen): boolean {
  if (losses === undefined || losses === 'unknown') return losses === 'unknown';
  return losses.files > 0 || losses.volumes.length > 0 || losses.isOfCopy === true;
}

/** Whether there is more to read than the question says, or may say. */
export function hasDetails(items: readonly Foreseen[]): boolean {
  return items.length > NAMED_ITEMS || items.some((item) => hasLosses(item) && item.losses !== 'unknown');
}

/** Everything that would be lost, for those who want to look through it. */
export function lossesInFull(items: readonly Foreseen[]): string {
  return items.filter(hasNews).map(inFull).join('\n\n');
}

const NAMED_CHANGES = 4;
const NAMED_PLACES = 5;
const NAMED_VOLUMES = 4;
const NAMED_SIBLINGS = 6;
const NAMED_ITEMS = 5;
const UNKNOWN =
  'What would be lost could not be found out: the engine did not tell. Whatever is in the container and not on a volume will be lost.';
const LEFT_OUT = `Left out: temporary folders, caches and logs, and what the engine, editors
and the Dev Containers CLI put into each container.`;
const OF_COPY =
  'It was made from a copy of an earlier container, when a recreate had failed. What that one had written outside volumes will be lost too; it cannot be listed.';
const COPY = 'Compose cannot keep the old container aside; a copy of it is kept while the new one is made.';
const COMMANDS = 'Its configuration can run commands on this machine.';

function hasNews(item: Foreseen): boolean {
  return (
    item.foreign !== undefined || item.siblings.length > 0 || sharerWords(item).length > 0 || hasLosses(item)
  );
}

function questionOfOne(item: Foreseen): QuestionWords {
  const { foreign, losses } = item;
  const name = oneLine(item.name, 80);
  const changed = changeNames(item.changes, NAMED_CHANGES);
  const detail = [
    foreign?.facts.map((fact) => oneLine(fact, 300)).join('\n'),
    changed && `Changed: ${changed}.`,
    losses === 'unknown' ? UNKNOWN : losses && filesParagraph(losses),
    losses && losses !== 'unknown' && losses.isOfCopy && OF_COPY,
    losses && losses !== 'unknown' && volumesWords(losses),
    siblingsWords(item),
    ...sharerWords(item),
    item.isCompose && COPY,
  ];
  const message = foreign
    ? `Recreate ${name}? It ${oneLine(foreign.whose, 200)}. ${COMMANDS}`
    : `Recreate ${name}?`;
  return { message, detail: paragraphs(detail) };
}

/** Of one among several. */
function paragraphOf(item: Foreseen): string {
  const { foreign, losses } = item;
  const changed = changeNames(item.changes, NAMED_CHANGES);
  const lines = [
    `${oneLine(item.name, 80)}${foreign ? ` ${oneLine(foreign.whose, 200)}. ${COMMANDS}` : ''}`,
    ...(foreign?.facts.map((fact) => oneLine(fact, 300)) ?? []),
    changed && `Changed: ${changed}`,
    losses === 'unknown' ? 'Lost: could not be found out' : losses && lossesInShort(losses),
    item.siblings.length > 0 && `Compose also replaces: ${listed(item.siblings, NAMED_SIBLINGS)}`,
    ...sharerWords(item),
  ];
  return lines.filter(Boolean).join('\n');
}

function filesParagraph(losses: Losses): string {
  if (losses.files === 0) return '';
  const { shown, rest } = placesWords(losses.places);
  const verb = losses.files === 1 ? 'is' : 'are';
  const head = `${filesWords(losses.files)} that ${verb} not on a volume will be lost${sizeWords(losses)}:`;
  return [head, ...shown, rest].filter(Boolean).join('\n');
}

function lossesInShort(losses: Losses): string {
  const { shown, rest } = placesWords(losses.places);
  const files =
    losses.files > 0 &&
    `${filesWords(losses.files)}${sizeWords(losses)}: ${[shown.join(', '), rest].filter(Boolean).join(' ')}`;
  const volumes =
    losses.volumes.length > 0 &&
    `what is on volumes without a name (${listed(losses.volumes, NAMED_VOLUMES)})`;
  const ofCopy = losses.isOfCopy && 'what an earlier container had written, of which this one is a copy';
  const parts = [files, ofCopy, volumes].filter(Boolean);
  return parts.length === 0 ? '' : `Lost: ${parts.join('; ')}`;
}

/** `/root (12 files)`, `/opt/x`; and what is left. */
function placesWords(places: readonly LostPlace[]): { shown: string[]; rest: string } {
  const shown = places.slice(0, NAMED_PLACES).map(({ path, files }) => {
    const words = oneLine(path, 100);
    return files === 1 ? words : `${words} (${filesWords(files)})`;
  });
  const left = places.slice(NAMED_PLACES).reduce((sum, { files }) => sum + files, 0);
  return { shown, rest: left > 0 ? `and ${filesWords(left)} elsewhere` : '' };
}

function volumesWords({ volumes }: Losses): string {
  if (volumes.length === 0) return '';
  const where = listed(volumes, NAMED_VOLUMES);
  return volumes.length === 1
    ? `The volume at ${where} has no name: its data stays on the engine, but the new container gets a new, empty one.`
    : `The volumes at ${where} have no names: their data stays on the engine, but the new container gets new, empty ones.`;
}

function siblingsWords({ siblings }: Foreseen): string {
  if (siblings.length === 0) return '';
  const names = listed(siblings, NAMED_SIBLINGS);
  return `Compose also replaces ${names}, since what it is told of ${siblings.length === 1 ? 'it' : 'them'} changed. What is inside and not on a volume will be lost.`;
}

function sharerWords({ sharers = [], isCompose }: Foreseen): string[] {
  return sharersForeseen(sharers, isCompose);
}

function inFull(item: Foreseen): string {
  const { losses } = item;
  const known = losses !== 'unknown' && losses;
  const blocks = [
    `What is lost when ${oneLine(item.name, 80)} is recreated`,
    losses === 'unknown' && UNKNOWN,
    known && known.files > 0 && filesInFull(known),
    known && known.isOfCopy && OF_COPY,
    known &&
      known.volumes.length > 0 &&
      list(
        'Volumes without a name, whose data stays on the engine and is not in the new container',
        known.volumes,
      ),
    siblingsWords(item),
    ...sharerWords(item),
    known && LEFT_OUT,
  ];
  return `${paragraphs(blocks)}\n`;
}

function filesInFull(losses: Losses): string {
  const rest = losses.files - losses.paths.length;
  const all = list(`${filesWords(losses.files)} that are not on a volume${sizeWords(losses)}`, losses.paths);
  return rest > 0 ? `${all}\n  and ${filesWords(rest)} more` : all;
}

function list(title: string, paths: readonly string[]): string {
  return [title, ...paths.map((path) => `  ${oneLine(path, 4096)}`)].join('\n');
}

/** Of all that was written, since engines give the sum only. */
function sizeWords({ writtenBytes }: Losses): string {
  return !writtenBytes ? '' : ` (${bytesWords(writtenBytes)} written in all)`;
}

function filesWords(n: number): string {
  return `${grouped(n)} ${n === 1 ? 'file' : 'files'}`;
}

function listed(names: readonly string[], limit: number): string {
  return firstNames(names, limit, (name) => oneLine(name, 80));
}

function paragraphs(parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n\n');
}
