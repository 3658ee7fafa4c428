import type http from 'node:http';
import { backoffMs, type Timers } from '../common/scheduling';
import { exchange, ExchangeError, type Answer, type Request } from './exchange';
import { Traffic, type TrafficLimits } from './traffic';

/** The longest that one request and its answer may take. */
const LIMIT_MS = 15_000;
const TRIES = 3;
const RETRY_BASE_MS = 250;
const RETRY_CAP_MS = 5_000;

/** Sends requests in their turn, again where that may help, and heeds what hosts say of their limits. */
export class Sender {
  readonly #traffic: Traffic;

  constructor(
    private readonly timers: Timers,
    private readonly limitMs = LIMIT_MS,
    atOnce?: TrafficLimits,
  ) {
    this.#traffic = new Traffic(timers, atOnce);
  }

  /** The answer, whatever its status but 429. Rejects with RegistryError, or with `cancelled`. */
  async send(request: Request): Promise<Answer> {
    const { host } = request.url;
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt === TRIES - 1;
      const answer = await this.#try(request).catch((error: unknown) => {
        if (isLast || !(error instanceof ExchangeError) || !error.isWorthAnotherTry) throw error;
      });
      if (answer) this.#heed(host, answer);
      if (answer && (answer.status < 500 || isLast)) return answer;
      await this.#wait(backoffMs(attempt, RETRY_BASE_MS, RETRY_CAP_MS));
    }
  }

  #try(request: Request): Promise<Answer> {
    return this.#traffic.run(request.url.host, () => exchange(request, this.limitMs), request.signal);
  }

  /** @throws RegistryError when the host wants no more requests. */
  #heed(host: string, { status, headers }: Answer): void {
    if (status === 429) throw this.#traffic.pause(host, headers['retry-after']);
    const [limit, left] = [count(headers, 'ratelimit-limit'), count(headers, 'ratelimit-remaining')];
    if (limit !== undefined && left !== undefined) this.#traffic.noteScarcity(host, left * 10 <= limit);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.timers.after(ms, resolve));
  }
}

/** `76;w=21600`: so many, in a window of so many seconds. */
function count(headers: http.IncomingHttpHeaders, name: string): number | undefined {
  const digits = /^\s*(\d{1,9})/.exec(String(headers[name] ?? ''))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
