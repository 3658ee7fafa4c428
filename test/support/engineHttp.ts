import { request } from 'node:http';
import type { Readable } from 'node:stream';

/** An engine's answer: the status, and the body as text. */
export interface EngineAnswer {
  readonly status: number;
  readonly body: string;
}

/** One call to a Docker-compatible engine on a Unix socket, without any client library. */
export function callEngine(
  socketPath: string,
  method: string,
  path: string,
  body?: Readable,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/x-tar' };
    const call = request({ socketPath, method, path, headers, agent: false, timeout: 30_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (data: Buffer) => parts.push(data));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
      );
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
    call.on('error', reject);
    if (body === undefined) {
      call.end();
    } else {
      body.pipe(call);
    }
  });
}

/** True when an engine answers a ping on this socket. */
export async function engineAnswers(socketPath: string): Promise<boolean> {
  try {
    return (await callEngine(socketPath, 'GET', '/_ping')).status === 200;
  } catch {
    return false;
  }
}
