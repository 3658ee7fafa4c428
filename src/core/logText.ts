import type { LogLine } from './ports';

/** A line as people read it in a log: `14:02:31.123 [info] Step 1/2 : FROM x`. */
export function lineText({ at, level, text }: LogLine): string {
  return `${clock(at)} [${level}] ${text}`;
}

/** `2026-03-01 14:02:31`, the user's own time. */
export function dateText(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${clock(at).slice(0, 8)}`;
}

/** `14:02:31.123`, the user's own time. */
function clock(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
