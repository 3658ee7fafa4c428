import { Slots, type Timers } from '../common/scheduling';
import { RegistryError } from '../core/imagePorts';

/** How many requests there may be at once, over all and to one host. */
export type TrafficLimits = () => { readonly all: number; readonly perHost: number };

const LIMITS = { all: 8, perHost: 2 };
/** Where a host does not say how long it wants to be left alone, and the longest that it is believed. */
const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Host {
  readonly slots: Slots;
  isScarce: boolean;
  pausedUntil: number;
}

/** Requests on their way: few at once, fewer to one host, and none to a host that asked for a pause. */
export class Traffic {
  readonly #all = new Slots(() => this.limits().all);
  readonly #hosts = new Map<string, Host>();

  constructor(
    private readonly timers: Timers,
    private readonly limits: TrafficLimits = () => LIMITS,
  ) {}

  /** Runs one request to the host in its turn. Rejects with RegistryError while the host is paused. */
  run<T>(host: string, request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { slots } = this.#of(host);
    this.#checkPause(host);
    // The host's slot first: whoever waits for a slow host must not keep the others waiting.
    return slots.run(
      () =>
        this.#all.run(() => {
          this.#checkPause(host);
          return request();
        }, signal),
      signal,
    );
  }

  /**
   * The host wants no more requests for a while; gives the error that says so.
   * @param retryAfter its own words: seconds, or a date.
   */
  pause(host: string, retryAfter: string | undefined): RegistryError {
    const now = this.timers.now();
    const asked = pauseMs(retryAfter, now) ?? PAUSE_MS;
    const pausedUntil = now + Math.min(Math.max(asked, 1_000), LONGEST_PAUSE_MS);
    this.#of(host).pausedUntil = pausedUntil;
    return limited(host, pausedUntil);
  }

  /** Little is left of what the host allows: one request at a time is enough then. */
  noteScarcity(host: string, isScarce: boolean): void {
    this.#of(host).isScarce = isScarce;
  }

  #checkPause(host: string): void {
    const { pausedUntil } = this.#of(host);
    if (pausedUntil > this.timers.now()) throw limited(host, pausedUntil);
  }

  #of(host: string): Host {
    const known = this.#hosts.get(host);
    if (known) return known;
    const made: Host = {
      slots: new Slots(() => (made.isScarce ? 1 : this.limits().perHost)),
      isScarce: false,
      pausedUntil: 0,
    };
    this.#hosts.set(host, made);
    return made;
  }
}

function limited(host: string, retryAt: number): RegistryError {
  const time = new Date(retryAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return new RegistryError(
    `${host} takes no more requests for now (status 429): rate limited until ${time}.`,
    {
      status: 429,
      retryAt,
    },
  );
}

/** In milliseconds; undefined for what is neither seconds nor a date. */
function pauseMs(retryAfter: string | undefined, now: number): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date - now;
}
