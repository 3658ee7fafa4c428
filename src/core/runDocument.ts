import { durationWords } from './durations';
import type { Run } from './history';
import { dateText, lineText } from './logText';
import { Phases } from './phases';
import type { CliListener, CliProgress, LogLevel, LogLine } from './ports';
import { outcomeWords, phaseHeading, phaseRows, resultLines } from './runWords';
import { oneLine } from './words';

/** A run that is over as a document: what it came to, and its log as it was in the channel. */
export class RunDocument implements CliListener {
  readonly #rows: string[] = [];
  readonly #phases: Phases;
  /** By line of the full log, where what can be read of it stands; both ascend. */
  readonly #places: { readonly line: number; readonly row: number }[] = [];

  /** @param isWanted which lines are shown. */
  constructor(
    private readonly run: Run,
    name: string,
    private readonly isWanted: (level: LogLevel) => boolean,
  ) {
    this.#phases = new Phases(run.startedAt, run.kind === 'restart' ? 'stop' : 'read');
    this.#rows.push(
      `${oneLine(name, 80)}: ${outcomeWords(run)}`,
      `Begun ${dateText(run.startedAt)}, took ${durationWords(run.endedAt - run.startedAt)}.`,
      ...(run.message === undefined ? [] : [oneLine(run.message, 2000)]),
      ...phaseRows(run.phases),
      ...resultLines(run),
      `Full log: ${run.logFile ?? 'none'}`,
      '',
    );
  }

  onLine(line: LogLine): void {
    if (!this.isWanted(line.level)) return;
    if (line.line !== undefined) this.#places.push({ line: line.line, row: this.#rows.length + 1 });
    this.#rows.push(lineText(line));
  }

  onProgress(progress: CliProgress, at = this.run.endedAt): void {
    const name = this.#phases.progress(progress, at);
    if (name !== undefined) this.#rows.push(phaseHeading(name));
  }

  /** There is no log to show. */
  miss(): void {
    this.#rows.push('The log is not there any more.');
  }

  /** The row, from 1, of a line of the full log, or of the last one before it that is shown. */
  rowOf(line: number): number | undefined {
    return this.#places.findLast((place) => place.line <= line)?.row;
  }

  text(): string {
    return `${this.#rows.join('\n')}\n`;
  }
}
