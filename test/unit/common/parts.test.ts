import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DisposableStore, toDisposable } from '../../../src/common/disposable';
import { copy } from '../../../src/common/copy';
import { equal } from '../../../src/common/equal';
import { hasCode, messageOf, ShipshapeError } from '../../../src/common/errors';
import { Emitter } from '../../../src/common/event';

describe('Emitter', () => {
  test('calls listeners in the order they came, the same function as often as it listens', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const twice = (n: number): void => void heard.push(`a${n}`);
    emitter.event(twice);
    emitter.event((n) => heard.push(`b${n}`));
    const third = emitter.event(twice);
    emitter.fire(1);
    expect(heard).toEqual(['a1', 'b1', 'a1']);
    third.dispose();
    emitter.fire(2);
    expect(heard).toEqual(['a1', 'b1', 'a1', 'a2', 'b2']);
  });

  test('a listener that throws keeps nobody from hearing, and its error is told', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const broken = new Error('broken');
    let heard = 0;
    emitter.event(() => {
      throw broken;
    });
    emitter.event(() => heard++);
    emitter.fire(1);
    expect(heard).toBe(1);
    expect(errors).toEqual([broken]);
  });

  test('who begins or ends listening during a round does not disturb it', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    emitter.event(() => {
      last.dispose();
      emitter.event(() => heard.push('new'));
    });
    const last = emitter.event(() => heard.push('last'));
    emitter.fire(1);
    expect(heard).toEqual(['last']);
  });

  test('has no listeners once they or it are disposed', () => {
    const emitter = new Emitter<number>();
    const one = emitter.event(() => undefined);
    expect(emitter.hasListeners).toBe(true);
    one.dispose();
    expect(emitter.hasListeners).toBe(false);
    let heard = 0;
    emitter.event(() => heard++);
    emitter.dispose();
    emitter.fire(1);
    expect(heard).toBe(0);
  });
});

describe('DisposableStore', () => {
  test('disposes in reverse order, once, and at once what comes later', () => {
    const store = new DisposableStore();
    const gone: string[] = [];
    for (const name of ['a', 'b']) store.add(toDisposable(() => gone.push(name)));
    expect(store.isDisposed).toBe(false);
    store.dispose();
    store.dispose();
    expect(gone).toEqual(['b', 'a']);
    expect(store.isDisposed).toBe(true);
    store.add(toDisposable(() => gone.push('late')));
    expect(gone).toEqual(['b', 'a', 'late']);
  });
});

describe('equal', () => {
  test.each([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [[1], { 0: 1 }, false],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: undefined }, { b: undefined }, false],
    [null, {}, false],
    ['1', 1, false],
    [{ toString: 1 }, { a: 1 }, false],
    [{ constructor: Object }, {}, false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(equal(a, b)).toBe(same);
    expect(equal(b, a)).toBe(same);
  });

  test('holds exactly for values with the same JSON, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(equal(a, reversed(a))).toBe(true);
        expect(equal(a, b)).toBe(sorted(a) === sorted(b));
      }),
    );
  });
});

describe('ShipshapeError', () => {
  test('carries a code for programs and its cause', () => {
    const cause = new Error('why');
    const error = new ShipshapeError('busy', 'Busy.', { cause });
    expect(error).toMatchObject({ name: 'ShipshapeError', code: 'busy', message: 'Busy.', cause });
    expect([hasCode(error, 'busy'), hasCode(error, 'notFound')]).toEqual([true, false]);
    expect(hasCode({ code: 'busy' }, 'busy')).toBe(false);
  });

  test.each([
    [new Error('text'), 'text'],
    ['thrown text', 'thrown text'],
    [undefined, 'undefined'],
  ])('%j says %j', (thrown, text) => {
    expect(messageOf(thrown)).toBe(text);
  });
});

function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

test('a copy is equal and has nothing in common with what it was made from', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copied = copy(value);
      expect(copied).toEqual(value);
      const parts = new Set(partsOf(value));
      expect(partsOf(copied).filter((part) => parts.has(part))).toEqual([]);
    }),
  );
});

/** Every object and array in a value. */
function partsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
}
