/** What Node and dockerode throw, as errors that people can act on. */
import { ShipshapeError, messageOf } from '../common/errors';
import type { ResolvedEndpoint } from './endpoints';
import { asInteger, asRecord, asString, cut } from './json';
import { TimeLimitError } from './limit';

/** The engine answered with an HTTP status that is no success. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? asInteger((error as { statusCode?: unknown }).statusCode) : undefined;
}

/**
 * @param doing what was asked of the engine, in words: `list the containers`.
 * @returns a ShipshapeError of code engineMissing, engineDenied, engineSilent or engineFailed; one that is a
 * ShipshapeError already stays as it is.
 */
export function engineError(
  error: unknown,
  doing: string,
  { endpoint, transport }: ResolvedEndpoint,
): ShipshapeError {
  if (error instanceof ShipshapeError) return error;
  const options = { cause: error };
  if (error instanceof TimeLimitError) {
    const message = `The engine at ${endpoint} did not ${doing} within ${error.limitMs / 1000} s.`;
    return new ShipshapeError('engineSilent', message, options);
  }
  const status = statusOf(error);
  if (status !== undefined) {
    const message = `The engine at ${endpoint} did not ${doing}: ${answerOf(error, status)}`;
    return new ShipshapeError('engineFailed', message, options);
  }
  const code = asString((error as NodeJS.ErrnoException | undefined)?.code) ?? '';
  if (missing.has(code)) {
    const reason = transport.kind === 'socket' ? '' : ` (${oneLine(messageOf(error))})`;
    const message = `No engine listens at ${endpoint}${reason}: start ${/podman/i.test(endpoint) ? 'Podman' : 'Docker'}, or choose another engine.`;
    return new ShipshapeError('engineMissing', message, options);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const message =
      `No permission to use the engine's socket ${transport.kind === 'socket' ? transport.path : endpoint}: ` +
      'add your user to the group "docker" and log in again, or choose an engine of your own.';
    return new ShipshapeError('engineDenied', message, options);
  }
  const message = `The engine at ${endpoint} did not ${doing}: ${oneLine(messageOf(error))}`;
  return new ShipshapeError('engineFailed', message, options);
}

/** Nothing is there that could answer. */
const missing = new Set([
  'ENOENT',
  'ENOTDIR',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
]);

function answerOf(error: unknown, status: number): string {
  const message = asString(asRecord((error as { json?: unknown }).json)?.['message']);
  return message ? `${oneLine(message)} (HTTP ${status})` : `HTTP ${status}`;
}

/** Foreign text in a message of ours: one line, no control characters, at most 500 characters. */
export function oneLine(text: string): string {
  return cut(text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim(), 500);
}
