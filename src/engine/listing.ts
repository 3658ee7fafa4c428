/** Reading a list of containers that may be long, without holding the process up. */
import { finished, type Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { ContainerFacts } from '../core/ports';
import { ArrayElements } from './elements';
import { listedFacts } from './facts';

/** What others have to wait at most while a list comes in, in milliseconds. */
const TURN_MS = 8;

/** The containers in the body of a list; undefined when it is none. Rejects when the body breaks off. */
export async function readList(body: Readable): Promise<ContainerFacts[] | undefined> {
  const elements = new ArrayElements();
  const found: ContainerFacts[] = [];
  const take = (values: readonly unknown[]): void => {
    for (const value of values) {
      const facts = listedFacts(value);
      if (facts) found.push(facts);
    }
  };
  try {
    await eachChunk(body, (chunk) => take(elements.push(chunk)));
    take(elements.end());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  // What is done with a long list takes a turn of its own.
  if (found.length > LONG) await setImmediate();
  return found;
}

/** So many containers that the snapshot of them takes a few milliseconds. */
const LONG = 1_000;

/**
 * Hands over each chunk as it comes in, and lets others have their turn after a while. An iterator would stop the
 * socket after each chunk, and the engine that writes to it. Rejects with what `take` throws.
 */
function eachChunk(body: Readable, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let turn = performance.now();
    body.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        body.destroy(error as Error);
        return;
      }
      if (performance.now() - turn < TURN_MS) return;
      body.pause();
      void setImmediate().then(() => {
        turn = performance.now();
        body.resume();
      });
    });
    finished(body, (error) => (error ? reject(error) : resolve()));
  });
}
