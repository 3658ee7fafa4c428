import { expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import type { Attempt } from '../../../src/core/outcome';
import { settlePatiently } from '../../../src/core/settling';
import { ASIDE, created, FILE, OLD, setUp } from '../../support/aftermath';
import { devContainer, type FakeEngine } from '../../support/fakeEngine';
import { FakeTimers } from '../../support/fakeTimers';

const cancelled = new ShipshapeError('cancelled', 'Cancelled.');
const replaced = { id: OLD, name: 'ca', wasRunning: true };

/** Settles a job that was cancelled while a container was made, or at another time. */
function settling(engine: FakeEngine, attempt: Attempt, isCut = true) {
  const timers = new FakeTimers();
  const store = new EngineStore(engine, timers, silentLogger);
  const parts = { store, timers, logger: silentLogger, onWait: () => undefined, last: { isCut } };
  return { timers, settled: settlePatiently(attempt, cancelled, parts) };
}

test('a container that the engine makes after the CLI was ended goes, and only that one', async () => {
  const { engine, attempt, left } = setUp('aside', []);
  const { timers, settled } = settling(engine, attempt);
  await timers.pass(1_000);
  expect(left()).toEqual(['ca running']);
  const other = devContainer('d', '/elsewhere', FILE);
  for (const facts of [created, other]) engine.containers.set(facts.id, facts);
  await timers.pass(2_000);
  expect((await settled).outcome).toMatchObject({ outcome: 'cancelled', containerId: OLD });
  expect(left()).toEqual(['ca running', 'cd running']);
});

test('one that comes when the engine is busy goes too, and after it nothing is waited for', async () => {
  const { engine, attempt, left } = setUp('aside', []);
  const { timers, settled } = settling(engine, attempt);
  await timers.pass(8_000);
  engine.containers.set(created.id, created);
  await timers.pass(1_000);
  await settled;
  expect(left()).toEqual(['ca running']);
  expect(timers.waiting).toBe(0);
});

test('nothing is waited for where the container that was asked for is there', async () => {
  const { engine, attempt, left } = setUp('aside', [created]);
  const { timers, settled } = settling(engine, attempt);
  expect((await settled).outcome).toMatchObject({ outcome: 'cancelled', containerId: OLD });
  expect(left()).toEqual(['ca running']);
  expect(timers.waiting).toBe(0);
});

test('nothing is waited for where the CLI was not ended while a container was made', async () => {
  const { engine, attempt } = setUp('aside', []);
  const { timers, settled } = settling(engine, attempt, false);
  expect((await settled).outcome).toMatchObject({ outcome: 'cancelled', containerId: OLD });
  expect(timers.waiting).toBe(0);
});

test.each([
  ['by its name', ASIDE, ASIDE],
  ['with Compose, where none tells', 'ca', undefined],
])('one that may be stopping, %s, is started once it has stopped', async (_, name, setAsideName) => {
  const { engine, attempt, left } = setUp('untouched', []);
  engine.containers.set(OLD, devContainer('a', '/w', FILE, { name }));
  const { timers, settled } = settling(engine, {
    ...attempt,
    replaced: { ...replaced, ...(setAsideName === undefined ? {} : { setAsideName }) },
  });
  await timers.pass(10_000);
  await settled;
  const changes = engine.calls.filter((call) => /^change .*"state"/.test(call));
  expect(changes.map((call) => /"state":"(\w+)"/.exec(call)?.[1])).toEqual(['exited', 'running']);
  expect(left()).toEqual(['ca running']);
});

test('one that has not stepped aside is not stopped', async () => {
  const { engine, attempt } = setUp('untouched', []);
  const { timers, settled } = settling(engine, attempt);
  await timers.pass(10_000);
  await settled;
  expect(engine.calls.filter((call) => call.startsWith('change'))).toEqual([]);
});

test('one that goes because it was asked to before is made again from the copy of its files', async () => {
  const { engine, attempt, left } = setUp('stoppedBefore', []);
  engine.images.set('shipshape/copy:a', 'sha256:c');
  const copy = { image: 'shipshape/copy:a', blueprint: { facts: devContainer('a', '/w', FILE) } };
  const { timers, settled } = settling(engine, { ...attempt, replaced: { ...replaced, copy } });
  await timers.pass(1_000);
  expect(left()).toEqual(['ca running']);
  engine.containers.delete(OLD);
  await timers.pass(2_000);
  expect((await settled).outcome.containerId).not.toBe(OLD);
  expect(left()).toEqual(['ca running']);
});
