import { describe, expect, test } from 'vitest';
import {
  backoffMs,
  every,
  Gate,
  hostTimers,
  Quiet,
  SingleFlight,
  Throttle,
  waitFor,
} from '../../../src/common/scheduling';
import { FakeTimers, settle } from '../../support/fakeTimers';
import { held } from '../../support/held';

describe('Throttle', () => {
  function setUp() {
    const timers = new FakeTimers();
    const calls: number[] = [];
    const start = timers.now();
    const throttle = new Throttle(timers, 100, () => calls.push(timers.now() - start));
    return { timers, calls, throttle };
  }

  test('calls back at once, and once more for all that was asked in the pause', async () => {
    const { timers, calls, throttle } = setUp();
    throttle.ask();
    throttle.ask();
    await timers.pass(60);
    throttle.ask();
    expect(calls).toEqual([0]);
    await timers.pass(1000);
    expect(calls).toEqual([0, 100]);
  });

  test('keeps its interval however often it is asked', async () => {
    const { timers, calls, throttle } = setUp();
    for (let i = 0; i < 50; i++) {
      throttle.ask();
      await timers.pass(10);
    }
    expect(calls).toEqual([0, 100, 200, 300, 400, 500]);
  });

  test('calls back at once again after a pause in which nobody asked', async () => {
    const { timers, calls, throttle } = setUp();
    throttle.ask();
    await timers.pass(150);
    throttle.ask();
    expect(calls).toEqual([0, 150]);
  });

  test('an ask out of the callback is not dropped and does not call it within itself', async () => {
    const timers = new FakeTimers();
    let calls = 0;
    const throttle = new Throttle(timers, 100, () => {
      if (++calls === 1) throttle.ask();
    });
    throttle.ask();
    expect(calls).toBe(1);
    await timers.pass(100);
    expect(calls).toBe(2);
  });

  test('is silent once disposed', async () => {
    const { timers, calls, throttle } = setUp();
    throttle.ask();
    throttle.ask();
    throttle.dispose();
    await timers.pass(1000);
    expect(calls).toEqual([0]);
    expect(timers.waiting).toBe(0);
  });
});

describe('Quiet', () => {
  test('calls back once, when nobody has asked for the whole time', async () => {
    const timers = new FakeTimers();
    let calls = 0;
    const quiet = new Quiet(timers, 100, () => calls++);
    for (let i = 0; i < 5; i++) {
      quiet.ask();
      await timers.pass(99);
    }
    expect(calls).toBe(0);
    await timers.pass(1);
    expect(calls).toBe(1);
    await timers.pass(1000);
    expect(calls).toBe(1);
  });

  test('is silent once disposed, also for asks that come after that', async () => {
    const timers = new FakeTimers();
    let calls = 0;
    const quiet = new Quiet(timers, 100, () => calls++);
    quiet.ask();
    quiet.dispose();
    quiet.ask();
    await timers.pass(1000);
    expect(calls).toBe(0);
    expect(timers.waiting).toBe(0);
  });
});

describe('backoffMs', () => {
  test.each([
    [0, 500],
    [1, 1000],
    [3, 4000],
    [4, 5000],
    [1000, 5000],
  ])('try %i waits at most %i ms', (attempt, most) => {
    expect(backoffMs(attempt, 500, 5000, () => 1)).toBe(most);
    expect(backoffMs(attempt, 500, 5000, () => 0.5)).toBe(most / 2);
    expect(backoffMs(attempt, 500, 5000, () => 0)).toBe(0);
  });
});

describe('waitFor', () => {
  test('settles like the promise, with a signal and without', async () => {
    const { signal } = new AbortController();
    await expect(waitFor(Promise.resolve(1))).resolves.toBe(1);
    await expect(waitFor(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(waitFor(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  test('rejects as cancelled when the signal fires first, and leaves the work alone', async () => {
    const controller = new AbortController();
    const work = held<number>();
    const waiting = waitFor(work.promise, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    work.resolve(1);
    await expect(work.promise).resolves.toBe(1);
  });

  test('work that fails after the caller gave up is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const controller = new AbortController();
      const work = held<never>();
      const waiting = waitFor(work.promise, controller.signal);
      controller.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
      await expect(waitFor(work.promise, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
      const late = held<never>();
      await expect(waitFor(late.promise, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
      work.reject(new Error('late'));
      late.reject(new Error('later'));
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
  });
});

describe('every', () => {
  test('waits from the end of one run to the start of the next, also after one that failed', async () => {
    const timers = new FakeTimers();
    const start = timers.now();
    const runs: number[] = [];
    const ends = [held(), held()];
    const running = every(timers, 100, async () => {
      await ends[runs.push(timers.now() - start) - 1]?.promise;
    });
    await timers.pass(350);
    expect(runs).toEqual([100]);
    ends[0]?.reject(new Error('no'));
    await timers.pass(150);
    expect(runs).toEqual([100, 450]);
    running.dispose();
    ends[1]?.resolve();
    await timers.pass(1000);
    expect(runs).toEqual([100, 450]);
    expect(timers.waiting).toBe(0);
  });
});

describe('SingleFlight', () => {
  test('shares the run in flight, its failure too, and runs anew after it', async () => {
    const flight = new SingleFlight<number>();
    const results = [held<number>(), held<number>()];
    let runs = 0;
    const task = async (): Promise<number> => (await results[runs++]?.promise) ?? -1;
    const shared = [flight.run(task), flight.run(task)];
    const [first, second] = [
      expect(shared[0]).rejects.toThrow('no'),
      expect(shared[1]).rejects.toThrow('no'),
    ];
    results[0]?.reject(new Error('no'));
    await Promise.all([first, second]);
    expect(runs).toBe(1);
    results[1]?.resolve(2);
    await expect(flight.run(task)).resolves.toBe(2);
  });
});

describe('Gate', () => {
  test('lets through who waited and who comes later', async () => {
    const gate = new Gate();
    let passed = 0;
    const first = gate.opened.then(() => passed++);
    await settle();
    expect(passed).toBe(0);
    gate.open();
    gate.open();
    await Promise.all([first, gate.opened.then(() => passed++)]);
    expect(passed).toBe(2);
  });
});

describe('hostTimers', () => {
  test('tell the time, call back once and never after dispose', async () => {
    const before = Date.now();
    expect(hostTimers.now()).toBeGreaterThanOrEqual(before);
    let disposed = 0;
    hostTimers.after(0, () => disposed++).dispose();
    await new Promise<void>((resolve) => hostTimers.after(1, resolve));
    expect(disposed).toBe(0);
  });
});
