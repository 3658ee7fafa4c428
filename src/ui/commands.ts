import { commands, env, window, workspace, Uri } from 'vscode';
import type { DevContainer, Disposable, JobOutcome } from '../api';
import { DisposableStore } from '../common/disposable';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import type { Configs } from '../core/configs';
import type { Drift } from '../core/drift';
import type { EngineChoice } from '../core/engineChoice';
import type { Engines } from '../core/engines';
import type { Inventory } from '../core/inventory';
import type { JobKind, Recreate } from '../core/recreate';
import { oneLine, problemWords } from '../core/words';
import { chooseEngines } from './enginePick';
import type { Jobs } from './jobs';
import type { Logs } from './logs';
import type { MadeFromDocuments } from './madeFromDocuments';
import { lineRange } from './ranges';
import { remove } from './removal';
import { chooseTarget, isUnattended, selectedItems, type Question } from './targets';
import type { Filter } from './tree/filter';
import type { Trust } from './trust';

export interface CommandParts {
  readonly inventory: Inventory;
  readonly configs: Configs;
  readonly drift: Drift;
  readonly recreate: Recreate;
  readonly jobs: Jobs;
  readonly logs: Logs;
  readonly documents: MadeFromDocuments;
  readonly trust: Trust;
  readonly logger: Logger;
  readonly engines: Engines;
  readonly filter: Filter;
  readonly choice: EngineChoice;
  readonly refresh: () => Promise<void>;
}

type Handler = (argument?: unknown, selected?: unknown) => Promise<unknown>;

/** Every command of ours, by its id without the `shipshape.`; package.json lists the same. */
function commandTable(parts: CommandParts): Readonly<Record<string, Handler>> {
  const { inventory } = parts;
  const on =
    (question: Question, act: (item: DevContainer, argument: unknown) => unknown): Handler =>
    async (argument, selected) => {
      const several = selectedItems(inventory, selected).filter(question.suits);
      if (several.length > 1) return Promise.all(several.map((item) => act(item, argument)));
      const item = await chooseTarget(inventory, argument, question);
      return item && (await act(item, argument));
    };
  return {
    refresh: () => parts.refresh(),
    up: on(questions.up, (item, argument) => job(parts, 'up', item, argument)),
    recreate: on(questions.recreate, (item, argument) => job(parts, 'recreate', item, argument)),
    recreateWithoutCache: on(questions.recreate, (item, argument) =>
      job(parts, 'recreate', item, argument, true),
    ),
    recreateAllDirty: async (argument) => {
      await inventory.ready();
      const dirty = inventory.snapshot.devContainers.filter(
        (item) => canRecreate(item) && item.dirty && !item.problem,
      );
      const broken = inventory.snapshot.devContainers.filter((item) => item.problem);
      if (dirty.length === 0) void window.showInformationMessage(nothingToRecreate(broken));
      return Promise.all(dirty.map((item) => job(parts, 'recreate', item, argument)));
    },
    showChanges: on(questions.showChanges, (item) => showChanges(parts, item)),
    markClean: on(questions.markClean, (item) => markClean(parts, item)),
    openConfig: on(questions.openConfig, openConfig),
    cancelJob: on(questions.cancelJob, (item) => parts.recreate.cancel(item.key)),
    showLog: async (argument) => {
      const suits = (item: DevContainer): boolean => parts.logs.has(item.key);
      const isNamed = argument !== undefined || inventory.snapshot.devContainers.some(suits);
      const item = isNamed && (await chooseTarget(inventory, argument, { ...questions.showLog, suits }));
      if (item !== undefined) parts.logs.show(item ? item.key : undefined);
    },
    filter: () => parts.filter.ask(),
    selectEngine: (argument) => chooseEngines(parts.choice, argument),
    remove: (argument, selected) => remove(parts, argument, selected),
    copyId: async (argument) => {
      const id = (argument as { containerDesc?: { Id?: string } } | undefined)?.containerDesc?.Id;
      const chosen = id ?? (await chooseTarget(inventory, argument, questions.copyId))?.containerId;
      if (chosen !== undefined) await env.clipboard.writeText(chosen);
    },
  };
}

/** Registers the commands; what one of them throws is shown and rejects for the caller. */
export function registerCommands(parts: CommandParts): Disposable {
  const store = new DisposableStore();
  for (const [name, handler] of Object.entries(commandTable(parts))) {
    const run = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await handler(...args);
      } catch (error) {
        parts.logger.error(`shipshape.${name}: ${messageOf(error)}`);
        if (!(error instanceof ShipshapeError && error.code === 'untrusted')) {
          void window.showErrorMessage(oneLine(messageOf(error), 600));
        }
        throw error;
      }
    };
    store.add(commands.registerCommand(`shipshape.${name}`, run));
  }
  return store;
}

/** Never says that all is well while a configuration cannot be read. */
function nothingToRecreate(broken: readonly DevContainer[]): string {
  if (broken.length === 0) return 'All dev containers match their configurations.';
  const named = broken.map(({ name, problem }) => `${oneLine(name, 80)} (${problemWords(problem)})`);
  return `No dev container can be recreated: ${named.join(', ')}.`;
}

const isIdle = (item: DevContainer): boolean => item.activity === 'idle';
const canRecreate = (item: DevContainer): boolean =>
  isIdle(item) && item.configFile !== undefined && item.containerId !== undefined;

const questions = {
  up: {
    title: 'Create or start which dev container?',
    suits: (item) =>
      isIdle(item) && item.configFile !== undefined && item.state !== 'running' && !item.problem,
    none: 'There is no dev container to create or start.',
  },
  recreate: {
    title: 'Recreate which dev container?',
    suits: canRecreate,
    none: 'There is no dev container to recreate.',
  },
  showChanges: {
    title: 'Show the changes of which dev container?',
    suits: (item) => item.dirty,
    none: 'All dev containers match their configurations.',
  },
  markClean: {
    title: 'Accept which dev container as it is?',
    suits: (item) => item.dirty && !item.problem,
    none: 'All dev containers match their configurations.',
  },
  openConfig: {
    title: 'Open the configuration of which dev container?',
    suits: (item) => item.configFile !== undefined,
    none: 'There is no configuration to open.',
  },
  cancelJob: {
    title: 'Cancel which job?',
    suits: (item) => !isIdle(item),
    none: 'Nothing is being created or recreated.',
  },
  showLog: {
    title: 'Show the log of which dev container?',
    suits: () => true,
    none: 'There are no dev containers.',
    needsNoChoice: true,
  },
  copyId: {
    title: 'Copy the container ID of which dev container?',
    suits: (item) => item.containerId !== undefined,
    none: 'No dev container has a container.',
  },
} satisfies Record<string, Question>;

async function job(
  parts: CommandParts,
  kind: JobKind,
  item: DevContainer,
  argument: unknown,
  noCache = false,
): Promise<JobOutcome | undefined> {
  parts.trust.check();
  if (!isUnattended(argument) && !(await parts.trust.confirmForeign(item, parts.configs))) return undefined;
  return parts.jobs.run(kind, item, { noCache });
}

async function showChanges(parts: CommandParts, item: DevContainer): Promise<void> {
  if (await parts.documents.show(item)) return;
  await openConfig(item);
  void window.showInformationMessage(
    `${oneLine(item.name)} was made by another tool, so what it was made from is not known in full.`,
  );
}

async function markClean(parts: CommandParts, item: DevContainer): Promise<void> {
  const facts = parts.inventory.facts(item.key);
  const subject = facts && parts.inventory.caseOf(facts);
  const reading = item.configFile ? await parts.configs.read(item.configFile) : undefined;
  if (!subject || reading?.status !== 'ok') {
    throw new ShipshapeError('invalidConfig', `${item.name}: there is no readable configuration to accept.`);
  }
  parts.drift.record(subject, reading, 'accepted');
}

async function openConfig(item: DevContainer): Promise<void> {
  if (!item.configFile)
    throw new ShipshapeError('notFound', `${item.name} does not say which configuration made it.`);
  const document = await workspace.openTextDocument(Uri.file(item.configFile));
  const place = item.problem ? { selection: lineRange(item.problem.line, item.problem.column) } : {};
  await window.showTextDocument(document, { preview: true, preserveFocus: true, ...place });
}
