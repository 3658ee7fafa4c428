import { expect, test } from 'vitest';
import { setAsideNameFor } from '../../../src/core/swap';
import { container } from '../../support/fakeEngine';

test.each([
  ['ca', 'ca_before_aaaaaaaa'],
  ['weird name/ü', 'weird-name--_before_aaaaaaaa'],
  ['x'.repeat(500), `${'x'.repeat(120)}_before_aaaaaaaa`],
])('a container called %s is set aside as %s', (name, aside) => {
  expect(setAsideNameFor(container('a', { name }))).toBe(aside);
});
