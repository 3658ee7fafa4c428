import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { keyOf } from '../../../src/core/identity';
import { settle, type Attempt } from '../../../src/core/outcome';
import type { CliResult, ContainerFacts } from '../../../src/core/ports';
import { setAsideNameFor } from '../../../src/core/swap';
import { cliResult } from '../../support/fakeCore';
import { container, devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const KEY = keyOf({ engine: 'fake', workspaceFolder: '/w', configFile: FILE });
const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
const ASIDE = 'ca_before_aaaaaaaa';
const cancelled = new ShipshapeError('cancelled', 'Cancelled.');
const buildFailure = { kind: 'build', message: 'Step 3 failed.', file: '/w/Dockerfile', line: 3 } as const;

/** The container before the job, and what the job did to it: nothing, set aside, or removed. */
type Old = 'untouched' | 'aside' | 'gone' | 'stoppedBefore';

function setUp(
  old: Old | undefined,
  made: readonly ContainerFacts[],
  bystanders: readonly ContainerFacts[] = [],
) {
  const engine = new FakeEngine();
  const all: ContainerFacts[] = [...made, ...bystanders];
  if (old === 'untouched') all.push(devContainer('a', '/w', FILE));
  if (old === 'stoppedBefore') all.push(devContainer('a', '/w', FILE, { state: 'exited' }));
  if (old === 'aside') {
    all.push(devContainer('a', '/w', FILE, { name: ASIDE, state: 'exited', finishedAt: 1000 }));
  }
  for (const facts of all) engine.containers.set(facts.id, facts);
  const wasRunning = old !== 'stoppedBefore';
  const replaced = { id: OLD, name: 'ca', setAsideName: ASIDE, wasRunning };
  const before = new Set(old === undefined ? [] : [OLD]);
  const attempt: Attempt = { key: KEY, engine, before, ...(old === undefined ? {} : { replaced }) };
  const run = (result: CliResult | Error) => settle(attempt, result, 77);
  const left = (): string[] => [...engine.containers.values()].map((c) => `${c.name} ${c.state}`).sort();
  return { engine, attempt, run, left };
}

const running = devContainer('b', '/w', FILE, { createdAt: 2, startedAt: 1750 });
const ended = devContainer('b', '/w', FILE, { state: 'exited', exitCode: 3 });
const created = devContainer('c', '/w', FILE, { state: 'created', createdAt: 1 });

describe('settle, after a success', () => {
  test('the old container goes once the new one runs', async () => {
    const { run, left } = setUp('aside', [running]);
    const { outcome, made } = await run(cliResult({ containerId: NEW }));
    expect(outcome).toEqual({
      outcome: 'succeeded',
      containerId: NEW,
      previousContainerId: OLD,
      downtimeMs: 750,
      logFile: '/log',
    });
    expect(made?.id).toBe(NEW);
    expect(left()).toEqual(['cb running']);
  });

  test('the old one may be gone, as with Compose; downtime begins when it was given up', async () => {
    const { run, left } = setUp('gone', [running]);
    const { outcome } = await run(cliResult({ containerId: NEW, replacedAt: 1500 }));
    expect(outcome).toMatchObject({ outcome: 'succeeded', downtimeMs: 250 });
    expect(left()).toEqual(['cb running']);
  });

  test('one that did not run had no downtime', async () => {
    const { run } = setUp('stoppedBefore', [running]);
    expect((await run(cliResult({ containerId: NEW }))).outcome).toMatchObject({ downtimeMs: 0 });
  });

  test('a first container is what the job made', async () => {
    const { run } = setUp(undefined, [running]);
    const { outcome, made } = await run(cliResult());
    expect(outcome).toMatchObject({ outcome: 'succeeded', containerId: NEW, downtimeMs: 0 });
    expect(made?.id).toBe(NEW);
  });

  test('a container that was there and was started is not one that the job made', async () => {
    const { attempt, run } = setUp(undefined, [devContainer('a', '/w', FILE)]);
    (attempt.before as Set<string>).add(OLD);
    const { outcome, made } = await run(cliResult({ containerId: OLD }));
    expect(outcome).toMatchObject({ outcome: 'succeeded', containerId: OLD });
    expect(made).toBeUndefined();
  });
});

describe('settle, where the word of the CLI is not enough', () => {
  test.each([
    [
      'the new container ended at once',
      [ended],
      'The new container ended right after its start (exit code 3).',
    ],
    ['no new container is there', [], 'No new container was created.'],
  ])('%s: the old one is put back', async (_, made, message) => {
    const { run, left } = setUp('aside', made);
    const { outcome } = await run(cliResult({ containerId: NEW }));
    expect(outcome).toMatchObject({
      outcome: 'rolledBack',
      containerId: OLD,
      downtimeMs: 1000,
      failure: { kind: 'run', at: 77, message: `${message} The container it had is running again.` },
    });
    expect(left()).toEqual(['ca running']);
  });
});

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
    const { outcome, made } = await run(result);
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
    expect(left()).toEqual(['cb running']);
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

test.each([
  ['ca', ASIDE],
  ['weird name/ü', 'weird-name--_before_aaaaaaaa'],
  ['x'.repeat(500), `${'x'.repeat(120)}_before_aaaaaaaa`],
])('a container called %s is set aside as %s', (name, aside) => {
  expect(setAsideNameFor(container('a', { name }))).toBe(aside);
});
