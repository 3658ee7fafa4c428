/** Reading a list of containers that may be long, without holding the process up. */
import type { Readable } from 'node:stream';
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
  let turn = performance.now();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      take(elements.push(chunk));
      if (performance.now() - turn < TURN_MS) continue;
      await setImmediate();
      turn = performance.now();
    }
    take(elements.end());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  // What is done with a long list takes a turn of its own.
  if (performance.now() - turn >= TURN_MS / 2) await setImmediate();
  return found;
}
