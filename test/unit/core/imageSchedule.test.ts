import { expect, test } from 'vitest';
import { ImageSchedule } from '../../../src/core/imageSchedule';
import { FakeTimers } from '../../support/fakeTimers';

const HOUR = 3_600_000;

function ground({ hours = 6, last = undefined as number | undefined, random = 0.5 } = {}) {
  const timers = new FakeTimers();
  const state = {
    hours,
    inUse: true,
    last: last === undefined ? undefined : timers.now() + last,
    checks: 0,
    fails: false,
  };
  const schedule = new ImageSchedule({
    hours: () => state.hours,
    isInUse: () => state.inUse,
    memory: { get: () => state.last, set: (at) => (state.last = at) },
    check: () => {
      state.checks++;
      return state.fails ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    timers,
    random: () => random,
  });
  schedule.plan();
  return { timers, state, schedule };
}

test('off is off', async () => {
  const { timers, state } = ground({ hours: 0 });
  await timers.pass(100 * HOUR);
  expect(state.checks).toBe(0);
  expect(timers.waiting).toBe(0);
});

test.each([
  [1, 6],
  [6, 6],
  [12, 12],
  [100, 24],
])('every %d hours is every %d, with at most a quarter more', async (hours, counted) => {
  const { timers, state } = ground({ hours, last: 0 });
  await timers.pass(counted * HOUR + 449_999);
  expect(state.checks).toBe(0);
  await timers.pass(1);
  expect(state.checks).toBe(1);
  await timers.pass(counted * HOUR + 450_000);
  expect(state.checks).toBe(2);
});

test('one that falls due while nobody uses the window is made up for once, on return', async () => {
  const { timers, state, schedule } = ground({ last: 0 });
  state.inUse = false;
  await timers.pass(50 * HOUR);
  expect(state.checks).toBe(0);
  state.inUse = true;
  schedule.plan();
  await timers.pass(0);
  expect(state.checks).toBe(1);
});

test('after a sleep of the machine the window that comes into use checks at once', async () => {
  const { timers, state, schedule } = ground({ last: 0 });
  timers.sleep(20 * HOUR);
  schedule.plan();
  await timers.pass(0);
  expect(state.checks).toBe(1);
});

test('a check that fails does not end the schedule, and the end does', async () => {
  const { timers, state, schedule } = ground({ last: 0 });
  state.fails = true;
  await timers.pass(20 * HOUR);
  expect(state.checks).toBe(3);
  schedule.dispose();
  schedule.plan();
  await timers.pass(100 * HOUR);
  expect(state.checks).toBe(3);
});

test('a clock that was wrong does not put it off for ever', async () => {
  const { timers, state } = ground({ last: 1_000 * HOUR });
  await timers.pass(7 * HOUR);
  expect(state.checks).toBe(1);
});
