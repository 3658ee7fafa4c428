/** The core with real adapters, on plain Node: what `extension.ts` builds, without the editor. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevContainer, JobOutcome, Snapshot } from '../../src/api';
import { silentLogger, type Logger } from '../../src/common/logger';
import { hostTimers as timers } from '../../src/common/scheduling';
import { isInside } from '../../src/core/identity';
import { History } from '../../src/core/history';
import { JobLog } from '../../src/core/jobLog';
import { Journal } from '../../src/core/journal';
import type { LogLine } from '../../src/core/ports';
import { Recovery } from '../../src/core/recovery';
import * as jobSteps from '../../src/core/jobSteps';
import { Recreate } from '../../src/core/recreate';
import { DevContainersCli } from '../../src/devcontainers/cli';
import { FileConfigFinder } from '../../src/devcontainers/configFinder';
import { FileConfigReader } from '../../src/devcontainers/configReader';
import { FileConfigWatcher } from '../../src/devcontainers/configWatcher';
import { hostFolders } from '../../src/devcontainers/hostFolders';
import { FileInputReader } from '../../src/devcontainers/inputs/reader';
import { DockerEngine } from '../../src/engine/client';
import { resolveEndpoint } from '../../src/engine/endpoints';
import { FileRecords } from '../../src/storage/fileRecords';
import { hostProcesses } from '../../src/storage/processes';
import { inventoryParts } from './inventoryParts';

export interface CoreOptions {
  /** The engines, the first of which is the default. */
  readonly dockerHost: string | readonly string[];
  readonly folders: readonly string[];
  /** Kept by the caller to outlive this core; else a new one that is removed at the end. */
  readonly storage?: string;
  readonly logger?: Logger;
  readonly cliPath?: string;
  readonly parallel?: number;
  readonly onHookFailure?: 'keep' | 'rollBack';
  readonly keepsOld?: boolean;
  readonly healthMs?: number;
  /** The environment that the CLI gets; the test's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** False: don't wait for the engines. */
  readonly untilReady?: boolean;
  /** Stands for another window's process, which lives as long as the test. */
  readonly owner?: string;
}

/** Everything of a running core; `dispose` ends it. */
export type Core = Awaited<ReturnType<typeof startCore>>;

export async function startCore(options: CoreOptions) {
  const logger = options.logger ?? silentLogger;
  const storage = options.storage ?? (await mkdtemp(join(tmpdir(), 'shipshape-core-')));
  const isOurs = (path: string): boolean => options.folders.some((folder) => isInside(path, folder));
  const reader = new FileConfigReader({ mayRead: isOurs });
  const watcher = new FileConfigWatcher({ logger });
  const inputWatcher = new FileConfigWatcher({ logger, tellsAdded: true });
  const env = options.env ?? process.env;
  const records = (of: string): FileRecords => new FileRecords(join(storage, of), logger);
  const known = inventoryParts({
    ...{ timers, logger, reader, watcher, inputWatcher, records, mayRead: isOurs, look: hostFolders },
    finder: new FileConfigFinder({ logger }),
    inputReader: new FileInputReader({ mayRead: isOurs, isTrusted: () => true, env, logger }),
  });
  const { engines, configs, inputs, statuses, drift, board, previous, folders, inventory } = known;
  const journal = new Journal(
    records('journal'),
    options.owner === undefined
      ? hostProcesses
      : { ...hostProcesses, own: options.owner, isAlive: () => true },
    logger,
  );
  const history = new History(records('history'), logger);
  const cli = new DevContainersCli({
    storageFolder: storage,
    bundledCli: join(
      import.meta.dirname,
      '../../node_modules/@devcontainers/cli/dist/spec-node/devContainersSpecCLI.js',
    ),
    cliPath: () => options.cliPath,
    keptLogs: () => history.logFiles(),
    ...(options.env ? { env: options.env } : {}),
    logger,
  });
  const recreate = new Recreate(
    {
      ...{ engines, inventory, configs, inputs, drift, board, journal, previous, cli, timers, logger },
      findLogin: () => Promise.resolve(undefined),
      openLog: (job) => Promise.resolve(new JobLog({ board, history, timers }, job)),
      settings: {
        parallel: () => options.parallel ?? 2,
        secretsFile: () => undefined,
        onHookFailure: () => options.onHookFailure ?? 'keep',
        keepsOld: () => options.keepsOld ?? false,
        healthMs: () => options.healthMs ?? 60_000,
      },
    },
    () => Promise.resolve(jobSteps),
  );
  const recovery = new Recovery({ engines, journal, drift, board, previous, recreate, timers, logger });
  recovery.start();
  const lines: LogLine[] = [];
  board.onDidLog((batch) => lines.push(...batch.lines));

  await Promise.all([drift.load(), board.load(), previous.load(), statuses.load()]);
  const endpoints = await Promise.all([options.dockerHost].flat().map((host) => resolveEndpoint(host)));
  engines.use(endpoints.map((endpoint) => new DockerEngine(endpoint, { logger })));
  await configs.setFolders(options.folders);
  if (options.untilReady !== false) await inventory.ready();

  return {
    ...{ engines, configs, inputs, folders, drift, board, history, inventory, journal, previous, recreate },
    ...{ statuses, watcher, inputWatcher, lines, storage },
    item: (folder: string): DevContainer => inventory.find({ workspaceFolder: folder }),
    up: (folder: string): Promise<JobOutcome> =>
      recreate.run('up', inventory.find({ workspaceFolder: folder }).key),
    recreateFolder: (folder: string): Promise<JobOutcome> =>
      recreate.run('recreate', inventory.find({ workspaceFolder: folder }).key),
    /** Removes the folder's container, and ends. */
    async discard(folder: string): Promise<void> {
      const { engine, containerId } = inventory.find({ workspaceFolder: folder });
      if (containerId) await engines.find(engine)?.engine.remove(containerId);
      await this.dispose();
    },
    async dispose(): Promise<void> {
      for (const part of [recovery, known, watcher, inputWatcher]) part.dispose();
      if (options.storage === undefined) await rm(storage, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Settles with the first snapshot for which the condition holds; rejects after `ms` with what there was. */
export function snapshotWhere(
  core: Pick<Core, 'inventory'>,
  holds: (snapshot: Snapshot) => boolean,
  ms = 20_000,
): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      listening.dispose();
      reject(new Error(`Not so within ${ms} ms: ${JSON.stringify(core.inventory.snapshot, undefined, 1)}`));
    }, ms);
    const check = (snapshot: Snapshot): void => {
      if (!holds(snapshot)) return;
      clearTimeout(late);
      listening.dispose();
      resolve(snapshot);
    };
    const listening = core.inventory.onDidChange(({ snapshot }) => check(snapshot));
    check(core.inventory.current());
  });
}
