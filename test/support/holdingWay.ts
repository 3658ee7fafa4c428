/** A way to an engine on which some requests can be held back, so that only they get no answer. */
import { connect, createServer, type AddressInfo } from 'node:net';

export interface HoldingWay {
  /** `tcp://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** From now on such requests get lost, and nobody is told; or no more. */
  hold(isHeld: boolean): void;
  stop(): void;
}

/** Listens on TCP and hands everything on to the engine's socket; `held` is tried on the beginning of each request. */
export async function startHoldingWay(socketPath: string, held: RegExp): Promise<HoldingWay> {
  let isHeld = false;
  const server = createServer((client) => {
    const engine = connect(socketPath);
    client.on('data', (chunk: Buffer) => {
      if (!isHeld || !held.test(chunk.toString('latin1'))) engine.write(chunk);
    });
    engine.on('data', (chunk: Buffer) => client.write(chunk));
    client.on('error', () => undefined).on('close', () => engine.destroy());
    engine.on('error', () => undefined).on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (value) => (isHeld = value),
    stop: () => server.close(),
  };
}
