import type { Processes } from '../../src/core/journal';

/** Processes of which the test says who lives; their names are their ids. */
export function processes(own: string, isAlive: (name: string) => boolean): Processes {
  return { own, isAlive, nameOf: String };
}
