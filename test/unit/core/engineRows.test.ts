import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineRows } from '../../../src/core/engineRows';
import type { ContainerFacts } from '../../../src/core/ports';
import { toContainer } from '../../../src/core/snapshot';
import { container, devContainer } from '../../support/fakeEngine';

const hidden = { 'devcontainer.is_test_run': 'true' };
const keyOf = (digit: string): string => `key of ${digit}`;

/** Takes over the containers and says which dev containers they are, as the inventory does. */
function show(rows: EngineRows, facts: readonly ContainerFacts[]): void {
  rows.update(facts);
  for (const entry of rows.claiming) rows.setKey(entry, keyOf(entry.facts.id[0] ?? ''));
}

describe('EngineRows', () => {
  test('end up the same whether kept up or made anew, whatever comes, goes and changes', () => {
    // Three kinds of container, each in two states: the objects are those of a store, the same until they change.
    const versions = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((digit, n) =>
      ['running', 'exited'].map((state) =>
        n % 3 === 0
          ? container(digit, { state })
          : devContainer(digit, '/w', '/w/x.json', { state, labels: n % 3 === 1 ? {} : hidden }),
      ),
    );
    const list = fc
      .uniqueArray(fc.nat(11), { selector: (n) => Math.floor(n / 2) })
      .map((picked) => picked.map((n) => versions[n]).filter((facts) => facts !== undefined));
    fc.assert(
      fc.property(fc.array(list, { minLength: 1, maxLength: 6 }), (lists) => {
        const rows = new EngineRows('e');
        for (const facts of lists) {
          show(rows, facts);
          const fresh = new EngineRows('e');
          show(fresh, facts);
          expect(rows.rows).toEqual(fresh.rows);
          expect(rows.claiming.map((entry) => entry.facts)).toEqual(fresh.claiming.map(({ facts: f }) => f));
        }
      }),
    );
  });

  test('are the containers in their order, those of test runs left out', () => {
    const [a, b, c] = [
      container('a'),
      devContainer('b', '/w'),
      devContainer('c', '/w', 'x', { labels: hidden }),
    ];
    const rows = new EngineRows('e');
    show(rows, [a, b, c]);
    expect(rows.rows).toEqual([toContainer('e', a), toContainer('e', b, keyOf('b'))]);
    expect(rows.claiming.map(({ facts }) => facts)).toEqual([b]);
  });

  test('stay the same objects where nothing changed', () => {
    const [a, b] = [container('a'), devContainer('b', '/w')];
    const rows = new EngineRows('e');
    show(rows, [a, b]);
    const before = rows.rows;
    show(rows, [a, b]);
    show(rows, [b, a]);
    expect(rows.rows).toEqual([before[1], before[0]]);
    expect(rows.rows[0]).toBe(before[1]);
    show(rows, [a, b]);
    const changed = { ...a, state: 'exited' };
    show(rows, [changed, b, container('c')]);
    expect(rows.rows[0]?.state).toBe('exited');
    expect(rows.rows[1]).toBe(before[1]);
  });

  test('say which dev container one is, also when that turns out to be another', () => {
    const rows = new EngineRows('e');
    const facts = [devContainer('a', '/w')];
    rows.update(facts);
    const [entry] = rows.claiming;
    if (!entry) throw new Error('unreachable');
    rows.setKey(entry, 'before the folders were walked');
    expect(rows.rows[0]?.devContainer).toBe('before the folders were walked');
    rows.setKey(entry, 'after');
    expect(rows.rows[0]?.devContainer).toBe('after');
  });
});
