import type { Connection } from './connection';
import { instant } from './facts';
import { asRecord } from './json';

/** The engine's clock minus the host's, in milliseconds, as far as one round trip can tell. */
export async function clockSkew(
  connection: Connection,
  limitMs: number,
  signal?: AbortSignal,
): Promise<number> {
  const asked = Date.now();
  const answer = await connection.call(
    'tell its time',
    limitMs,
    (docker, abortSignal) => docker.info({ abortSignal }),
    signal,
  );
  const answered = Date.now();
  const time = instant(asRecord(answer)?.['SystemTime']);
  if (time === undefined) throw connection.odd('its time');
  return Math.round(time - (asked + answered) / 2);
}
