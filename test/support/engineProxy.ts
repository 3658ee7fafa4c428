/** A way to an engine that can be made bad: it stands between, as a network would. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface EngineProxy {
  /** `tcp://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** From now on nothing gets through, and nobody is told: every connection stays open, new ones too. */
  stall(): void;
  /** Breaks every connection, and each new one at once. */
  cut(): void;
  /** New connections get through again; those that stood still go on doing so. */
  mend(): void;
  /** How many connections stand still and were not given up by the client. */
  readonly stalled: number;
  stop(): Promise<void>;
}

/** Listens on TCP and hands everything on to the engine's socket. */
export async function startEngineProxy(socketPath: string): Promise<EngineProxy> {
  let state: 'open' | 'stalled' | 'cut' = 'open';
  const links = new Set<Link>();
  const server = createServer((client) => {
    const link = new Link(client, socketPath);
    links.add(link);
    client.on('close', () => links.delete(link));
    if (state === 'stalled') link.stall();
    if (state === 'cut') link.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stall() {
      state = 'stalled';
      for (const link of links) link.stall();
    },
    cut() {
      state = 'cut';
      for (const link of links) link.end();
    },
    mend() {
      state = 'open';
    },
    get stalled() {
      return [...links].filter(({ isStalled }) => isStalled).length;
    },
    async stop() {
      for (const link of links) link.end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One connection of a client, and what it leads to. */
class Link {
  isStalled = false;
  readonly #engine: Socket;

  constructor(
    private readonly client: Socket,
    socketPath: string,
  ) {
    this.#engine = connect(socketPath);
    for (const [from, to] of [[client, this.#engine], [this.#engine, client]] as const) {
      from.on('error', () => undefined);
      from.on('data', (chunk: Buffer) => this.isStalled || to.write(chunk));
      from.on('close', () => this.isStalled || to.destroy());
    } // prettier-ignore
    client.on('close', () => this.#engine.destroy());
  }

  /** Bytes are read on, so that it is seen when the client gives up, and lead nowhere. */
  stall(): void {
    this.isStalled = true;
  }

  end(): void {
    this.client.destroy();
  }
}
