import { ProgressLocation, window, type Memento } from 'vscode';
import type { DevContainer } from '../api';
import type { Logger } from '../common/logger';
import type { Timers } from '../common/scheduling';
import { otherServices, servicesBeside } from '../core/changes';
import type { Configs } from '../core/configs';
import { lossesWith } from '../core/containerLosses';
import type { Engines } from '../core/engines';
import { comparable, COMPOSE_PROJECT_LABEL } from '../core/identity';
import type { Inventory } from '../core/inventory';
import {
  hasDetails,
  hasLosses,
  lossesInFull,
  recreateQuestion,
  type Foreseen,
} from '../core/recreateQuestion';
import { sharersForQuestion, type Sharer } from '../core/sharers';
import { oneLine } from '../core/words';
import type { LossDocument } from './lossDocument';
import type { Trust } from './trust';

export { LossDocument } from './lossDocument';

export interface ReviewParts {
  readonly inventory: Inventory;
  readonly engines: Engines;
  readonly configs: Configs;
  readonly trust: Trust;
  readonly document: LossDocument;
  readonly memory: Memento;
  readonly timers: Timers;
  readonly logger: Logger;
}

const KEY = 'foldersWithoutLossQuestion';
const REMEMBERED = 200;
/** In milliseconds: what is over by then needs no notification. */
const MOMENT_MS = 1_000;
const RECREATE = 'Recreate';
const TRUSTED = 'Recreate Only Trusted';
const DETAILS = 'Show Details';
const NEVER = ["Don't Ask Again for This Folder", "Don't Ask Again for These Folders"] as const;

/** Says before a recreate what would be lost, replaced or run, in one question for all that are recreated together. */
export class RecreateReview {
  /** Those that the user is being asked about: who clicks twice is asked once. */
  readonly #asking = new Set<string>();

  constructor(private readonly parts: ReviewParts) {}

  /** Those that may be recreated now: all where there is nothing to say, none when the user gives up. */
  async confirm(items: readonly DevContainer[]): Promise<readonly DevContainer[]> {
    const asked = items.filter(({ key }) => !this.#asking.has(key));
    if (asked.length === 0) return [];
    for (const { key } of asked) this.#asking.add(key);
    let foreseen: readonly Foreseen[] | undefined;
    let answer: readonly DevContainer[] | typeof DETAILS;
    try {
      foreseen = await this.#foresee(asked);
      if (!foreseen) return [];
      answer = await this.#ask(asked, foreseen);
    } finally {
      for (const { key } of asked) this.#asking.delete(key);
    }
    return answer === DETAILS ? this.#showDetails(asked, foreseen) : answer;
  }

  /** Undefined when the user gives up over it. What takes longer than a moment is shown where it can be ended. */
  async #foresee(items: readonly DevContainer[]): Promise<readonly Foreseen[] | undefined> {
    const title = 'Looking at what a recreate would lose';
    const cancel = new AbortController();
    const looking = Promise.all(items.map((item) => this.#foreseeOne(item, cancel.signal)));
    const slow = this.parts.timers.after(MOMENT_MS, () => {
      const options = { location: ProgressLocation.Notification, title, cancellable: true };
      void window.withProgress(options, async (_, token) => {
        const listening = token.onCancellationRequested(() => cancel.abort());
        await looking.catch(() => undefined);
        listening.dispose();
      });
    });
    try {
      const foreseen = await window.withProgress({ location: ProgressLocation.Window, title }, () => looking);
      return cancel.signal.aborted ? undefined : foreseen;
    } finally {
      slow.dispose();
    }
  }

  async #foreseeOne(item: DevContainer, signal: AbortSignal): Promise<Foreseen> {
    const { engines, configs, inventory, trust, timers, logger } = this.parts;
    const engine = engines.find(item.engine)?.engine;
    const { containerId } = item;
    // What cannot be done anyhow is not asked about: the job says why.
    const isPossible = !item.isFolderMissing;
    const isAsked = isPossible && containerId !== undefined && engine && !this.#isSilenced(item);
    const [losses, foreign, sharers] = await Promise.all([
      isAsked ? lossesWith(engine, containerId, { timers, logger, signal }) : undefined,
      isPossible ? trust.foreign(item, configs) : undefined,
      this.#sharers(item, signal),
    ]);
    const reading = item.configFile === undefined ? undefined : configs.reading(item.configFile);
    const service = reading?.status === 'ok' ? reading.value['service'] : undefined;
    const labels = inventory.facts(item.key)?.container?.labels;
    return {
      ...{ name: item.name, changes: item.changes, foreign, sharers },
      losses: isAsked ? (losses ?? 'unknown') : undefined,
      siblings: otherServices(
        item.changes,
        service,
        servicesBeside(inventory.snapshot.containers, item.containerId),
      ),
      isCompose: labels?.[COMPOSE_PROJECT_LABEL] !== undefined,
    };
  }

  /** The job itself asks again, and does not begin where it gets no answer. */
  async #sharers({ engine, containerId }: DevContainer, signal: AbortSignal): Promise<readonly Sharer[]> {
    const { engines, timers, logger } = this.parts;
    const store = engines.find(engine);
    if (!store || containerId === undefined) return [];
    return sharersForQuestion(store, containerId, { timers, logger, signal });
  }

  async #ask(
    items: readonly DevContainer[],
    foreseen: readonly Foreseen[],
  ): Promise<readonly DevContainer[] | typeof DETAILS> {
    const question = recreateQuestion(foreseen);
    if (!question) return items;
    const { message, detail } = question;
    const losing = items.filter((_, index) => foreseen[index] && hasLosses(foreseen[index]));
    const never = NEVER[new Set(losing.map(({ workspaceFolder }) => workspaceFolder)).size > 1 ? 1 : 0];
    const buttons = buttonsFor(foreseen, never);
    const picked = await window.showWarningMessage(message, { modal: true, detail }, ...buttons);
    const foreign = items.filter((_, index) => foreseen[index]?.foreign);
    if (picked === DETAILS) return DETAILS;
    if (picked === TRUSTED) return items.filter((item) => !foreign.includes(item));
    if (picked !== RECREATE && picked !== never) return [];
    if (picked === never) await this.#silence(losing);
    for (const item of foreign) await this.parts.trust.accept(item);
    return items;
  }

  /** A modal question would lie over the document, so that it is asked again beside it. */
  async #showDetails(
    items: readonly DevContainer[],
    foreseen: readonly Foreseen[],
  ): Promise<readonly DevContainer[]> {
    await this.parts.document.show(lossesInFull(foreseen));
    const [only] = items;
    const what = items.length === 1 && only ? oneLine(only.name, 80) : `${items.length} dev containers`;
    const picked = await window.showInformationMessage(`Recreate ${what}?`, RECREATE);
    if (picked !== RECREATE) return [];
    const isAsBefore = items.every(
      ({ key, containerId }) => this.parts.inventory.facts(key)?.container?.id === containerId,
    );
    // What runs here, and what is lost, may be something else by now.
    return isAsBefore && !foreseen.some(({ foreign }) => foreign) ? items : this.confirm(items);
  }

  async #silence(items: readonly DevContainer[]): Promise<void> {
    const folders = [...items.map(({ workspaceFolder }) => comparable(workspaceFolder)), ...this.#silenced()];
    await this.parts.memory.update(KEY, [...new Set(folders)].slice(0, REMEMBERED));
  }

  #isSilenced({ workspaceFolder }: DevContainer): boolean {
    return this.#silenced().includes(comparable(workspaceFolder));
  }

  #silenced(): string[] {
    const value: unknown = this.parts.memory.get(KEY);
    return Array.isArray(value) ? value.filter((folder): folder is string => typeof folder === 'string') : [];
  }
}

/** What runs commands here has to be asked about each time, so that there the question cannot be switched off. */
function buttonsFor(foreseen: readonly Foreseen[], never: string): string[] {
  const foreign = foreseen.filter((item) => item.foreign).length;
  const canLose = foreseen.some(hasLosses);
  return [
    RECREATE,
    ...(foreign > 0 && foreign < foreseen.length ? [TRUSTED] : []),
    ...(hasDetails(foreseen) ? [DETAILS] : []),
    ...(canLose && foreign === 0 ? [never] : []),
  ];
}
