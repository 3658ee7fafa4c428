/** An engine whose clock is off: a proxy that moves the times in its answers. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function startSkewedEngine(socketPath: string, offMs: number) {
  const server = createServer((asked, response) => pass(asked, response, socketPath, offMs));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function pass(asked: IncomingMessage, response: ServerResponse, socketPath: string, offMs: number): void {
  const { method, url = '/', headers } = asked;
  const call = request({ socketPath, method, path: url, headers, agent: false }, (answer) => {
    const isStream = url.includes('/events');
    const kept = { ...answer.headers };
    // The body may get another length.
    if (!isStream) delete kept['content-length'];
    response.writeHead(answer.statusCode ?? 502, kept);
    if (isStream) {
      response.flushHeaders();
      answer.pipe(response);
      return;
    }
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => response.end(moved(Buffer.concat(parts).toString(), offMs)));
  });
  call.on('error', () => response.destroy());
  response.on('close', () => call.destroy());
  asked.pipe(call);
}

/** The engine's time, and those at which containers were made: as words in details, as whole seconds in lists. */
function moved(body: string, offMs: number): string {
  const words = /"(SystemTime|Created)":"([^"]+)"/g;
  return body
    .replace(
      words,
      (_, key: string, time: string) => `"${key}":"${new Date(Date.parse(time) + offMs).toISOString()}"`,
    )
    .replace(/"Created":(\d+)/g, (_, seconds) => `"Created":${Number(seconds) + Math.round(offMs / 1000)}`);
}
