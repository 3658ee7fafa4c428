import type { Activity, Disposable, Failure, JobOutcome } from '../api';
import { Emitter } from '../common/event';
import { messageOf } from '../common/errors';
import { silentLogger, type Logger } from '../common/logger';
import type { ContainerFacts, LogLine, RecordStore } from './ports';
import { recordName } from './recordName';

/** A running job, as others see it. */
export interface JobState {
  readonly activity: Activity;
  /** In words: `building, step 3 of 7`. */
  readonly phase: string;
  readonly startedAt: number;
  /** The container that is being replaced: not a duplicate, and not to be touched by others. */
  readonly replaces?: string;
}

/** Which jobs run, how the last one of each dev container failed, and their log lines as they come. */
export class JobBoard implements Disposable {
  readonly #jobs = new Map<string, JobState>();
  readonly #failures = new Map<string, LastFailure>();
  readonly #logFiles = new Map<string, string>();
  readonly #changed = new Emitter<string>();
  readonly #logged = new Emitter<{ readonly key: string; readonly lines: readonly LogLine[] }>();

  /** @param store where failures outlive the window; without one they don't. */
  constructor(
    private readonly store?: RecordStore,
    private readonly logger: Logger = silentLogger,
  ) {}

  /** The job or the failure of this dev container changed. */
  readonly onDidChange = this.#changed.event;
  /** Lines of a dev container's job, in order, several at a time. */
  readonly onDidLog = this.#logged.event;

  /**
   * Reads the failures of earlier windows, or, of these dev containers alone, what another window has kept meanwhile;
   * what is not as we write it is left out.
   */
  async load(keys?: readonly string[]): Promise<void> {
    const values = [...((await this.store?.readAll())?.values() ?? [])];
    for (const key of keys ?? []) this.#failures.delete(key);
    for (const value of values) {
      const last = parseFailure(value);
      if (last && (keys?.includes(last.key) ?? true)) this.#failures.set(last.key, last);
    }
  }

  get(key: string): JobState | undefined {
    return this.#jobs.get(key);
  }

  get running(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  /** The last failure, as long as the container is the one that the failed job left (U-04). */
  failure(key: string, container: ContainerFacts | undefined): Failure | undefined {
    const last = this.#failures.get(key);
    return last && last.containerId === container?.id ? last.failure : undefined;
  }

  set(key: string, job: JobState): void {
    this.#jobs.set(key, job);
    this.#changed.fire(key);
  }

  /** The job is over; what failed is remembered, but not that the user cancelled. */
  end(key: string, outcome?: JobOutcome): void {
    this.#jobs.delete(key);
    const failure = outcome?.failure;
    if (failure && outcome.outcome !== 'cancelled') {
      this.#keep({
        version: 1,
        key,
        failure,
        ...(outcome.containerId ? { containerId: outcome.containerId } : {}),
      });
    } else if (outcome?.outcome === 'succeeded') {
      this.#failures.delete(key);
      this.store?.remove(recordName(key)).catch(() => undefined);
    }
    this.#changed.fire(key);
  }

  #keep(last: LastFailure): void {
    this.#failures.set(last.key, last);
    this.store?.write(recordName(last.key), last).catch((error: unknown) => {
      this.logger.warn(`Could not keep how ${last.key} failed: ${messageOf(error)}`);
    });
  }

  /** The file of the full log of this dev container's running job, or of its last one in this window. */
  logFile(key: string): string | undefined {
    return this.#logFiles.get(key);
  }

  noteLog(key: string, file: string): void {
    this.#logFiles.set(key, file);
  }

  log(key: string, lines: readonly LogLine[]): void {
    if (lines.length > 0) this.#logged.fire({ key, lines });
  }

  dispose(): void {
    this.#changed.dispose();
    this.#logged.dispose();
  }
}

interface LastFailure {
  readonly version: 1;
  readonly key: string;
  readonly failure: Failure;
  /** The container that the failed job left. */
  readonly containerId?: string;
}

function parseFailure(value: unknown): LastFailure | undefined {
  const last = value as Partial<LastFailure> | null;
  if (typeof last !== 'object' || last?.version !== 1 || typeof last.key !== 'string') return undefined;
  const { kind, message, at } = (last.failure ?? {}) as Partial<Failure>;
  const isWhole = typeof kind === 'string' && typeof message === 'string' && typeof at === 'number';
  return isWhole ? (last as LastFailure) : undefined;
}
