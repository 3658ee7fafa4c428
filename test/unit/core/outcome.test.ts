import { describe, expect, test } from 'vitest';
import { ended, FILE, NEW, OLD, running, setUp } from '../../support/aftermath';
import { cliResult } from '../../support/fakeCore';
import { devContainer } from '../../support/fakeEngine';

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
