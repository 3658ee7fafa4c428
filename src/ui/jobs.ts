import { ProgressLocation, Uri, commands, window, type CancellationToken, type Progress } from 'vscode';
import type { DevContainer, Disposable, Failure, JobOutcome } from '../api';
import { hasCode, messageOf } from '../common/errors';
import { durationWords } from '../core/durations';
import type { Inventory } from '../core/inventory';
import type { JobBoard } from '../core/jobBoard';
import type { RunOptions } from '../core/job';
import { doingWords, doneWords, type JobKind } from '../core/jobKinds';
import type { Recreate } from '../core/recreate';
import { oneLine } from '../core/words';
import type { Logs } from './logs';
import { lineRange } from './ranges';
import type { Runs } from './runs';
import { settings } from './settings';

export interface JobsParts {
  readonly recreate: Recreate;
  readonly board: JobBoard;
  readonly inventory: Inventory;
  readonly logs: Logs;
  readonly runs: () => Promise<Runs>;
  readonly reveal: (key: string) => Promise<void>;
}

/** Runs jobs as the user sees them: progress with Cancel, the log, and at the end what is true now. */
export class Jobs implements Disposable {
  readonly #resumed: Disposable;

  constructor(private readonly parts: JobsParts) {
    this.#resumed = parts.recreate.onDidResume(({ key, kind, outcome }) => {
      const item = parts.inventory.snapshot.devContainers.find((each) => each.key === key);
      if (item) this.#report(kind, item, oneLine(item.name, 80), outcome);
    });
  }

  dispose(): void {
    this.#resumed.dispose();
  }

  /** Runs a job that the user started. Never rejects: what goes wrong is shown. Undefined when it never began. */
  async run(kind: JobKind, item: DevContainer, options: RunOptions = {}): Promise<JobOutcome | undefined> {
    const name = oneLine(item.name, 80);
    const began = Date.now();
    try {
      const outcome = await this.#withProgress(kind, item, name, options);
      this.#report(kind, item, name, outcome, Date.now() - began);
      return outcome;
    } catch (error) {
      this.#refused(item, name, error);
      return undefined;
    }
  }

  #withProgress(kind: JobKind, item: DevContainer, name: string, options: RunOptions): Thenable<JobOutcome> {
    const title = `${doingWords(kind)} ${name}`;
    const showLog = `[Show Log](${Uri.parse('command:shipshape.showLog')
      .with({
        query: JSON.stringify([
          { workspaceFolder: item.workspaceFolder, configFile: item.configFile, engine: item.engine },
        ]),
      })
      .toString()})`;
    return window.withProgress(
      { location: ProgressLocation.Notification, title: `${title} (${showLog})`, cancellable: true },
      async (progress, token) => {
        const job = this.parts.recreate.run(kind, item.key, options);
        this.parts.logs.begin(item.key, title);
        if (settings.openLog() === 'always') this.parts.logs.show(item.key);
        const following = this.#follow(item.key, progress, token);
        try {
          return await job;
        } finally {
          following();
        }
      },
    );
  }

  #follow(key: string, progress: Progress<{ message: string }>, token: CancellationToken): () => void {
    const listening = this.parts.board.onDidChange((changed) => {
      const job = changed === key ? this.parts.board.get(key) : undefined;
      if (job) progress.report({ message: job.phase });
    });
    const cancelling = token.onCancellationRequested(() => this.parts.recreate.cancel(key));
    return () => {
      listening.dispose();
      cancelling.dispose();
    };
  }

  #report(kind: JobKind, item: DevContainer, name: string, outcome: JobOutcome, tookMs?: number): void {
    if (outcome.outcome === 'succeeded') {
      const down = outcome.downtimeMs > 0 ? `, down for ${durationWords(outcome.downtimeMs)}` : '';
      const took = tookMs === undefined ? '' : ` in ${durationWords(tookMs)}`;
      window.setStatusBarMessage(`$(check) ${name} ${doneWords(kind)}${took}${down}`, 10_000);
      void this.parts.reveal(item.key);
      if (outcome.notes) this.#tell(item, `${name} was ${doneWords(kind)}. ${outcome.notes.join(' ')}`);
      return;
    }
    const said = [outcome.failure?.message ?? 'Cancelled.', ...(outcome.notes ?? [])].join(' ');
    const message = `${name}: ${oneLine(said, 600)}`;
    if (outcome.outcome === 'cancelled')
      void this.#offer(window.showInformationMessage(message, SHOW_LOG), item);
    else this.#failed(item, message, outcome.failure);
  }

  #tell(item: DevContainer, message: string): void {
    void this.#offer(window.showInformationMessage(oneLine(message, 600), SHOW_LOG), item);
  }

  #failed(item: DevContainer, message: string, failure: Failure | undefined): void {
    if (settings.openLog() !== 'never') this.parts.logs.show(item.key);
    const open = failure?.file === undefined ? [] : [OPEN_FILE];
    const isHook = failure?.kind === 'lifecycle';
    const now = this.#now(item);
    const back = isHook && now?.previous?.containerId !== undefined ? [ROLL_BACK] : [];
    const again = isHook && now?.containerId !== undefined ? [RUN_AGAIN] : [];
    void this.#offer(window.showErrorMessage(message, SHOW_LOG, ...again, ...back, ...open), item, failure);
  }

  #now({ key }: DevContainer): DevContainer | undefined {
    return this.parts.inventory.current().devContainers.find((item) => item.key === key);
  }

  #refused(item: DevContainer, name: string, error: unknown): void {
    if (hasCode(error, 'untrusted')) return;
    const text = oneLine(messageOf(error), 600);
    // Our own refusals name the dev container already.
    const message = text.includes(name) ? text : `${name}: ${text}`;
    const config = hasCode(error, 'invalidConfig') && item.configFile ? { file: item.configFile } : undefined;
    const shown = hasCode(error, 'busy')
      ? window.showInformationMessage(message, SHOW_LOG)
      : window.showErrorMessage(message, SHOW_LOG, ...(config ? [OPEN_FILE] : []));
    void this.#offer(shown, item, config);
  }

  async #offer(
    shown: Thenable<string | undefined>,
    item: DevContainer,
    place?: Partial<Pick<Failure, 'file' | 'line' | 'logLine' | 'at'>>,
  ): Promise<void> {
    const picked = await shown;
    const isAct = picked === RUN_AGAIN || picked === ROLL_BACK;
    // A message may stay for hours, with other jobs in between.
    if (isAct && this.#now(item)?.failure?.at !== place?.at) {
      const name = oneLine(item.name, 80);
      this.#tell(item, `${name} is not as it was when this failed: nothing was done.`);
      return;
    }
    if (picked === SHOW_LOG) await this.#showLog(item, place?.logLine);
    const { workspaceFolder, configFile, engine } = item;
    const target = { workspaceFolder, configFile, engine };
    if (picked === RUN_AGAIN) await commands.executeCommand('shipshape.rerunHook', target);
    if (picked === ROLL_BACK)
      await commands.executeCommand('shipshape.rollBack', { ...target, confirm: false });
    if (picked !== OPEN_FILE || place?.file === undefined) return;
    await commands.executeCommand('vscode.open', Uri.file(place.file), { selection: lineRange(place.line) });
  }

  /** No extension can scroll a channel: where the failure's place is known, the same log opens there as a document. */
  async #showLog(item: DevContainer, logLine: number | undefined): Promise<void> {
    const isOpen = logLine !== undefined && (await (await this.parts.runs()).openAt(item, logLine));
    if (!isOpen) this.parts.logs.show(item.key);
  }
}

const SHOW_LOG = 'Show Log';
const OPEN_FILE = 'Open File';
const RUN_AGAIN = 'Run Again';
const ROLL_BACK = 'Roll Back';
