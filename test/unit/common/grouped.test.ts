import fc from 'fast-check';
import { expect, it } from 'vitest';
import { grouped } from '../../../src/common/grouped';

const english = new Intl.NumberFormat('en');

it('writes whole numbers as Intl does', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (n) => grouped(n) === english.format(n)));
  expect([0, -1, 999, 1_000, -1_000, 12_345_678].map(grouped)).toEqual([
    ...['0', '-1', '999', '1,000', '-1,000', '12,345,678'],
  ]);
});
