import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came, in the order they came. */
export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A web server of ours on loopback that answers as the test says. */
export interface WebServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly url: string;
  readonly asked: Asked[];
  /** The most requests that were there at once. */
  readonly most: () => number;
  stop(): Promise<void>;
}

/** @param answer ends the response, at once or later; a request that it leaves open stays open. */
export async function startWebServer(
  answer: (asked: Asked, response: ServerResponse) => unknown,
): Promise<WebServer> {
  const asked: Asked[] = [];
  const load = { now: 0, most: 0 };
  const server = createServer((request, response) => {
    load.most = Math.max(load.most, ++load.now);
    response.on('close', () => load.now--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host, url: `http://${host}`, asked, most: () => load.most, stop };
}
