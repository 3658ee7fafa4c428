import { env, window, workspace, Uri } from 'vscode';
import type { DevContainer, JobOutcome } from '../api';
import { ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Configs } from '../core/configs';
import type { Drift } from '../core/drift';
import type { EngineChoice } from '../core/engineChoice';
import type { Engines } from '../core/engines';
import type { FeaturePort } from '../core/features';
import { idsOf } from '../core/imageTags';
import type { Inputs } from '../core/inputs';
import type { Inventory } from '../core/inventory';
import type { RunOptions } from '../core/job';
import type { JobKind } from '../core/jobKinds';
import type { Recreate } from '../core/recreate';
import { allMatchWords, oneLine, problemWords } from '../core/words';
import { chooseEngineFor } from './enginePlace';
import type { Images } from './images';
import type { Jobs } from './jobs';
import type { Logs } from './logs';
import type { MadeFromDocuments } from './madeFromDocuments';
import { canRecreate, questions } from './questions';
import { lineRange } from './ranges';
import type { RecreateReview } from './recreateReview';
import type * as rare from './rareCommands';
import type { Runs } from './runs';
import { chooseTarget, isUnattended, selectedItems, type Question } from './targets';
import type { Filter } from './tree/filter';
import type { Trust } from './trust';
import type { Updates } from './updates';

export interface CommandParts {
  readonly inventory: Inventory;
  readonly configs: Configs;
  readonly inputs: Inputs;
  readonly drift: Drift;
  readonly recreate: Recreate;
  readonly jobs: Jobs;
  readonly logs: Logs;
  readonly runs: () => Promise<Runs>;
  readonly documents: MadeFromDocuments;
  readonly trust: Trust;
  readonly review: () => Promise<RecreateReview>;
  readonly logger: Logger;
  readonly engines: Engines;
  readonly filter: Filter;
  readonly choice: EngineChoice;
  readonly images: () => Promise<Images>;
  readonly features: () => Promise<FeaturePort>;
  readonly updates: () => Promise<Updates>;
  /** Commands that are loaded when they are called for the first time. */
  readonly rare: () => Promise<typeof rare>;
  readonly refresh: () => Promise<void>;
}

export type Handler = (argument?: unknown, selected?: unknown) => Promise<unknown>;

/** Every command of ours, by its id without the `shipshape.`; package.json lists the same. Loaded with the first call. */
export function commandTable(parts: CommandParts): Readonly<Record<string, Handler>> {
  const { inventory } = parts;
  const chosen = async (
    question: Question,
    argument: unknown,
    selected: unknown,
  ): Promise<readonly DevContainer[]> => {
    const several = selectedItems(inventory, selected).filter(question.suits);
    if (several.length > 1) return several;
    const item = await chooseTarget(inventory, argument, question);
    return item ? [item] : [];
  };
  const on =
    (question: Question, act: (item: DevContainer, argument: unknown) => unknown): Handler =>
    async (argument, selected) => {
      const items = await chosen(question, argument, selected);
      return oneOrAll(await Promise.all(items.map((item) => act(item, argument))));
    };
  return {
    refresh: () => parts.refresh(),
    up: async (argument, selected) => {
      parts.trust.check();
      const items = await chosen(questions.up, argument, selected);
      const placed = (await chooseEngineFor(inventory, items, argument)) ?? [];
      return oneOrAll(await Promise.all(placed.map((item) => job(parts, 'up', item, argument))));
    },
    recreate: async (argument, selected) =>
      oneOrAll(await recreate(parts, await chosen(questions.recreate, argument, selected), argument)),
    recreateWithoutCache: async (argument, selected) => {
      const items = await chosen(questions.recreate, argument, selected);
      return oneOrAll(await recreate(parts, items, argument, { noCache: true }));
    },
    rebuildWithNewerBase: async (argument, selected) => {
      const items = await chosen(questions.rebuildWithNewerBase, argument, selected);
      const outcomes = await recreate(parts, items, argument, { pullsBases: true });
      await (await parts.images()).check({ keys: items.map(({ key }) => key), force: true });
      return oneOrAll(outcomes);
    },
    upgradeFeature: on(questions.upgradeFeature, async (item) => {
      parts.trust.check();
      await (await parts.rare()).upgradeFeature(await parts.features(), item);
    }),
    restart: on(questions.restart, (item, argument) => job(parts, 'restart', item, argument)),
    rollBack: on(questions.rollBack, async (item, argument) => {
      const isAgreed = isUnattended(argument) || (await (await parts.rare()).confirmRollBack(item));
      return isAgreed ? job(parts, 'rollBack', item, argument) : undefined;
    }),
    rerunHook: on(questions.rerunHook, (item, argument) => job(parts, 'rerun', item, argument)),
    recreateAllDirty: async (argument) => {
      await inventory.ready();
      const dirty = inventory.snapshot.devContainers.filter(
        (item) => canRecreate(item) && item.dirty && !item.problem,
      );
      if (dirty.length === 0)
        void window.showInformationMessage(nothingToRecreate(inventory.snapshot.devContainers));
      return recreate(parts, dirty, argument);
    },
    showChanges: on(questions.showChanges, (item) => parts.documents.show(item)),
    markClean: on(questions.markClean, (item) => markClean(parts, item)),
    openConfig: on(questions.openConfig, openConfig),
    cancelJob: on(questions.cancelJob, (item) => {
      if (parts.recreate.isRunning(item.key)) parts.recreate.cancel(item.key);
      else void window.showInformationMessage(`${oneLine(item.name, 80)}: ${ELSEWHERE}`);
    }),
    showLog: async (argument) => {
      const suits = (item: DevContainer): boolean => parts.logs.has(item.key);
      const isNamed = argument !== undefined || inventory.snapshot.devContainers.some(suits);
      const item = isNamed && (await chooseTarget(inventory, argument, { ...questions.showLog, suits }));
      // Of a job of an earlier window there is no channel, but the history.
      if (item && !parts.logs.has(item.key) && (await (await parts.runs()).openLast(item))) return;
      if (item !== undefined) parts.logs.show(item ? item.key : undefined);
    },
    showHistory: on(questions.showHistory, async (item) => (await parts.runs()).choose(item)),
    showLogInTerminal: on(questions.showLog, async (item) => (await parts.runs()).showInTerminal(item)),
    checkImages: async (...rows) => (await parts.images()).checkRows(rows, false),
    recheckImages: async (...rows) => (await parts.images()).checkRows(rows, true),
    updateImage: async (...rows) => (await parts.updates()).updateRows(rows),
    updateReport: async (argument) => (await parts.updates()).showReport(argument),
    filter: () => parts.filter.ask(),
    selectEngine: async (argument) => (await parts.rare()).chooseEngines(parts.choice, argument),
    remove: async (argument, selected) => (await parts.rare()).remove(parts, argument, selected),
    removeDuplicates: async (argument, selected) => {
      const items = await chosen(questions.removeDuplicates, argument, selected);
      await (await parts.rare()).removeDuplicates(parts, argument, items);
    },
    forget: on(questions.forget, ({ key }) => inventory.forget(key)),
    copyId: async (argument, selected) => {
      const rows = Array.isArray(selected) && selected.length > 1 ? (selected as unknown[]) : [argument];
      const ids = rows.map((row) => (row as Partial<DescribedRow> | undefined)?.containerDesc?.Id);
      const named = ids.filter((id) => id !== undefined);
      const picked = named.length > 0 ? undefined : await chooseTarget(inventory, argument, questions.copyId);
      const all = picked?.containerId === undefined ? named : [picked.containerId];
      if (all.length > 0) await env.clipboard.writeText(all.join('\n'));
    },
  };
}

/** As much of a row as is needed to copy its container's id. */
interface DescribedRow {
  readonly containerDesc: { readonly Id: string | undefined };
}

/** What a command gives its caller: one result for one dev container. */
function oneOrAll<T>(results: readonly T[]): T | readonly T[] | undefined {
  return results.length > 1 ? results : results[0];
}

/** Never says that all is well while a configuration cannot be read. */
function nothingToRecreate(all: readonly DevContainer[]): string {
  const broken = all.filter((item) => item.problem);
  if (broken.length === 0) return allMatchWords(all);
  const named = broken.map(({ name, problem }) => `${oneLine(name, 80)} (${problemWords(problem)})`);
  return `No dev container can be recreated: ${named.join(', ')}.`;
}

const ELSEWHERE = 'another window is at work on it. Cancel it there.';

/** Recreates them after one question about all, where there is something to say; gives one result for each. */
async function recreate(
  parts: CommandParts,
  items: readonly DevContainer[],
  argument: unknown,
  options: RunOptions = {},
): Promise<(JobOutcome | undefined)[]> {
  if (items.length > 0) parts.trust.check();
  const agreed = isUnattended(argument) ? items : await (await parts.review()).confirm(items);
  return Promise.all(
    items.map(async (item) =>
      agreed.includes(item) ? parts.jobs.run('recreate', item, options) : undefined,
    ),
  );
}

async function job(
  parts: CommandParts,
  kind: Exclude<JobKind, 'recreate'>,
  item: DevContainer,
  argument: unknown,
): Promise<JobOutcome | undefined> {
  parts.trust.check();
  if (!isUnattended(argument) && !(await parts.trust.confirmForeign(item, parts.configs))) return undefined;
  return parts.jobs.run(kind, item);
}

async function markClean(parts: CommandParts, item: DevContainer): Promise<void> {
  const { inventory, configs, inputs, drift } = parts;
  const reading = item.configFile ? await configs.read(item.configFile) : undefined;
  const facts = inventory.facts(item.key);
  const subject = facts && inventory.caseOf(facts);
  if (!subject || reading?.status !== 'ok') {
    throw new ShipshapeError('invalidConfig', `${item.name}: there is no readable configuration to accept.`);
  }
  const { readings } = await inputs.read({ ...subject, config: reading.value });
  const images = idsOf(inventory.evidence(facts)?.images);
  const whyNotKept = await drift.accept(subject, { reading, inputs: readings, images });
  if (whyNotKept !== undefined) {
    const what = `${item.name} is accepted as it is in this window only, since that could not be kept`;
    throw new ShipshapeError('notKept', `${what}: ${whyNotKept}`);
  }
  window.setStatusBarMessage(`$(check) ${oneLine(item.name, 80)} accepted as it is`, 10_000);
}

async function openConfig(item: DevContainer): Promise<void> {
  if (!item.configFile)
    throw new ShipshapeError('notFound', `${item.name} does not say which configuration made it.`);
  const file = item.problem?.file ?? item.configFile;
  const document = await Promise.resolve(workspace.openTextDocument(Uri.file(file))).catch(
    (error: unknown) => {
      const why = `${item.name}: its configuration ${file} cannot be opened; is it still there?`;
      throw new ShipshapeError('notFound', why, { cause: error });
    },
  );
  const place = item.problem ? { selection: lineRange(item.problem.line, item.problem.column) } : {};
  await window.showTextDocument(document, { preview: true, preserveFocus: true, ...place });
}
