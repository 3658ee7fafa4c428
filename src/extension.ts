import { join } from 'node:path';
import { window, workspace, type ExtensionContext } from 'vscode';
import type { DevContainer, ShipshapeApi } from './api';
import { messageOf } from './common/errors';
import { later } from './common/later';
import { hostTimers as timers, inTurns } from './common/scheduling';
import { Configs } from './core/configs';
import { Drift } from './core/drift';
import { EngineChoice } from './core/engineChoice';
import { Engines } from './core/engines';
import { Folders } from './core/folders';
import { ImageStatuses } from './core/imageStatuses';
import { ImageTags } from './core/imageTags';
import { Inputs } from './core/inputs';
import { Inventory } from './core/inventory';
import { JobBoard } from './core/jobBoard';
import type { JobParts } from './core/jobParts';
import { Journal } from './core/journal';
import { News } from './core/news';
import type { InputReading } from './core/ports';
import { publicApi } from './core/publicApi';
import { PreviousContainers } from './core/previous';
import { Recovery } from './core/recovery';
import { Recreate } from './core/recreate';
import type { Judging } from './core/verdict';
import { FileConfigReader } from './devcontainers/configReader';
import { FileConfigWatcher } from './devcontainers/configWatcher';
import { QuietMounts } from './devcontainers/quietMounts';
import { hostFolders } from './devcontainers/hostFolders';
import { placesIn } from './devcontainers/jsonc';
import { isReallyInside } from './devcontainers/readableFolders';
import { LocalEngines } from './engine/engineSource';
import { hostProcesses } from './storage/processes';
import { lateCli, lateFeatures, lateFinder, lateImages, lateInputReader } from './lateParts';
import { FileRecords } from './storage/fileRecords';
import { ChangedFileDecorations } from './ui/changedFiles';
import { contributedIds, registerCommands } from './ui/registerCommands';
import { keepContextKeys } from './ui/contextKeys';
import { Jobs } from './ui/jobs';
import { Logs } from './ui/logs';
import { MadeFromDocuments } from './ui/madeFromDocuments';
import { memoryOf } from './ui/memory';
import { LOG_SCHEME } from './ui/runParts';
import type { Runs } from './ui/runs';
import type { RecreateReview } from './ui/recreateReview';
import { settings } from './ui/settings';
import { Filter } from './ui/tree/filter';
import { ContainersView } from './ui/tree/containersView';
import { DevContainersView } from './ui/tree/devContainersView';
import { decorateImages } from './ui/tree/imageDecorations';
import { Trust } from './ui/trust';
import { listenToWorkspace } from './ui/workspaceEvents';

const BUNDLED_CLI = 'dist/devcontainers-cli/dist/spec-node/devContainersSpecCLI.js';

/**
 * Builds the parts and hands each what it needs. Asks nothing of engine or disk before it has returned. All is disposed
 * with the context's subscriptions; running jobs write to files and outlive the window.
 */
export function activate(context: ExtensionContext): ShipshapeApi {
  const began = performance.now();
  const keep = <T extends { dispose(): void }>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const logger = keep(window.createOutputChannel('Shipshape', { log: true }));
  const storage = context.globalStorageUri.fsPath;
  const trust = new Trust(context);
  const memory = memoryOf(context);
  const { placements } = memory;

  const isTrusted = (): boolean => workspace.isTrusted;
  const mayReadFile = (path: string) => isReallyInside(path, trust.folders);
  const reader = new FileConfigReader({ mayRead: mayReadFile });
  const watching = { logger, mounts: new QuietMounts(logger) };
  const watcher = keep(new FileConfigWatcher(watching));
  const configs = keep(new Configs(lateFinder({ logger }), reader, watcher, timers, logger));
  const engines = keep(new Engines(timers, logger));
  let judging: Judging;
  const drift = keep(
    new Drift(new FileRecords(join(storage, 'made-from'), logger), reader, () => judging, logger),
  );
  const board = keep(new JobBoard(new FileRecords(join(storage, 'failures'), logger), logger));
  const previous = keep(new PreviousContainers(new FileRecords(join(storage, 'previous'), logger), logger));
  const mayRead = (folder: string): boolean => trust.mayRead(folder);
  const inputWatcher = keep(new FileConfigWatcher({ ...watching, tellsAdded: true, safetyNetMs: 120_000 }));
  const inputReader = lateInputReader({ mayRead: mayReadFile, isTrusted, logger });
  const recorded = (configFile: string): readonly InputReading[] => drift.inputsOf(configFile);
  const inputs = keep(
    new Inputs(
      { read: async (request) => (await inputReader()).read(request) },
      inputWatcher,
      recorded,
      timers,
    ),
  );
  const images = keep(new ImageTags(engines, logger));
  const statuses = keep(new ImageStatuses(new FileRecords(join(storage, 'images'), logger), timers, logger));
  const folders = keep(new Folders(hostFolders));
  const inventory = keep(
    new Inventory(
      {
        ...{ engines, configs, inputs, images, statuses, drift, board, previous, folders },
        ...{ mayRead, placements },
      },
      timers,
    ),
  );
  const journal = new Journal(new FileRecords(join(storage, 'journal'), logger), hostProcesses, logger);
  const bundledCli = context.asAbsolutePath(BUNDLED_CLI);
  const cli = lateCli({
    ...{ storage, logger, bundledCli },
    keptLogs: async () => (await history()).logFiles(),
  });
  const steps = later(() => import('./core/jobSteps'));
  const history = later(async () => {
    const { History } = await steps();
    return new History(new FileRecords(join(storage, 'history'), logger), logger);
  });
  const parts: JobParts = {
    ...{ engines, inventory, configs, inputs, drift, board, journal, previous, timers, logger },
    cli: {
      up: async (...args) => (await cli()).up(...args),
      follow: async (...args) => (await cli()).follow(...args),
    },
    findLogin: async (reference) => (await imageParts.images()).login(reference),
    openLog: async (job) => {
      const { JobLog } = await steps();
      return new JobLog({ board, history: await history(), timers }, job);
    },
    settings: {
      parallel: settings.parallelJobs,
      secretsFile: settings.secretsFile,
      onHookFailure: settings.onHookFailure,
      keepsOld: settings.keepsOld,
      healthMs: settings.healthMs,
    },
  };
  const recreate = new Recreate(parts, steps);
  const recovery = keep(new Recovery({ engines, journal, drift, board, previous, recreate, timers, logger }));

  const filter = keep(new Filter());
  const view = keep(new DevContainersView(inventory, filter, board, () => trust.folders));
  const others = keep(new ContainersView(inventory, filter, () => trust.folders));
  keep(keepContextKeys(inventory));
  const logs = keep(new Logs(logger, inventory, board));
  const runs = later(async (): Promise<Runs> => {
    const { Runs } = await import('./ui/runs');
    const { FileLogs } = await import('./devcontainers/jobLogs');
    const reader = new FileLogs(settings.secretsFile);
    return keep(
      new Runs({ board, reader, history: await history(), isWanted: (level) => logs.isWanted(level) }),
    );
  });
  keep(
    workspace.registerTextDocumentContentProvider(LOG_SCHEME, {
      provideTextDocumentContent: async (uri) => (await runs()).text(uri),
    }),
  );
  const documents = keep(new MadeFromDocuments(inventory, drift));
  keep(new ChangedFileDecorations(inventory));
  keep(decorateImages());
  // Nothing is wrong before a configuration has been read.
  const firstRead = keep(
    configs.onDidChange(() => {
      firstRead.dispose();
      void import('./ui/configDiagnostics').then(({ ConfigDiagnostics }) =>
        keep(new ConfigDiagnostics(configs, placesIn, inputs)),
      );
    }),
  );
  const audience = {
    isOfWorkspace: ({ workspaceFolder }: DevContainer) => trust.isOpen(workspaceFolder),
    isIgnored: ({ workspaceFolder }: DevContainer) => settings.isIgnored(workspaceFolder),
  };
  const news = keep(new News(inventory, memory.told, audience, timers));
  const notices = later(() => import('./ui/notifications'));
  keep(news.onDidBecomeDue(async (items) => (await notices()).tellOfChanges(items, inventory)));
  const jobs = keep(new Jobs({ recreate, board, inventory, logs, runs, reveal: (key) => view.reveal(key) }));
  const review = later(async (): Promise<RecreateReview> => {
    const { LossDocument, RecreateReview } = await import('./ui/recreateReview');
    return new RecreateReview({
      ...{ inventory, engines, configs, trust, timers, logger },
      document: keep(new LossDocument()),
      memory: context.globalState,
    });
  });

  const imageParts = lateImages(
    {
      ...{ inventory, engines, inputs, statuses, recreate, isTrusted, timers, logger },
      memory: memory.imagesChecked,
    },
    storage,
    keep,
  );

  const choice = keep(
    new EngineChoice({
      ...{ engines, board, logger },
      source: new LocalEngines({ setting: settings.engineHost, logger }),
      memory: memory.engines,
    }),
  );
  const refresh = async (): Promise<void> => {
    await choice.connect();
    await Promise.all([engines.refresh(), configs.walk(), watcher.check()]);
    await Promise.all([configs.check(), inputs.check(), folders.check()]);
  };
  const commandTable = later(async () =>
    (await import('./ui/commands')).commandTable({
      ...{ inventory, engines, configs, inputs, drift, recreate, jobs, logs, runs, documents, trust },
      ...{ review, filter, choice, logger, images: imageParts.images, updates: imageParts.updates },
      features: lateFeatures(storage, bundledCli),
      rare: later(() => import('./ui/rareCommands')),
      refresh,
    }),
  );
  keep(registerCommands(contributedIds(context.extension.packageJSON), commandTable, logger));
  keep(
    listenToWorkspace({
      configs,
      inputs,
      watchers: [watcher, inputWatcher, folders],
      news,
      engines,
      choice,
      trust,
      views: [view, others],
      onEngineSetting: () => choice.connect(),
      planImages: imageParts.plan,
    }),
  );

  void inTurns([
    () => recovery.start(),
    () => {
      const judged = import('./core/verdict').then((part) => (judging = part));
      void Promise.all([judged, drift.load(), board.load(), previous.load()])
        .then(() => Promise.all([choice.connect(), configs.setFolders(trust.folders), trust.remember()]))
        .catch((error: unknown) => logger.error(messageOf(error)));
    },
    () => choice.follow(),
    () =>
      void statuses
        .load()
        .then(imageParts.plan)
        .catch((error: unknown) => logger.error(messageOf(error))),
  ]);
  logger.info(`Activated in ${(performance.now() - began).toFixed(1)} ms.`);
  return publicApi({
    ...{ inventory, recreate, isTrusted },
    checkImages: async (options) => (await imageParts.images()).check(options),
    update: async (keys, options) => (await imageParts.updates()).update(keys, options),
  });
}
