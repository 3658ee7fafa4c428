import { describe, expect, test } from 'vitest';
import type { Layout } from '../../../src/core/order';
import { appearanceOf, firstRows, ROWS_A_LEVEL, shapeOf } from '../../../src/core/rowLimit';

interface Named {
  readonly key: string;
}

const items = (count: number): Layout<Named>[] =>
  Array.from({ length: count }, (_, n) => ({ kind: 'item', item: { key: `row ${n}` } }));
const section = (key: string, children: readonly Layout<Named>[]): Layout<Named> => ({
  ...{ kind: 'section', key, by: 'compose', label: key, children },
});

describe('the rows of a level', () => {
  test('are all shown while there is room', () => {
    const rows = items(ROWS_A_LEVEL);
    expect(firstRows(rows)).toEqual({ shown: rows, hidden: 0 });
  });

  test('are the first ones, and the others are counted', () => {
    const { shown, hidden } = firstRows(items(10_000));
    expect(shown).toEqual(items(ROWS_A_LEVEL));
    expect(hidden).toBe(10_000 - ROWS_A_LEVEL);
  });

  test('count what is in sections that have no room', () => {
    const rows = [...items(ROWS_A_LEVEL), section('p', items(3)), section('q', items(4))];
    expect(firstRows(rows).hidden).toBe(7);
  });
});

describe('sections', () => {
  const many = [section('p', items(ROWS_A_LEVEL)), section('q', items(1))];

  test.each([
    ['open in a view of few items', [section('p', items(3))], 3, 'open'],
    ['closed in a view of many', many, ROWS_A_LEVEL + 1, 'closed'],
    ['open where a filter found few of many', [section('p', items(3))], ROWS_A_LEVEL + 1, 'found'],
    ['closed where a filter found many', many, 10_000, 'closed'],
  ] as const)('are %s', (_, rows, total, expected) => {
    expect(appearanceOf(rows, total)).toBe(expected);
  });
});

describe('the shape of the rows', () => {
  test('is another when a hidden row comes, since their number is shown', () => {
    expect(shapeOf(items(10_001))).not.toBe(shapeOf(items(10_000)));
    expect(shapeOf([section('p', items(601))])).not.toBe(shapeOf([section('p', items(600))]));
  });

  test('is the same when rows only say something else', () => {
    expect(shapeOf([section('p', items(3)), ...items(2)])).toBe(
      shapeOf([section('p', items(3)), ...items(2)]),
    );
  });

  test('tells rows below a section from rows after it', () => {
    expect(shapeOf([section('p', items(1))])).not.toBe(shapeOf([section('p', []), ...items(1)]));
  });
});
