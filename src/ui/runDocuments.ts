import { Uri, window, workspace, type QuickPickItem } from 'vscode';
import type { DevContainer } from '../api';
import { agoWords } from '../core/durations';
import type { Run } from '../core/history';
import { RunDocument } from '../core/runDocument';
import { outcomeWords, phasesWords, timeWords } from '../core/runWords';
import { oneLine } from '../core/words';
import { lineRange } from './ranges';
import { LOG_SCHEME, type RunsParts } from './runParts';

/** Which run one of our documents shows. */
interface Shown {
  readonly key: string;
  readonly startedAt: number;
  readonly name: string;
}

/** What dev containers were through: a quick pick of the last runs, and their logs as read-only documents. */
export class RunDocuments {
  constructor(private readonly parts: Pick<RunsParts, 'history' | 'reader' | 'isWanted'>) {}

  /** Asks for one of the last runs and opens its log. */
  async choose(item: DevContainer): Promise<void> {
    const name = oneLine(item.name, 80);
    const runs = await this.parts.history.runs(item.key);
    if (runs.length === 0) {
      void window.showInformationMessage(
        `${name} has no history yet: nothing was created or recreated here.`,
      );
      return;
    }
    const picked = await window.showQuickPick(
      runs.map((run) => toPick(run, Date.now())),
      { title: `History of ${name}`, placeHolder: 'Choose a run to read its log', matchOnDetail: true },
    );
    if (picked) await this.#open(item, picked.run);
  }

  /** Opens the log of the last run that failed in this line of it; false when there is none. */
  openAt(item: DevContainer, logLine: number): Promise<boolean> {
    return this.#openFirst(item, (run) => run.logLine === logLine);
  }

  /** Opens the log of the last run; false when there is none. */
  openLast(item: DevContainer): Promise<boolean> {
    return this.#openFirst(item, () => true);
  }

  async text(uri: Uri): Promise<string> {
    const shown = JSON.parse(uri.query) as Shown;
    const run = (await this.parts.history.runs(shown.key)).find(
      ({ startedAt }) => startedAt === shown.startedAt,
    );
    return run ? (await this.#read(run, shown.name)).text() : 'This run is not kept any more.\n';
  }

  async #openFirst(item: DevContainer, suits: (run: Run) => boolean): Promise<boolean> {
    const run = (await this.parts.history.runs(item.key)).find(suits);
    if (run) await this.#open(item, run);
    return run !== undefined;
  }

  async #open(item: DevContainer, run: Run): Promise<void> {
    const document = await workspace.openTextDocument(uriOf(item, run));
    const row = run.logLine === undefined ? 1 : (await this.#read(run, item.name)).rowOf(run.logLine);
    await window.showTextDocument(document, { preview: true, selection: lineRange(row) });
  }

  async #read(run: Run, name: string): Promise<RunDocument> {
    const { reader, isWanted } = this.parts;
    const document = new RunDocument(run, name, isWanted);
    const { logFile, startedAt } = run;
    if (logFile === undefined || !(await reader.replay(logFile, startedAt, document))) document.miss();
    return document;
  }
}

function uriOf({ key, name }: DevContainer, run: Run): Uri {
  const { startedAt } = run;
  const shown: Shown = { key, startedAt, name };
  const when = new Date(startedAt).toTimeString().slice(0, 8).replaceAll(':', '.');
  const title = `${oneLine(name, 80)}, ${outcomeWords(run)} ${when}`.replace(/[/\\]/g, ' ');
  return Uri.from({ scheme: LOG_SCHEME, path: `/${title}.log`, query: JSON.stringify(shown) });
}

const ICONS = {
  succeeded: '$(pass)',
  failed: '$(error)',
  rolledBack: '$(discard)',
  cancelled: '$(circle-slash)',
} as const;

function toPick(run: Run, now: number): QuickPickItem & { run: Run } {
  const reason = run.message === undefined ? '' : oneLine(run.message, 300);
  return {
    run,
    label: `${ICONS[run.outcome]} ${outcomeWords(run)}`,
    description: `${agoWords(run.endedAt, now)} · ${timeWords(run)}`,
    detail: reason || oneLine(phasesWords(run.phases), 300),
  };
}
