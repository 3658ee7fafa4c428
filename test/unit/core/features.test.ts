import { expect, test } from 'vitest';
import { heldBack, lockfileWith, upgradable, type FeatureVersions } from '../../../src/core/features';

const feature = (id: string, current?: string, wanted?: string, latest = wanted): FeatureVersions => ({
  ...{ id, current, wanted, latest },
});
const lockfile = (features: Record<string, unknown>): string =>
  `${JSON.stringify({ features }, undefined, 2)}\n`;

test('what the configuration allows can be upgraded, what it does not is held back', () => {
  const all = [
    feature('a:1', '1.0.0', '1.1.0', '2.0.0'),
    feature('b:1', '1.0.0', '1.0.0'),
    feature('c:1', '1.0.0', '1.0.0', '3.0.0'),
    feature('offline'),
  ];
  expect(upgradable(all).map(({ id }) => id)).toEqual(['a:1']);
  expect(heldBack(all).map(({ id }) => id)).toEqual(['a:1', 'c:1']);
});

test('one Feature is upgraded in the lockfile, with what it needs for the first time; the others stay', () => {
  const [old, fresh] = [{ version: '1.0.0' }, { version: '1.1.0' }];
  const needy = { version: '1.1.0', dependsOn: ['need:1', 'common:1'] };
  const need = { version: '5.0.0', dependsOn: ['deep:1', 'need:1'] };
  const current = lockfile({ 'b:1': old, 'a:1': old, 'common:1': old });
  const newest = lockfile({ 'a:1': needy, 'b:1': fresh, 'common:1': fresh, 'deep:1': fresh, 'need:1': need });
  expect(lockfileWith(current, newest, 'a:1')).toBe(
    lockfile({ 'a:1': needy, 'b:1': old, 'common:1': old, 'deep:1': fresh, 'need:1': need }),
  );
});

test.each([
  ['no JSON', '{', lockfile({ a: {} })],
  ['no lockfile', '[]', lockfile({ a: {} })],
  ['no such Feature', lockfile({}), lockfile({ b: {} })],
  ['a name of every object', lockfile({}), '{"features":{}}'],
])('there is nothing to write with %s', (name, current, newest) => {
  expect(lockfileWith(current, newest, name.startsWith('a name') ? 'constructor' : 'a')).toBeUndefined();
});
