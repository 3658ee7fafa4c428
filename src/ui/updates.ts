import { commands, debug, ProgressLocation, window, type QuickPickItem } from 'vscode';
import type { Disposable, UpdateReport } from '../api';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import type { Engines } from '../core/engines';
import type { EngineStore } from '../core/engineStore';
import type { Checked } from '../core/imageChecks';
import type { Inventory } from '../core/inventory';
import type { Processes } from '../core/journal';
import type { RecordStore } from '../core/ports';
import { Quarantine } from '../core/quarantine';
import type { Recreate } from '../core/recreate';
import { Replacements } from '../core/replacements';
import { update } from '../core/update';
import type { UpdateOptions, UpdateParts } from '../core/updateParts';
import { isUpdatedByItself } from '../core/updatePolicy';
import { updateWays } from '../core/updateWays';
import { isToDo, nothingToUpdate, updateNews, updateQuestion } from '../core/updateWords';
import { oneLine } from '../core/words';
import type { Images } from './images';
import { settings } from './settings';
import { isUnattended } from './targets';
import { UpdateDocuments } from './updateDocuments';

export interface UpdatesParts extends Pick<UpdateParts, 'findLogin'> {
  readonly engines: Engines;
  readonly inventory: Inventory;
  readonly images: Images;
  readonly recreate: Recreate;
  readonly isTrusted: () => boolean;
  /** Records of replacements under way, and of images that did not work. */
  readonly records: { readonly replacements: RecordStore; readonly quarantine: RecordStore };
  readonly processes: Processes;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Updates containers to newer images: when somebody says so, and by policy. Loaded with the first of them. */
export class Updates implements Disposable {
  readonly #replacements: Replacements;
  readonly #documents = new UpdateDocuments();
  readonly #parts: UpdateParts;
  /** What became of the last update, or would have. */
  #last: readonly UpdateReport[] | undefined;

  constructor(private readonly parts: UpdatesParts) {
    const { engines, recreate, isTrusted, records, processes, timers, logger, findLogin } = parts;
    this.#replacements = new Replacements(records.replacements, processes, logger);
    const ways = { recreate, isTrusted, timers, healthMs: settings.healthMs };
    this.#parts = {
      ...{ engines, logger, findLogin },
      check: (checked) => parts.images.checkNow(checked),
      quarantine: new Quarantine(records.quarantine, timers),
      renew: updateWays({ ...ways, replacements: this.#replacements }),
    };
  }

  /** For the API. Rejects with `notFound` for a key that is not there. */
  async update(keys: readonly string[], options: UpdateOptions): Promise<readonly UpdateReport[]> {
    return this.#run(await this.parts.images.chosen(keys), options);
  }

  /** Updates the rows that a command was called with after one question, and says what became of them. */
  async updateRows(rows: readonly unknown[]): Promise<readonly UpdateReport[]> {
    await this.parts.inventory.ready();
    const keys = this.parts.images.keysOfRows(rows) ?? (await this.#ask());
    if (!keys) return [];
    const chosen = await this.parts.images.chosen(keys);
    const planned = await this.#withProgress(chosen, { dryRun: true });
    const open = planned.filter(isToDo);
    if (open.length === 0) {
      void window.showInformationMessage(oneLine(nothingToUpdate(planned), 600));
      return planned;
    }
    if (isUnattended(rows[0])) return this.#updateAndTell(chosen, {});
    const { message, detail } = updateQuestion(planned);
    const picked = await window.showWarningMessage(message, { modal: true, detail }, UPDATE);
    if (picked !== UPDATE) return [];
    // What did not work before was named in the question.
    const wanted = new Set(open.map(({ containerId }) => containerId));
    const agreed = chosen.filter(({ container }) => wanted.has(container.id));
    return this.#updateAndTell(agreed, { retriesBad: open.some(({ isQuarantined }) => isQuarantined) });
  }

  /** Updates what wants it by its own label; not while somebody debugs or a job runs, who may need it as it is. */
  async updateByPolicy(): Promise<readonly UpdateReport[]> {
    const { devContainers } = await this.parts.inventory.ready();
    const isAtWork = devContainers.some(({ activity }) => activity !== 'idle');
    if (isAtWork || debug.activeDebugSession) return [];
    return this.#updateAndTell(this.#byPolicy(), {});
  }

  /** Shows what became of the last update; before the first one, what an update by policy would do. */
  async showReport(argument: unknown): Promise<readonly UpdateReport[]> {
    await this.parts.inventory.ready();
    this.#last ??= await this.#withProgress(this.#byPolicy(), { dryRun: true });
    await this.#documents.show(this.#last, argument);
    return this.#last;
  }

  /** Puts right what an update of a window that is gone, or for want of an answer, has left. */
  async recover(store: EngineStore): Promise<void> {
    await this.#replacements.recover(store);
  }

  dispose(): void {
    this.#documents.dispose();
  }

  async #run(chosen: readonly Checked[], options: UpdateOptions): Promise<readonly UpdateReport[]> {
    const reports = await update(this.#parts, chosen, options);
    // A look before a question takes no report away.
    if (!options.dryRun) this.#last = reports;
    return reports;
  }

  async #updateAndTell(chosen: readonly Checked[], options: UpdateOptions): Promise<readonly UpdateReport[]> {
    if (chosen.length === 0) return [];
    const reports = await this.#withProgress(chosen, options);
    const news = updateNews(reports);
    for (const { name, error } of reports)
      if (error !== undefined) this.parts.logger.info(`${name}: ${error}`);
    if (news) void this.#tell(news.text, news.isBad);
    // What they are made from is another image now.
    void this.parts.images.checkNow(await this.#made(reports)).catch((error: unknown) => {
      this.parts.logger.debug(messageOf(error));
    });
    return reports;
  }

  async #tell(text: string, isBad: boolean): Promise<void> {
    const show = isBad ? window.showWarningMessage : window.showInformationMessage;
    if ((await show(oneLine(text, 800), SHOW_REPORT)) === SHOW_REPORT)
      await commands.executeCommand('shipshape.updateReport', { format: 'table' });
  }

  #withProgress(chosen: readonly Checked[], options: UpdateOptions): Promise<readonly UpdateReport[]> {
    const title = options.dryRun ? 'Looking for newer images' : 'Updating containers';
    const location = options.dryRun ? ProgressLocation.Window : ProgressLocation.Notification;
    const work = window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      const cancel = new AbortController();
      const listening = token.onCancellationRequested(() => cancel.abort());
      const onProgress = (message: string): void => progress.report({ message: oneLine(message, 200) });
      try {
        return await this.#run(chosen, { ...options, signal: cancel.signal, onProgress });
      } finally {
        listening.dispose();
      }
    });
    return Promise.resolve(work);
  }

  /** Those that were updated, as the engine has them now. */
  async #made(reports: readonly UpdateReport[]): Promise<Checked[]> {
    const made = reports.flatMap(({ engine, containerId, newContainerId }) => ({
      engine,
      id: newContainerId ?? containerId,
    }));
    const found = await Promise.all(
      made.map(async ({ engine, id }) => {
        const container = await this.parts.engines
          .find(engine)
          ?.refreshOne(id)
          .catch(() => undefined);
        return container ? [{ engine, container }] : [];
      }),
    );
    return found.flat();
  }

  #byPolicy(): Checked[] {
    return this.parts.engines.stores.flatMap((store) =>
      store
        .containers()
        .filter(({ labels }) => isUpdatedByItself(labels))
        .map((container) => ({ engine: store.engine.key, container })),
    );
  }

  /** The keys of what is known to be outdated and the user chooses; undefined for none. */
  async #ask(): Promise<readonly string[] | undefined> {
    const { containers, devContainers } = this.parts.inventory.current();
    const own = new Set(devContainers.map(({ containerId }) => containerId));
    const outdated = [
      ...devContainers
        .filter(({ image }) => image?.status === 'outdated')
        .map((item) => toPick(item, item.image)),
      ...containers
        .filter(({ id, check }) => check?.status === 'outdated' && !own.has(id))
        .map((item) => toPick(item, item.check)),
    ];
    if (outdated.length === 0) {
      void window.showInformationMessage('No image is known to be outdated. Run Check Images first.');
      return undefined;
    }
    const options = {
      title: 'Update which containers?',
      canPickMany: true,
      matchOnDescription: true,
    } as const;
    return (await window.showQuickPick(outdated, options))?.map(({ key }) => key);
  }
}

const UPDATE = 'Update';
const SHOW_REPORT = 'Show Report';

function toPick(
  { key, name }: { readonly key: string; readonly name: string },
  check: { readonly reference: string } | undefined,
): QuickPickItem & { readonly key: string } {
  return { key, label: oneLine(name, 80), description: oneLine(check?.reference ?? '', 120) };
}
