import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNatural, naturalKey } from '../../../src/common/natural';

const compare = (a: string, b: string): number => Math.sign(compareNatural(naturalKey(a), naturalKey(b)));
/** The same order from another hand; too slow for thousands of rows. */
const numeric = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

describe('the order of names', () => {
  it('is what the numeric collator says of all that engines allow in names', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{0,12}$/);
    fc.assert(
      fc.property(name, name, (a, b) => compare(a, b) === Math.sign(numeric.compare(a, b))),
      { numRuns: 20_000 },
    );
  });

  it('is one order for names that the collator alone knows, beside plain ones', () => {
    const name = fc.stringMatching(/^[a-z0-9 ~$_-éäßøž日한]{0,6}$/u);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const sorted = [a, b, c].sort(compare);
        return (
          compare(sorted[0] ?? '', sorted[1] ?? '') <= 0 && compare(sorted[0] ?? '', sorted[2] ?? '') <= 0
        );
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['web-9', 'web-10'],
    ['Web-1', 'web-2'],
    ['a_b', 'a-b'],
    ['été', 'etf'],
    ['zebra', 'Äpfel'].reverse() as [string, string],
  ])('puts %s before %s', (first, second) => {
    expect(compare(first, second)).toBe(-1);
    expect(compare(second, first)).toBe(1);
  });
});
