/** One request and its answer, with everything capped: the other side may be anybody. */
import http from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { ShipshapeError, messageOf } from '../common/errors';
import { RegistryError } from '../core/imagePorts';
import { guardedLookup } from './destinations';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of an authority that counts besides the system's. */
  readonly ca?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** At most 4 MiB. */
  readonly body: Buffer;
}

/** The other side did not answer, or not properly; another try may help unless it was slow. */
export class ExchangeError extends RegistryError {
  constructor(
    message: string,
    readonly isWorthAnotherTry: boolean,
    cause?: unknown,
  ) {
    super(message, {}, { cause });
  }
}

/**
 * Follows no redirect. Rejects with ExchangeError, or with `cancelled` when the signal fires.
 * @param limitMs for all of it, in milliseconds.
 */
export async function exchange(request: Request, limitMs: number): Promise<Answer> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await send(request, request.signal ? AbortSignal.any([request.signal, limit]) : limit);
  } catch (error) {
    if (request.signal?.aborted) throw new ShipshapeError('cancelled', 'Cancelled.');
    if (error instanceof ExchangeError) throw error;
    const { host } = request.url;
    if (limit.aborted) throw new ExchangeError(`${host} did not answer within ${limitMs / 1000} s.`, false);
    throw new ExchangeError(`${host} cannot be reached: ${reasonOf(error)}.`, true, error);
  }
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

function send({ method, url, headers, body, ca }: Request, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method, signal, maxHeaderSize: MAX_HEADER_BYTES, lookup: guardedLookup },
      headers: { 'user-agent': 'Shipshape', 'accept-encoding': 'identity', ...headers },
      ...(ca && { ca: [...rootCertificates, ca] }),
    };
    const sent = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) chunks.push(chunk);
        else sent.destroy(new ExchangeError(`${url.host} answers with more than 4 MiB.`, false));
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
      // A connection that breaks in mid-answer is told here, not by the request.
      answer.on('error', reject);
      answer.on('close', () => reject(new Error('the connection broke')));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  if (code === 'HPE_HEADER_OVERFLOW') return 'its answer has too many headers';
  return messageOf(error).replace(/\.$/, '').slice(0, 200);
}
