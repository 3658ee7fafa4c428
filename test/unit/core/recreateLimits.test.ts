import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { Journal } from '../../../src/core/journal';
import { processes } from '../../support/fakeProcesses';
import type { CliResult } from '../../../src/core/ports';
import { cliResult, type FakeCore } from '../../support/fakeCore';
import { devContainer } from '../../support/fakeEngine';
import { held } from '../../support/held';
import { FILE, NEW, OLD, replace, started, THREE, TWO } from '../../support/recreateCases';

describe('Recreate, refusing', () => {
  test.each<[string, (core: FakeCore) => void, string, RegExp]>([
    [
      'broken',
      ({ disk }) => disk.files.set(FILE, { status: 'invalid', problem: { message: 'No comma', line: 3 } }),
      'invalidConfig',
      /devcontainer\.json:3 cannot be used: No comma/,
    ],
    ['gone', ({ disk }) => disk.files.delete(FILE), 'invalidConfig', /not there any more/],
  ])('a configuration that is %s, before anything is touched', async (_, make, code, message) => {
    const core = await started();
    make(core);
    await expect(core.recreate.run('recreate', core.key)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(core.cli.requests).toEqual([]);
    expect(core.journalRecords.values.size).toBe(0);
    expect(core.board.running).toEqual([]);
    expect(core.recreate.isRunning(core.key)).toBe(false);
  });

  test('an engine that does not answer, before anything is touched', async () => {
    const core = await started();
    core.engine.failure = new ShipshapeError('engineSilent', 'No answer.');
    await expect(core.recreate.run('recreate', core.key)).rejects.toMatchObject({ code: 'engineSilent' });
    expect(core.cli.requests).toEqual([]);
    expect(core.board.running).toEqual([]);
  });

  test('an unknown key, and a container that names no configuration (S4-14)', async () => {
    const core = await started([devContainer('a', '/elsewhere')]);
    await expect(core.recreate.run('recreate', 'x')).rejects.toMatchObject({ code: 'notFound' });
    const { key } = core.inventory.find({ workspaceFolder: '/elsewhere' });
    await expect(core.recreate.run('recreate', key)).rejects.toMatchObject({ code: 'notADevContainer' });
  });

  test('one whose job runs, here or in another window (S4-15)', async () => {
    const core = await started();
    const end = held<CliResult>();
    core.cli.run = () => end.promise;
    const first = core.recreate.run('recreate', core.key);
    await expect(core.recreate.run('up', core.key)).rejects.toMatchObject({
      code: 'busy',
      message: 'w is already being recreated.',
    });
    end.resolve(cliResult({ outcome: 'error' }));
    await first;
    core.alive.add('200');
    const other = new Journal(
      core.journalRecords,
      processes('200', () => true),
      silentLogger,
    );
    expect(await other.begin(core.key, core.engine)).toBe(true);
    await expect(core.recreate.run('up', core.key)).rejects.toMatchObject({ code: 'busy' });
    expect(core.board.running).toEqual([]);
    core.alive.clear();
    expect(await core.recreate.run('up', core.key)).toMatchObject({ outcome: 'failed' });
  });
});

describe('Recreate, in parallel', () => {
  test('runs as many as the setting says, the others in order; who is cancelled in the queue touches nothing', async () => {
    const core = await started([], 1);
    const ends = new Map([FILE, TWO, THREE].map((file) => [file, held<CliResult>()]));
    core.cli.run = ({ configFile }) => ends.get(configFile)?.promise ?? Promise.reject(new Error());
    const jobs = [FILE, TWO, THREE].map((file) => core.recreate.run('up', core.keyOf(file)));
    await core.timers.pass(1);
    expect(core.cli.requests.map((r) => r.configFile)).toEqual([FILE]);
    expect(core.board.get(core.keyOf(TWO))).toMatchObject({ phase: 'waiting for other jobs' });
    core.recreate.cancel(core.keyOf(TWO));
    expect(await jobs[1]).toEqual({ outcome: 'cancelled', downtimeMs: 0 });
    expect(core.board.running).toHaveLength(2);
    ends.get(FILE)?.resolve(cliResult());
    await jobs[0];
    await core.timers.pass(1);
    expect(core.cli.requests.map((r) => r.configFile)).toEqual([FILE, THREE]);
    ends.get(THREE)?.resolve(cliResult());
    await jobs[2];
    expect(core.board.running).toEqual([]);
  });

  test.each(['cancel', "the caller's signal"])(
    '%s ends the CLI, and the old container is back',
    async (how) => {
      const core = await started();
      const caller = new AbortController();
      core.cli.run = async (request, _, signal) => {
        await core.engine.stop(OLD);
        await core.engine.rename(OLD, request.replace?.setAsideName ?? '');
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw new ShipshapeError('cancelled', 'Cancelled.');
      };
      const job = core.recreate.run('recreate', core.key, { signal: caller.signal });
      await core.timers.pass(1);
      expect(core.cli.requests).toHaveLength(1);
      if (how === 'cancel') core.recreate.cancel(core.key);
      else caller.abort();
      expect(await job).toMatchObject({ outcome: 'cancelled', containerId: OLD });
      expect(core.engine.containers.get(OLD)).toMatchObject({ name: 'ca', state: 'running' });
      expect(core.item()).not.toHaveProperty('failure');
    },
  );

  test('an engine that hangs for a while is waited for, and then the old container comes back', async () => {
    const core = await started();
    core.cli.run = async (request) => {
      await replace(core, request);
      core.engine.containers.delete(NEW);
      core.engine.failure = new ShipshapeError('engineSilent', 'No answer.');
      return cliResult({ outcome: 'error' });
    };
    const end = core.recreate.run('recreate', core.key);
    await core.timers.pass(5_000);
    expect(core.board.get(core.key)?.phase).toBe('waiting for the engine');
    core.engine.failure = undefined;
    await core.timers.pass(5_000);
    expect(await end).toMatchObject({ outcome: 'rolledBack', containerId: OLD });
    expect(core.engine.containers.get(OLD)).toMatchObject({ name: 'ca', state: 'running' });
  });

  test('a container that goes when it stops is not touched', async () => {
    const core = await started([devContainer('a', '/w', FILE, { isRemovedWhenStopped: true })]);
    await expect(core.recreate.run('recreate', core.key)).rejects.toThrow(/started with --rm/);
    expect(core.cli.requests).toEqual([]);
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('its duplicates are hidden from the CLI too', async () => {
    const twin = devContainer('c', '/w', FILE, { state: 'exited' });
    const core = await started([devContainer('a', '/w', FILE), twin]);
    await core.recreate.run('recreate', core.key);
    expect(core.cli.requests[0]?.duplicates).toEqual([twin.id]);
  });

  test.each([{ signal: {} }, { signal: 'no' }])(
    'options that make no sense, %j, jam nothing',
    async (options) => {
      const core = await started();
      const run = core.recreate.run('recreate', core.key, options as never);
      await expect(run).rejects.toMatchObject({ code: 'invalidArgument' });
      expect(core.recreate.isRunning(core.key)).toBe(false);
      expect(core.board.running).toEqual([]);
    },
  );

  test('an engine that fails while things are put right leaves the journal, by which they are put right later', async () => {
    const core = await started();
    core.cli.run = async (request) => {
      await replace(core, request);
      core.engine.containers.delete(NEW);
      core.engine.failure = new ShipshapeError('engineSilent', 'No answer.');
      return cliResult({ outcome: 'error' });
    };
    const end = expect(core.recreate.run('recreate', core.key)).rejects.toMatchObject({
      code: 'engineSilent',
    });
    await core.timers.pass(60_000);
    await end;
    expect(core.journalRecords.values.size).toBe(1);
    expect(core.recreate.isRunning(core.key)).toBe(false);
    expect(core.board.running).toEqual([]);
    core.engine.failure = undefined;
    const { finished } = await core.journal.recover(
      core.engine,
      (key) => core.recreate.isRunning(key),
      (entry) => core.recreate.resume(entry),
    );
    await finished;
    expect(core.engine.containers.get(OLD)).toMatchObject({ name: 'ca', state: 'running' });
    expect(core.journalRecords.values.size).toBe(0);
  });
});
