/** A way to an engine that holds one chosen call back until it is told to let it through or to fail it. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { waitFor } from '../../test/support/processes';

const REFUSAL = JSON.stringify({ message: 'injected fault' });
const ANSWER = `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${REFUSAL.length}\r\nConnection: close\r\n\r\n${REFUSAL}`;

export class EngineGate {
  #armed: RegExp | undefined;
  #held: Call | undefined;
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#link(client));

  private constructor(private readonly socketPath: string) {}

  static async open(socketPath: string): Promise<EngineGate> {
    const gate = new EngineGate(socketPath);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  /** `tcp://127.0.0.1:PORT`. */
  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next call that begins like this waits. */
  arm(call: RegExp): void {
    this.#armed = call;
    this.#held = undefined;
  }

  /** Settles once a call waits: the fault can be seen to be injected. */
  async held(): Promise<void> {
    await waitFor('the step to be reached', () => this.#held !== undefined, 60_000);
  }

  /** The call that waits fails, or goes to the engine as it is now; nothing waits any more. */
  end(how: 'fail' | 'go'): void {
    this.#armed = undefined;
    if (how === 'fail') this.#held?.fail();
    else this.#held?.go();
  }

  close(): void {
    this.#server.close();
  }

  #link(client: Socket): void {
    const engine = connect({ path: this.socketPath, allowHalfOpen: true });
    let waiting: Buffer[] | undefined;
    client.on('data', (chunk: Buffer) => {
      if (waiting) waiting.push(chunk);
      else if (this.#armed?.test(chunk.toString('latin1'))) {
        this.#armed = undefined;
        waiting = [chunk];
        this.#held = {
          go: () => {
            engine.write(Buffer.concat(waiting ?? []));
            waiting = undefined;
          },
          fail: () => client.end(ANSWER),
        };
      } else engine.write(chunk);
    });
    engine.on('data', (chunk: Buffer) => client.write(chunk));
    client
      .on('end', () => engine.end())
      .on('error', () => undefined)
      .on('close', () => engine.destroy());
    engine
      .on('end', () => client.end())
      .on('error', () => undefined)
      .on('close', () => client.destroy());
  }
}

interface Call {
  readonly go: () => void;
  readonly fail: () => void;
}
