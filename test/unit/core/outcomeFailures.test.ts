import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { settle } from '../../../src/core/outcome';
import type { CliResult } from '../../../src/core/ports';
import { ASIDE, created, ended, FILE, NEW, OLD, running, setUp } from '../../support/aftermath';
import { cliResult } from '../../support/fakeCore';
import { container, devContainer } from '../../support/fakeEngine';

const cancelled = new ShipshapeError('cancelled', 'Cancelled.');
const buildFailure = { kind: 'build', message: 'Step 3 failed.', file: '/w/Dockerfile', line: 3 } as const;

describe('settle, after a failure', () => {
  test('an old container that was not touched is not touched', async () => {
    const { engine, run, left } = setUp('untouched', []);
    const { outcome, made } = await run(cliResult({ outcome: 'error', failure: buildFailure }));
    expect(outcome).toMatchObject({
      outcome: 'failed',
      containerId: OLD,
      downtimeMs: 0,
      failure: { ...buildFailure, message: 'Step 3 failed. The container it had is still running.', at: 77 },
    });
    expect(made).toBeUndefined();
    expect(left()).toEqual(['ca running']);
    expect(engine.calls.filter((call) => /change|remove/.test(call))).toEqual([]);
  });

  test.each<[string, CliResult | Error, string, string]>([
    [
      'a failed run',
      cliResult({ outcome: 'error', failure: { kind: 'run', message: 'Port taken.' } }),
      'rolledBack',
      'Port taken.',
    ],
    ['a cancel', cancelled, 'cancelled', 'Cancelled.'],
    ['a CLI that cannot be started', new ShipshapeError('cliMissing', 'No CLI.'), 'rolledBack', 'No CLI.'],
    [
      'a CLI that died',
      cliResult({ outcome: undefined, exitCode: 137, tail: ['x', 'boom'] } as never),
      'rolledBack',
      'The Dev Containers CLI ended with exit code 137: boom',
    ],
    [
      'a CLI that was killed',
      { tail: [], logFile: '/log' },
      'rolledBack',
      'The Dev Containers CLI ended with a signal.',
    ],
  ])(
    'after %s the old container is back in its place and what was made is gone',
    async (_, result, word, why) => {
      const { run, left } = setUp('aside', [created]);
      const { outcome } = await run(result);
      expect(outcome).toMatchObject({
        outcome: word,
        containerId: OLD,
        failure: { message: `${why} The container it had is running again.` },
      });
      expect(left()).toEqual(['ca running']);
    },
  );

  test('a new container that runs already is given up when the user cancels', async () => {
    const { run, left } = setUp('aside', [running]);
    expect((await run(cancelled)).outcome).toMatchObject({ outcome: 'cancelled', containerId: OLD });
    expect(left()).toEqual(['ca running']);
  });

  test('what is made is removed before the old one starts: they may want the same port', async () => {
    const { engine, run } = setUp('aside', [ended, created]);
    await run(cancelled);
    const acts = engine.calls.filter((call) => /change|remove/.test(call)).map((call) => call.slice(0, 11));
    expect(acts).toEqual(['remove bbbb', 'remove cccc', 'change aaaa', 'change aaaa']);
  });

  test('an old one that did not run is put back without a start', async () => {
    const { engine, attempt, left } = setUp('stoppedBefore', [created]);
    engine.containers.set(OLD, devContainer('a', '/w', FILE, { name: ASIDE, state: 'exited' }));
    const { outcome } = await settle(attempt, cancelled, 1);
    expect(outcome).toMatchObject({ outcome: 'cancelled', downtimeMs: 0 });
    expect(outcome.failure?.message).toBe('Cancelled. The container it had is unchanged.');
    expect(left()).toEqual(['ca exited']);
  });

  test('only containers of this dev container that came during the job are removed', async () => {
    const bystanders = [
      container('1', { name: 'plain', state: 'created' }),
      devContainer('2', '/w', '/w/.devcontainer.json', { name: 'other config', state: 'created' }),
      devContainer('3', '/x', FILE, { name: 'other folder', state: 'created' }),
      devContainer('4', '/w', FILE, { name: 'old duplicate', state: 'exited' }),
    ];
    const { attempt, run, left } = setUp('aside', [created], bystanders);
    (attempt.before as Set<string>).add('4'.repeat(64));
    await run(cancelled);
    expect(left()).toEqual([
      'ca running',
      'old duplicate exited',
      'other config created',
      'other folder created',
      'plain created',
    ]);
  });

  test('with the old one gone, a new one that runs stays and is told as failed', async () => {
    const { run, left } = setUp('gone', [running]);
    const { outcome, made } = await run(
      cliResult({ outcome: 'error', failure: { kind: 'other', message: 'Odd.' } }),
    );
    expect(outcome).toMatchObject({ outcome: 'failed', containerId: NEW, failure: { kind: 'other' } });
    expect(made?.id).toBe(NEW);
    expect(left()).toEqual(['cb running']);
  });

  test('with the old one gone and no new one that runs, it says so', async () => {
    const { run, left } = setUp('gone', [ended]);
    const { outcome } = await run(cliResult({ outcome: 'error', failure: buildFailure }));
    expect(outcome.outcome).toBe('failed');
    expect(outcome).not.toHaveProperty('containerId');
    expect(outcome.failure?.message).toBe('Step 3 failed. The container it had is gone.');
    expect(left()).toEqual([]);
  });

  test.each([
    ['an unfinished container', [created], 'The unfinished container was removed.'],
    ['nothing', [], 'No container was created.'],
  ])('a first start that left %s leaves nothing', async (_, made, state) => {
    const { run, left } = setUp(undefined, made);
    const { outcome } = await run(cancelled);
    expect(outcome).toMatchObject({ outcome: 'cancelled', failure: { message: `Cancelled. ${state}` } });
    expect(outcome).not.toHaveProperty('containerId');
    expect(left()).toEqual([]);
  });

  test('a container that was there and could not be started stays, and the failure is its', async () => {
    const { attempt, run, left } = setUp(undefined, [devContainer('a', '/w', FILE, { state: 'exited' })]);
    (attempt.before as Set<string>).add(OLD);
    const { outcome } = await run(
      cliResult({ outcome: 'error', failure: { kind: 'run', message: 'Port taken.' } }),
    );
    expect(outcome).toMatchObject({
      outcome: 'failed',
      containerId: OLD,
      failure: { message: 'Port taken. The container it had is still there.' },
    });
    expect(left()).toEqual(['ca exited']);
  });
});

describe('settle, after a hook failed', () => {
  const hook = { kind: 'lifecycle', message: 'postCreateCommand failed.' } as const;
  const result = cliResult({ outcome: 'error', containerId: NEW, failure: hook });

  test('a new container that runs is what the user has now', async () => {
    const { run, left } = setUp('aside', [running]);
    const { outcome, made, keepsOld } = await run(result);
    expect(outcome).toMatchObject({
      outcome: 'failed',
      containerId: NEW,
      failure: {
        kind: 'lifecycle',
        message:
          'postCreateCommand failed. The container is running, but not set up as its configuration says.',
      },
    });
    expect(made?.id).toBe(NEW);
    // The way back stays open.
    expect(keepsOld).toBe(true);
    expect(left()).toEqual([`${ASIDE} exited`, 'cb running']);
  });

  test('a new container is given up for the old one where the user wants that', async () => {
    const { attempt, left } = setUp('aside', [running]);
    const policy = { onHookFailure: 'rollBack', keepsOld: false, isOldSuperfluous: false } as const;
    const { outcome } = await settle({ ...attempt, policy }, result, 77);
    expect(outcome).toMatchObject({
      ...{ outcome: 'rolledBack', containerId: OLD },
      failure: { message: 'postCreateCommand failed. The container it had is running again.' },
    });
    expect(left()).toEqual(['ca running']);
  });

  test('an old one that failed itself is not kept beside one that worked', async () => {
    const { attempt, left } = setUp('aside', [running]);
    const policy = { onHookFailure: 'keep', keepsOld: false, isOldSuperfluous: true } as const;
    const { keepsOld } = await settle({ ...attempt, policy }, result, 77);
    expect(keepsOld).toBe(false);
    expect(left()).toEqual(['cb running']);
  });

  test('the old container is never removed on the word that it is the new one', async () => {
    const { run, left } = setUp('untouched', []);
    const { made } = await run({ ...result, containerId: OLD });
    expect(made).toBeUndefined();
    expect(left()).toEqual(['ca running']);
  });

  test('a new container that does not run is given up for the old one', async () => {
    const { run, left } = setUp('aside', [ended]);
    expect((await run(result)).outcome).toMatchObject({ outcome: 'rolledBack', containerId: OLD });
    expect(left()).toEqual(['ca running']);
  });

  test('an engine that fails now makes it reject, so that it can be put right later', async () => {
    const { engine, run } = setUp('aside', [created]);
    engine.failure = new ShipshapeError('engineSilent', 'No answer.');
    await expect(run(cancelled)).rejects.toBe(engine.failure);
  });
});
