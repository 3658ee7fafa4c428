/** Containers that live in a dev container's namespaces, in words. Their names are hostile. */
import type { ContainerFacts } from './ports';
import type { Sharer } from './sharers';
import { firstNames, oneLine } from './words';

const NAMED_SHARERS = 6;

/** What a recreate means for them, said before it; a paragraph for those that come along and one for those that cannot. */
export function sharersForeseen(sharers: readonly Sharer[], isCompose: boolean): string[] {
  const [along, left] = [true, false].map((may) => sharers.filter((each) => each.mayBeMadeAgain === may));
  return [along && alongWords(along), left && strandedWords(left, isCompose)].filter(
    (words) => words !== undefined,
  );
}

/** What became of one that could not come along. */
export function leftWords(sharer: Sharer, to: ContainerFacts | undefined): string {
  const state = `${sharerName(sharer)} still shares ${sharedWords([sharer])} of the container that was replaced, and gets no other.`;
  return to ? `${state} Make it again, sharing with ${oneLine(to.name, 80)}.` : state;
}

/** `the network and the processes` */
export function sharedWords(sharers: readonly Pick<Sharer, 'shares'>[]): string {
  const all = new Set(sharers.flatMap(({ shares }) => shares));
  return [...all].map((each) => `the ${each}`).join(' and ');
}

export function sharerName({ name }: Pick<Sharer, 'name'>): string {
  return oneLine(name, 80);
}

function alongWords(sharers: readonly Sharer[]): string | undefined {
  const [moved, replaced] = [true, false].map((is) => sharers.filter((each) => isMovedByUs(each) === is));
  const words = [moved && movedWords(moved), replaced && replacedWords(replaced)].filter(Boolean);
  return words.length > 0 ? words.join(' ') : undefined;
}

/** Processes end with those of the container that they share, and Compose then makes their container anew itself. */
function isMovedByUs({ shares }: Sharer): boolean {
  return shares.every((each) => each === 'network');
}

function movedWords(sharers: readonly Sharer[]): string | undefined {
  if (sharers.length === 0) return undefined;
  const [shares, are, its] = sharers.length === 1 ? ['shares', 'is', 'its'] : ['share', 'are', 'their'];
  return `${namesOf(sharers)} ${shares} ${sharedWords(sharers)} of it, and ${are} made anew with ${its} files and volumes for the new container; a Compose that does so itself, as version 2, keeps ${its} volumes only.`;
}

function replacedWords(sharers: readonly Sharer[]): string | undefined {
  if (sharers.length === 0) return undefined;
  const shares = sharers.length === 1 ? 'shares' : 'share';
  return `Compose makes ${namesOf(sharers)} anew, which ${shares} ${sharedWords(sharers)} of it: what is inside and not on a volume will be lost.`;
}

function strandedWords(sharers: readonly Sharer[], isCompose: boolean): string | undefined {
  if (sharers.length === 0) return undefined;
  const [shares, them, they] = sharers.length === 1 ? ['shares', 'it', 'it'] : ['share', 'them', 'they'];
  const cannot = `${namesOf(sharers)} ${shares} ${sharedWords(sharers)} of it and cannot move to the new container: make ${them} again afterwards.`;
  return isCompose
    ? cannot
    : `${cannot} Until then the old container is kept, stopped, and after Roll Back ${they} can go on.`;
}

function namesOf(sharers: readonly Sharer[]): string {
  return firstNames(
    sharers.map(({ name }) => name),
    NAMED_SHARERS,
    (name) => oneLine(name, 80),
  );
}
