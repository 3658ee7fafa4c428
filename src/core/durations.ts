/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min` */
export function durationWords(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const hours = Math.floor(minutes / 60);
  return `${hours} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

const UNITS = [
  ['d', 24 * 60 * 60_000],
  ['h', 60 * 60_000],
  ['min', 60_000],
] as const;

/** `just now`, `2 min ago`, `3 h ago`, `5 d ago` */
export function agoWords(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  const [unit, length] = UNITS.find(([, size]) => ms >= size) ?? ['', 1];
  return unit === '' ? 'just now' : `${Math.floor(ms / length)} ${unit} ago`;
}
