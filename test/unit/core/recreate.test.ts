import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { Journal } from '../../../src/core/journal';
import type { CliRequest, CliResult, ContainerFacts } from '../../../src/core/ports';
import { cliResult, fakeCore, type FakeCore } from '../../support/fakeCore';
import { devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';
import { held } from '../../support/held';

const FILE = '/w/.devcontainer/devcontainer.json';
const TWO = '/w/.devcontainer/two/devcontainer.json';
const THREE = '/w/.devcontainer/three/devcontainer.json';
const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];

async function started(
  containers: readonly ContainerFacts[] = [devContainer('a', '/w', FILE)],
  parallel = 2,
) {
  const core = fakeCore({ parallel });
  for (const facts of containers) core.engine.containers.set(facts.id, facts);
  for (const file of [FILE, TWO, THREE]) core.disk.put(file, { image: 'image:1' });
  await core.start();
  const keyOf = (configFile: string): string =>
    core.inventory.find({ workspaceFolder: '/w', configFile }).key;
  const item = () => core.inventory.find({ workspaceFolder: '/w', configFile: FILE });
  return { ...core, keyOf, item, key: keyOf(FILE) };
}

/** What the CLI does with the engine: the old container steps aside, the new one runs. */
async function replace({ engine }: Pick<FakeCore, 'engine'>, request: CliRequest): Promise<CliResult> {
  const { containerId, setAsideName } = request.replace ?? {};
  if (containerId !== undefined) {
    await engine.stop(containerId);
    await engine.rename(containerId, setAsideName ?? '');
  }
  engine.containers.set(NEW, devContainer('b', '/w', request.configFile, { startedAt: 1200 }));
  return cliResult({ containerId: NEW });
}

describe('Recreate', () => {
  test('replaces the container, is clean after that and shows no trace of the job', async () => {
    const core = await started();
    core.disk.put(FILE, { image: 'image:2' });
    await core.configs.check();
    expect(core.inventory.current().devContainers.map((d) => d.dirty)).toContain(true);
    core.cli.run = (request) => replace(core, request);
    const outcome = await core.recreate.run('recreate', core.key, { noCache: true });
    expect(outcome).toEqual({
      ...{ outcome: 'succeeded', containerId: NEW, previousContainerId: OLD },
      ...{ downtimeMs: 200, logFile: '/log' },
    });
    expect(core.cli.requests).toMatchObject([
      {
        workspaceFolder: '/w',
        configFile: FILE,
        noCache: true,
        replace: { containerId: OLD, setAsideName: 'ca_before_aaaaaaaa' },
      },
    ]);
    expect(core.item()).toMatchObject({ containerId: NEW, dirty: false, activity: 'idle', name: 'w' });
    expect(core.item()).not.toHaveProperty('job');
    expect([...core.engine.containers.keys()]).toEqual([NEW]);
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('an edit during the build stays a change', async () => {
    const core = await started();
    core.cli.run = (request) => {
      core.disk.put(FILE, { image: 'image:2' });
      core.disk.touch(FILE);
      return replace(core, request);
    };
    await core.recreate.run('recreate', core.key);
    expect(core.item()).toMatchObject({ dirty: true, changes: [{ property: 'image', to: '"image:2"' }] });
  });

  test('starting replaces nothing, and only claims the dev container', async () => {
    const core = await started([]);
    core.cli.run = (request) => {
      const entries = [...core.journalRecords.values.values()];
      expect(entries).toEqual([{ version: 1, key: core.key, engine: 'fake', owner: '100' }]);
      return replace(core, request);
    };
    expect(await core.recreate.run('up', core.key)).toMatchObject({ outcome: 'succeeded', containerId: NEW });
    expect(core.cli.requests[0]).not.toHaveProperty('replace');
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('a Compose container is not set aside: Compose would find it under any name', async () => {
    const labels = { 'com.docker.compose.project': 'p' };
    const core = await started([devContainer('a', '/w', FILE, { labels })]);
    await core.recreate.run('recreate', core.key);
    expect(core.cli.requests[0]?.replace).toEqual({ containerId: OLD });
  });

  test('tells what it does while it does it', async () => {
    const core = await started();
    const seen: unknown[] = [];
    core.board.onDidChange((key) => {
      const job = core.board.get(key);
      seen.push(job && [job.activity, job.phase, job.replaces?.[0]]);
    });
    core.cli.run = (request, listener) => {
      expect(core.journalRecords.values.size).toBe(1);
      listener.onProgress({ kind: 'build', step: 1, steps: 2 });
      listener.onProgress({ kind: 'create' });
      return replace(core, request);
    };
    await core.recreate.run('recreate', core.key);
    expect(seen).toEqual([
      ['recreating', 'waiting for other jobs', undefined],
      ['recreating', 'reading the configuration', undefined],
      ['building', 'building, step 1 of 2', 'a'],
      ['recreating', 'creating the container', 'a'],
      ['recreating', 'checking the result', 'a'],
      undefined,
    ]);
  });

  test('a failure leaves the old container running and stays on it', async () => {
    const core = await started();
    const failure = { kind: 'build', message: 'Step 3 failed.' } as const;
    core.cli.run = () => Promise.resolve(cliResult({ outcome: 'error', failure }));
    expect(await core.recreate.run('recreate', core.key)).toMatchObject({
      outcome: 'failed',
      containerId: OLD,
    });
    expect(core.item()).toMatchObject({ containerId: OLD, state: 'running', failure: { kind: 'build' } });
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('a CLI that cannot be started is an outcome', async () => {
    const core = await started();
    core.cli.run = () => Promise.reject(new ShipshapeError('cliMissing', 'No CLI.'));
    const outcome = await core.recreate.run('recreate', core.key);
    expect(outcome).toMatchObject({ outcome: 'failed', failure: { kind: 'other' } });
    expect(outcome.failure?.message).toMatch(/^No CLI\./);
  });
});

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
    const other = new Journal(core.journalRecords, '200', () => true, silentLogger);
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

  test('an engine that fails while things are put right leaves the journal, by which they are put right later', async () => {
    const core = await started();
    core.cli.run = async (request) => {
      await replace(core, request);
      core.engine.containers.delete(NEW);
      core.engine.failure = new ShipshapeError('engineSilent', 'No answer.');
      return cliResult({ outcome: 'error' });
    };
    await expect(core.recreate.run('recreate', core.key)).rejects.toMatchObject({ code: 'engineSilent' });
    expect(core.journalRecords.values.size).toBe(1);
    expect(core.recreate.isRunning(core.key)).toBe(false);
    expect(core.board.running).toEqual([]);
    core.engine.failure = undefined;
    await core.journal.recover(core.engine, (key) => core.recreate.isRunning(key));
    await settle();
    expect(core.engine.containers.get(OLD)).toMatchObject({ name: 'ca', state: 'running' });
    expect(core.journalRecords.values.size).toBe(0);
  });
});
