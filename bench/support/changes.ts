import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { sleeper } from '../../test/support/chaos';
import { readEvents } from './inventory';
import type { Painted } from './painted';

/** Longer than the editor holds back a second change of a view. */
const CALM_MS = 300;

/** Changes containers so that each change gives a row a name of its own at the very top, where it is in sight. */
export class Changes {
  #left = 9_999;
  readonly #created: string[] = [];
  readonly #docker: Docker;
  readonly #arrived = new Map<string, number>();
  #stopReading: () => void = () => undefined;

  constructor(private readonly socketPath: string) {
    this.#docker = new Docker({ socketPath });
  }

  /** Reads the engine's events as barely as can be, to know when each arrived. */
  async listen(): Promise<void> {
    this.#stopReading = await readEvents(this.socketPath, (text) => {
      const now = Date.now();
      for (const [name] of text.matchAll(/0-top-\d+/g)) {
        if (!this.#arrived.has(name)) this.#arrived.set(name, now);
      }
    });
  }

  /** Renames a container, and gives its new name. */
  async rename(id: string): Promise<string> {
    const name = this.#next();
    await this.#docker.getContainer(id).rename({ name });
    return name;
  }

  /** Creates a container, and gives its name. */
  async create(): Promise<string> {
    const name = this.#next();
    this.#created.push((await this.#docker.createContainer({ ...sleeper, name })).id);
    return name;
  }

  /** How long after their events changes are painted, each made when the one before it is there and it is calm. */
  async oneByOne(painted: Painted, times: number, change: () => Promise<string>): Promise<number[]> {
    const took: number[] = [];
    for (let n = 0; n < times; n++) {
      await pause(CALM_MS);
      took.push(await this.#untilPainted(painted, change()));
    }
    return took;
  }

  /** The same of changes that begin at fixed times, whatever becomes of those before. */
  async inBurst(
    painted: Painted,
    times: number,
    everyMs: number,
    change: () => Promise<string>,
  ): Promise<number[]> {
    const took: Promise<number>[] = [];
    await pause(CALM_MS);
    for (let n = 0; n < times; n++) {
      took.push(this.#untilPainted(painted, change()));
      await pause(everyMs);
    }
    return Promise.all(took);
  }

  async #untilPainted(painted: Painted, changed: Promise<string>): Promise<number> {
    const name = await changed;
    return (await painted.row(name)) - (this.#arrived.get(name) ?? Number.NaN);
  }

  stop(): void {
    this.#stopReading();
  }

  /** Removes what was created here. */
  async undo(): Promise<void> {
    for (const id of this.#created.splice(0)) await this.#docker.getContainer(id).remove({ force: true });
  }

  /** Before all others in the order of the rows. */
  #next(): string {
    return `0-top-${this.#left--}`;
  }
}
