import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { cliResult } from '../../support/fakeCore';
import { devContainer } from '../../support/fakeEngine';
import { FILE, NEW, OLD, replace, started } from '../../support/recreateCases';

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

  test('the lockfile that its own build wrote is no change, another input that changed during it is one', async () => {
    const core = await started();
    const lockfile = (version: string) =>
      ({ kind: 'lockfile', input: 'devcontainer-lock.json', values: { 'ghcr.io/f:1': version } }) as const;
    const dockerfile = (base: string) =>
      ({ kind: 'dockerfile', input: 'Dockerfile', values: { '': [`FROM ${base}`] } }) as const;
    core.inputReader.put(FILE, lockfile('1.0.0'), dockerfile('a'));
    await core.inputs.read({ workspaceFolder: '/w', configFile: FILE, config: { image: 'image:1' } });
    core.cli.run = (request) => {
      core.inputReader.put(FILE, lockfile('1.0.1'), dockerfile('b'));
      return replace(core, request);
    };
    await core.recreate.run('recreate', core.key);
    const checked = core.inputs.check();
    await core.timers.pass(2_000);
    await checked;
    expect(core.inventory.current().devContainers.find(({ key }) => key === core.key)).toMatchObject({
      dirty: true,
      changes: [{ input: 'Dockerfile', to: 'FROM b' }],
    });
  });

  test('starting replaces nothing, and only claims the dev container', async () => {
    const core = await started([]);
    core.cli.run = (request) => {
      const entries = [...core.journalRecords.values.values()];
      expect(entries).toMatchObject([
        { version: 1, key: core.key, engine: 'fake', owner: '100', job: { kind: 'up' } },
      ]);
      expect(entries[0]).not.toHaveProperty('job.replaced');
      return replace(core, request);
    };
    expect(await core.recreate.run('up', core.key)).toMatchObject({ outcome: 'succeeded', containerId: NEW });
    expect(core.cli.requests[0]).not.toHaveProperty('replace');
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('a Compose container is copied, not set aside: Compose would find it under any name', async () => {
    const labels = { 'com.docker.compose.project': 'p' };
    const core = await started([devContainer('a', '/w', FILE, { labels })]);
    await core.recreate.run('recreate', core.key);
    expect(core.cli.requests[0]?.replace).toEqual({
      containerId: OLD,
      copyName: 'shipshape/copy:aaaaaaaaaaaa',
    });
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
