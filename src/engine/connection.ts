/** One dockerode for one engine, with a time limit, an end and readable errors around each call. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import type Docker from 'dockerode';
import { ShipshapeError } from '../common/errors';
import type { Disposable } from '../api';
import { dropIdle, engineAgent } from './agent';
import type { ResolvedEndpoint } from './endpoints';
import { engineError } from './errors';
import type { Transport } from './hosts';
import { parseJson } from './json';
import { withLimit } from './limit';

/** What each call to dockerode is given. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** dockerode, with the options of two calls that its types leave out. */
export type Client = Docker & {
  ping(options: CallOptions): Promise<unknown>;
  info(options: CallOptions): Promise<unknown>;
};

export class Connection implements Disposable {
  readonly #endpoint: ResolvedEndpoint;
  readonly #agent: ReturnType<typeof engineAgent>;
  readonly #end = new AbortController();
  #client: Promise<Client> | undefined;

  constructor(endpoint: ResolvedEndpoint) {
    this.#endpoint = endpoint;
    this.#agent = engineAgent(endpoint.transport);
  }

  /** Fires at dispose. */
  get end(): AbortSignal {
    return this.#end.signal;
  }

  /**
   * Makes one call and waits no longer than `limitMs` milliseconds for all of its answer. Rejects with a
   * ShipshapeError; where the engine answered with an error, that answer is its cause (see statusOf).
   * @param doing what is asked, in words: `list its containers`.
   */
  async call<T>(
    doing: string,
    limitMs: number,
    request: (client: Client, abortSignal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await withLimit(limitMs, [signal, this.#end.signal], async (abortSignal) =>
        request(await this.#docker(), terse(abortSignal)),
      );
    } catch (error) {
      throw this.explain(error, doing);
    }
  }

  /** The raw event stream, once its headers are there. Without a limit: the signal is its end. */
  async events(
    filters: Docker.GetEventsOptions['filters'],
    abortSignal: AbortSignal,
  ): Promise<IncomingMessage> {
    const options = { abortSignal: terse(abortSignal), ...(filters && { filters }) };
    // One that was kept may have died unheard, in a sleep say: a stream over it would be open and deaf.
    dropIdle(this.#agent);
    const body: unknown = await (await this.#docker()).getEvents(options);
    return body as IncomingMessage;
  }

  explain(error: unknown, doing: string): ShipshapeError {
    return engineError(error, doing, this.#endpoint);
  }

  /** The answer makes no sense. */
  odd(what: string): ShipshapeError {
    return new ShipshapeError(
      'engineFailed',
      `What answers at ${this.#endpoint.endpoint} did not give ${what}: it seems not to be a container engine.`,
    );
  }

  dispose(): void {
    this.#end.abort();
    this.#agent.destroy();
  }

  #docker(): Promise<Client> {
    return (this.#client ??= newClient({
      ...optionsFor(this.#endpoint.transport),
      agent: this.#agent,
    } as Docker.DockerOptions));
  }
}

/** docker-modem prints it to itself for each request, with all that listens to it: a millisecond each. */
function terse(signal: AbortSignal): AbortSignal {
  return Object.assign(signal, { [inspect.custom]: () => 'AbortSignal' });
}

/**
 * The body of the list of all containers, as it comes in: dockerode's own call would wait for the end and then parse
 * all of it in one go.
 */
export function containersBody(client: Client, abortSignal: AbortSignal): Promise<Readable> {
  return streamedBody(client, {
    path: '/containers/json?',
    method: 'GET',
    options: { all: true },
    abortSignal,
  });
}

/** The body of an answer as it comes in; one with an error rejects with all that it says. */
export async function streamedBody(client: Client, request: Streamed): Promise<Readable> {
  const body = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { ...request, isStream: true, statusCodes: everyStatus };
    (client.modem as Modem).dial(options, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  if (body.statusCode === 200) return body;
  const said = await text(body);
  throw Object.assign(new Error(said), { statusCode: body.statusCode, json: parseJson(said) });
}

/** A request as docker-modem takes it. */
interface Streamed extends CallOptions {
  readonly path: string;
  readonly method: string;
  /** The query. */
  readonly options: object;
  /** The login for a registry, for the header of that. */
  readonly authconfig?: object;
}

/** dockerode's transport, which its types leave out. */
interface Modem {
  dial(options: object, callback: (error: Error | null, answer: IncomingMessage) => void): void;
}

/** docker-modem is to judge none: of a streamed answer with an error it keeps only half. */
const everyStatus = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [n + 100, true]));

/** Never `version`: without it, each request counts as one of the engine's newest API. */
function optionsFor(transport: Transport): Docker.DockerOptions {
  switch (transport.kind) {
    case 'socket':
      return { socketPath: transport.path };
    case 'ssh':
      // The agent knows the way; this name only fills the Host header.
      return { host: 'docker' };
    case 'tcp':
      return { host: transport.host, port: transport.port, protocol: transport.tls ? 'https' : 'http' };
  }
}

/** It is large: it is loaded for the first call of all, not when the extension is. */
let dockerode: Promise<typeof Docker> | undefined;

/**
 * docker-modem reads the environment whatever options it is given: a DOCKER_HOST of tcp would win over our socket, and
 * a malformed one would throw. Without DOCKER_HOST it looks at nothing else there.
 */
async function newClient(options: Docker.DockerOptions): Promise<Client> {
  const Dockerode = await (dockerode ??= import('dockerode').then((module) => module.default));
  const saved = process.env['DOCKER_HOST'];
  delete process.env['DOCKER_HOST'];
  try {
    return new Dockerode(options);
  } finally {
    if (saved !== undefined) process.env['DOCKER_HOST'] = saved;
  }
}
