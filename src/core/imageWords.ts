import type { ImageCheck, ImageStatus } from '../api';
import { agoWords } from './durations';
import { aggregateStatus } from './imageAggregate';

const WORDS: Readonly<Record<ImageStatus, string>> = {
  processing: 'checking',
  outdated: 'outdated',
  updated: 'up to date',
  skipped: 'not compared',
  preparing: 'preparing',
  error: 'check failed',
};
/** What a dev container that is fine does not say in its row. */
const QUIET: readonly ImageStatus[] = ['updated', 'skipped', 'preparing'];
/** In the order in which a summary tells them. */
const TOLD: readonly ImageStatus[] = ['outdated', 'error', 'updated', 'skipped', 'preparing', 'processing'];

/** How an image stands, in a word or two; where nothing was compared the reason says more: `built locally`. */
export function imageWord({ status, reason }: ImageCheck): string {
  return status === 'skipped' && reason !== undefined ? reason.replace(/:.*$| \(.*$/s, '') : WORDS[status];
}

/** `base image`, where it is one that another was built on. */
export function imageNoun({ file }: ImageCheck): string {
  return file === undefined ? 'image' : 'base image';
}

/** The same of several together. */
export function statusWord(status: ImageStatus): string {
  return WORDS[status];
}

/** What all rows of a view together say: `2 images outdated`, `images up to date`; empty where none was checked. */
export function windowWords(checks: readonly (ImageCheck | undefined)[]): string {
  const statuses = checks.flatMap((check) => check?.status ?? []);
  const status = aggregateStatus(statuses);
  if (status === undefined) return '';
  const n = statuses.filter((each) => each === 'outdated').length;
  if (n === 0) return status === 'error' ? 'image check failed' : `images ${WORDS[status]}`;
  return `${n} ${n === 1 ? 'image' : 'images'} outdated`;
}

/** `image outdated`, `base image outdated`; empty where there is nothing to do about it. */
export function imageNews(check: ImageCheck | undefined): string {
  return check && !QUIET.includes(check.status) ? `${imageNoun(check)} ${WORDS[check.status]}` : '';
}

/** With the reason and the age: `Image outdated: ghcr.io has a newer image. Checked 2 min ago.` */
export function imageSentences(check: ImageCheck, now: number): string {
  const { status, reason, checkedAt } = check;
  const why = reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`;
  const when = checkedAt === undefined ? '' : ` Checked ${agoWords(checkedAt, now)}.`;
  return `${capitalNoun(check)} ${WORDS[status]}${why}.${when}`;
}

/** `Image here: sha256:1f2e3d4c5b6a, in its registry: sha256:…`; empty while they do not differ. */
export function digestWords(check: ImageCheck): string {
  const { status, localDigest, remoteDigest } = check;
  if (status !== 'outdated' || localDigest === undefined || remoteDigest === undefined) return '';
  const short = (digest: string): string => digest.slice(0, digest.indexOf(':') + 13);
  return `${capitalNoun(check)} here: ${short(localDigest)}, in its registry: ${short(remoteDigest)}`;
}

function capitalNoun(check: ImageCheck): string {
  return check.file === undefined ? 'Image' : 'Base image';
}

/** `Images: 2 outdated, 1 check failed, 5 up to date` */
export function summaryWords(checks: readonly ImageCheck[]): string {
  const parts = TOLD.flatMap((each) => {
    const n = checks.filter(({ status }) => status === each).length;
    return n === 0 ? [] : [`${n} ${WORDS[each]}`];
  });
  return parts.length === 0 ? 'There is no image to check.' : `Images: ${parts.join(', ')}`;
}
