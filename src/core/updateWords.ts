import type { UpdateReport } from '../api';
import { count, firstNames, oneLine } from './words';

const NAMED = 10;
const DONE: Readonly<Record<UpdateReport['updated'], string>> = {
  true: 'updated',
  false: 'not updated',
  pending: 'to be updated',
  failed: 'failed',
  'rolled back': 'rolled back',
};

/** `web (Docker, shop): 1f2e3d4c5b6a → 9a8b7c6d5e4f` */
function moveWords({ name, environment, project, from, to }: UpdateReport): string {
  const where = [environment, project].flatMap((each) => (each === undefined ? [] : [oneLine(each, 60)]));
  const digests = to === undefined ? '' : `: ${from === undefined ? '' : `${short(from)} → `}${short(to)}`;
  return `${oneLine(name, 80)} (${where.join(', ')})${digests}`;
}

/** What is asked before an update: `message` and `detail` of a modal question. */
export function updateQuestion(reports: readonly UpdateReport[]): { message: string; detail: string } {
  const open = reports.filter(isToDo);
  const [only, another] = open;
  const what = only && !another ? oneLine(only.name, 80) : count(open.length, 'container');
  const moves = open.slice(0, NAMED).map((report) => moveWords(report));
  const bad = open.flatMap(({ isQuarantined, error }) =>
    isQuarantined && error ? [oneLine(error, 300)] : [],
  );
  const detail = [
    ...moves,
    ...(open.length > NAMED ? [`and ${open.length - NAMED} more`] : []),
    ...bad.slice(0, 3),
    'The image is fetched and the new container made first. Then the old one stops; it comes back unless the new one runs and is healthy.',
    'Files inside that are not on a volume are lost with the old container.',
  ];
  return { message: `Update ${what}?`, detail: detail.join('\n') };
}

/** Whether an update of it has something to do, be it that an image is to be tried once more. */
export function isToDo({ updated, isQuarantined }: UpdateReport): boolean {
  return updated === 'pending' || isQuarantined === true;
}

/** Why there is nothing to update, in one message. */
export function nothingToUpdate(reports: readonly UpdateReport[]): string {
  const [only, another] = reports;
  if (!only) return 'There is no container to update.';
  if (!another) return `${oneLine(only.name, 80)} was not updated: ${reasonOf(only)}`;
  const told = reports.filter(({ error }) => error !== undefined);
  if (told.length === 0) return `All ${reports.length} are up to date.`;
  const who = firstNames(
    told.map((report) => `${oneLine(report.name, 40)} (${reasonOf(report)})`),
    3,
  );
  return `Nothing was updated: ${who}`;
}

/** What became of them, in one message; undefined where nothing was done or went wrong. */
export function updateNews(reports: readonly UpdateReport[]): { text: string; isBad: boolean } | undefined {
  const told = reports.filter(({ updated }) => ['true', 'failed', 'rolled back'].includes(updated));
  const isBad = told.some(({ updated }) => updated !== 'true');
  const [only, another] = told;
  if (!only) return undefined;
  if (!another) {
    const why = only.error === undefined ? '' : ` ${oneLine(only.error, 400)}`;
    const end = only.updated === 'failed' ? 'was not updated' : `was ${DONE[only.updated]}`;
    return { text: `${moveWords(only)} ${end}.${why}`, isBad };
  }
  const parts = (['true', 'rolled back', 'failed'] as const).flatMap((end) => {
    const names = told.filter(({ updated }) => updated === end).map(moveWords);
    const word = end === 'failed' ? 'not updated' : DONE[end];
    return names.length === 0 ? [] : [`${names.length} ${word}: ${firstNames(names, 3)}`];
  });
  return { text: `${parts.join('. ')}.`, isBad };
}

/** A table for reading, with why below it. */
export function reportTable(reports: readonly UpdateReport[]): string {
  const head = ['container', 'updated', 'from', 'to', 'engine', 'unit', 'image', 'policy', 'id'];
  const rows = reports.map(({ from = '', to = '', unit = '', ...each }) => [
    ...[each.name, DONE[each.updated], short(from), short(to), each.environment, unit],
    ...[each.image, each.policy, each.containerId.slice(0, 12)],
  ]);
  const cells = [head, ...rows].map((row) => row.map((cell) => oneLine(cell, 60)));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const reasons = reports.flatMap(({ name, error }) =>
    error === undefined ? [] : [`${oneLine(name, 60)}: ${oneLine(error, 500)}`],
  );
  return `${[...lines, ...(reasons.length > 0 ? ['', ...reasons] : [])].join('\n')}\n`;
}

function reasonOf({ error }: UpdateReport): string {
  return error === undefined ? 'it is up to date.' : oneLine(error, 300);
}

/** The first twelve digits of a digest or an id. */
function short(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}
