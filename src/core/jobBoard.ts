import type { Activity, Disposable, Failure, JobOutcome } from '../api';
import { Emitter } from '../common/event';
import type { ContainerFacts, LogLine } from './ports';

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
  readonly #failures = new Map<string, { failure: Failure; containerId: string | undefined }>();
  readonly #changed = new Emitter<string>();
  readonly #logged = new Emitter<{ readonly key: string; readonly lines: readonly LogLine[] }>();

  /** The job or the failure of this dev container changed. */
  readonly onDidChange = this.#changed.event;
  /** Lines of a dev container's job, in order, several at a time. */
  readonly onDidLog = this.#logged.event;

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
      this.#failures.set(key, { failure, containerId: outcome.containerId });
    } else if (outcome?.outcome === 'succeeded') {
      this.#failures.delete(key);
    }
    this.#changed.fire(key);
  }

  log(key: string, lines: readonly LogLine[]): void {
    if (lines.length > 0) this.#logged.fire({ key, lines });
  }

  dispose(): void {
    this.#changed.dispose();
    this.#logged.dispose();
  }
}
