/** The core on fakes: every part of it is real, everything outside of it is held in memory. */
import { silentLogger as logger } from '../../src/common/logger';
import { isInside } from '../../src/core/identity';
import { History } from '../../src/core/history';
import { JobLog } from '../../src/core/jobLog';
import { Journal } from '../../src/core/journal';
import { processes } from './fakeProcesses';
import type { CliListener, CliRequest, CliResult, CliRun, DevContainerCli } from '../../src/core/ports';
import type { SwapPolicy } from '../../src/core/outcome';
import * as jobSteps from '../../src/core/jobSteps';
import { Recreate } from '../../src/core/recreate';
import { FakeDisk, FakeInputs, FakeRecords } from './fakeDisk';
import { FakeEngine } from './fakeEngine';
import { FakeTimers } from './fakeTimers';
import { inventoryParts } from './inventoryParts';

/** A CLI that does what the test says. */
class FakeCli implements DevContainerCli {
  readonly requests: CliRequest[] = [];
  run: (request: CliRequest, listener: CliListener, signal: AbortSignal) => Promise<CliResult> = () =>
    Promise.resolve(cliResult());

  readonly followed: CliRun[] = [];

  follow(run: CliRun, request: CliRequest, listener: CliListener, signal: AbortSignal): Promise<CliResult> {
    this.followed.push(run);
    return this.run(request, listener, signal);
  }

  up(request: CliRequest, listener: CliListener, signal: AbortSignal): Promise<CliResult> {
    this.requests.push(request);
    return this.run(request, listener, signal);
  }
}

export function cliResult(more: Partial<CliResult> = {}): CliResult {
  return { outcome: 'success', exitCode: 0, tail: [], logFile: '/log', ...more };
}

export type FakeCore = ReturnType<typeof fakeCore>;

/** A core that is not connected yet; `start` connects it. The workspace's folder is `/w`. */
export function fakeCore({ parallel = 2, folders = ['/w'], engines: fakes = [new FakeEngine()] } = {}) {
  const timers = new FakeTimers();
  const disk = new FakeDisk();
  const records = new FakeRecords();
  const journalRecords = new FakeRecords();
  const alive = new Set<string>();
  const cli = new FakeCli();
  const inputReader = new FakeInputs();
  const inputDisk = new FakeDisk();
  const missing = new Set<string>();
  const known = inventoryParts({
    ...{ timers, logger, finder: disk, reader: disk, watcher: disk, inputReader, inputWatcher: inputDisk },
    look: { exists: (folder) => Promise.resolve(!missing.has(folder)) },
    records: (of) => (of === 'made-from' ? records : new FakeRecords()),
    mayRead: (folder) => folders.some((each) => isInside(folder, each)),
  });
  const { engines, configs, inputs, statuses, drift, board, previous, inventory, placements } = known;
  const journal = new Journal(
    journalRecords,
    processes('100', (owner) => alive.has(owner)),
    logger,
  );
  const policy: SwapPolicy = { onHookFailure: 'keep', keepsOld: false, isOldSuperfluous: false };
  const chosen = { ...policy, healthMs: 60_000 };
  const settings = {
    parallel: () => parallel,
    secretsFile: () => undefined,
    onHookFailure: () => chosen.onHookFailure,
    keepsOld: () => chosen.keepsOld,
    healthMs: () => chosen.healthMs,
  };
  const history = new History(new FakeRecords(), logger);
  const recreate = new Recreate(
    {
      ...{
        engines,
        inventory,
        configs,
        inputs,
        drift,
        board,
        journal,
        previous,
        cli,
        timers,
        logger,
        settings,
      },
      findLogin: () => Promise.resolve(undefined),
      openLog: (job) => Promise.resolve(new JobLog({ board, history, timers }, job)),
    },
    () => Promise.resolve(jobSteps),
  );
  const [engine = new FakeEngine()] = fakes;
  return {
    ...{ timers, disk, records, journalRecords, alive, cli, engine, placements, missing },
    ...{ inputReader, inputDisk, statuses },
    ...{ configs, engines, inputs, drift, board, history, inventory, journal, previous, recreate, chosen },
    async start() {
      engines.use(fakes);
      await configs.setFolders(folders);
      await inventory.ready();
      // The pause that follows the first snapshot is over.
      await timers.pass(200);
      return inventory.current();
    },
  };
}
