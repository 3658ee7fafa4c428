import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slots } from '../../../src/common/scheduling';
import { settle } from '../../support/fakeTimers';
import { held, type Held } from '../../support/held';

/** Tasks that begin when they get a slot and end when they are told. */
function setUp(limit: { value: number }) {
  const slots = new Slots(() => limit.value);
  const begun: string[] = [];
  const ends = new Map<string, Held<void>>();
  const load = { now: 0, most: 0 };
  const run = (name: string, signal?: AbortSignal): Promise<void> => {
    const end = held();
    ends.set(name, end);
    return slots.run(async () => {
      begun.push(name);
      load.most = Math.max(load.most, ++load.now);
      await end.promise;
      load.now--;
    }, signal);
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.resolve();
    await settle();
  };
  return { slots, begun, run, end, ends, load };
}

describe('Slots', () => {
  test('at most so many run at once, the others in the order they came', async () => {
    const { begun, run, end } = setUp({ value: 2 });
    for (const name of ['a', 'b', 'c', 'd']) void run(name);
    await settle();
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('who comes just as a slot falls free does not overtake who waits', async () => {
    const { begun, run, ends } = setUp({ value: 1 });
    const first = run('first');
    void run('waits');
    await settle();
    ends.get('first')?.resolve();
    await first;
    void run('late');
    await settle();
    expect(begun).toEqual(['first', 'waits']);
  });

  test('a task that fails gives its slot back', async () => {
    const { slots, begun, run } = setUp({ value: 1 });
    const failing = slots.run(() => Promise.reject(new Error('no')));
    void run('next');
    await expect(failing).rejects.toThrow('no');
    await settle();
    expect(begun).toEqual(['next']);
  });

  test('who is cancelled while waiting never runs and takes no slot', async () => {
    const { begun, run, end } = setUp({ value: 1 });
    const controller = new AbortController();
    void run('a');
    const waiting = run('b', controller.signal);
    void run('c');
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await end('a');
    expect(begun).toEqual(['a', 'c']);
  });

  test('a slot that falls free in the moment of a cancel goes to the next', async () => {
    const { begun, run, ends } = setUp({ value: 1 });
    const controller = new AbortController();
    const first = run('a');
    const second = run('b', controller.signal);
    const gaveUp = expect(second).rejects.toMatchObject({ code: 'cancelled' });
    void run('c');
    await settle();
    controller.abort();
    ends.get('a')?.resolve();
    await Promise.all([first, gaveUp]);
    await settle();
    expect(begun).toEqual(['a', 'c']);
  });

  test('what was cancelled before it came does not run, even with a free slot', async () => {
    const { begun, run } = setUp({ value: 1 });
    await expect(run('a', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    void run('b');
    await settle();
    expect(begun).toEqual(['b']);
  });

  test('a limit that changes holds from the next end on, and is never less than one', async () => {
    const limit = { value: 3 };
    const { begun, run, end } = setUp(limit);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) void run(name);
    await settle();
    limit.value = 0;
    await end('a');
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('c');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    limit.value = 3;
    await end('d');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  test('whatever the order of ends and cancels, the limit holds and everyone gets his turn', async () => {
    const act = fc.record({ kind: fc.constantFrom('end', 'cancel'), at: fc.nat() });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(act, { maxLength: 15 }),
        async (value, acts) => {
          const { begun, run, ends, load } = setUp({ value });
          const cancels = Array.from({ length: 8 }, () => new AbortController());
          const all = cancels.map(({ signal }, i) => run(`${i}`, signal).catch(() => undefined));
          const finish = (name: string): void => ends.get(name)?.resolve();
          for (const { kind, at } of acts) {
            if (kind === 'cancel') cancels[at % cancels.length]?.abort();
            else finish(begun[at % Math.max(1, begun.length)] ?? '');
            await settle();
          }
          for (let i = 0; i <= 8; i++) {
            for (const name of begun) finish(name);
            await settle();
          }
          await Promise.all(all);
          expect(load.most).toBeLessThanOrEqual(value);
          expect(begun).toEqual([...begun].sort());
          const cancelled = cancels.filter(({ signal }) => signal.aborted).length;
          expect(begun.length).toBeGreaterThanOrEqual(8 - cancelled);
        },
      ),
      { numRuns: 50 },
    );
  });
});
