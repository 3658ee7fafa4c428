/** The connections that dockerode's requests go over. */
import http from 'node:http';
import https from 'node:https';
import { inspect } from 'node:util';
import type { Transport } from './hosts';
import { SshAgent } from './ssh';

/**
 * An agent of this engine's own, so that `destroy()` closes every socket of it and of it only. Connections over ssh
 * and TCP are kept for the next request; a local socket is opened anew, because that is cheap and never stale.
 */
export function engineAgent(transport: Transport): http.Agent {
  switch (transport.kind) {
    case 'socket':
      return guarded(new http.Agent({ keepAlive: false }));
    case 'ssh':
      return guarded(new SshAgent(transport));
    case 'tcp': {
      if (!transport.tls) return guarded(new http.Agent({ keepAlive: true }));
      const { verify, ...pems } = transport.tls;
      return guarded(new https.Agent({ keepAlive: true, rejectUnauthorized: verify, ...pems }));
    }
  }
}

/** Closes the connections that wait for their next request, which then goes over a new one. */
export function dropIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}

/** Node's way into an agent, absent from its types; agent packages have built on it for years. */
interface WithAddRequest {
  addRequest(request: http.ClientRequest, options: unknown): void;
}

/** Keeps from docker-modem 5.0.7 what it does not survive. */
function guarded(agent: http.Agent): http.Agent {
  const inner = agent as unknown as WithAddRequest;
  const addRequest = inner.addRequest.bind(agent);
  inner.addRequest = (request, options) => {
    request.prependOnceListener('response', (response: http.IncomingMessage) => {
      // It follows a redirect with a request that nobody listens to: its failure would be an uncaught exception.
      delete response.headers.location;
      // It waits for ever for the end of an answer that was cut off, unless the request itself fails.
      response.once('error', (error) => request.emit('error', error));
    });
    addRequest(request, options);
  };
  // It prints its options to itself for each request, with all that hangs on them: here, every open socket.
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}
