import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../src/api';
import { diffConfigs, shown } from '../../../src/core/configDiff';
import { effectOf, strongest } from '../../../src/core/effects';

type Config = Record<string, unknown>;

describe('diffConfigs', () => {
  test.each<[string, Config, Config, [string, string | undefined, string | undefined, Effect][]]>([
    ['nothing', { image: 'a', init: true }, { init: true, image: 'a' }, []],
    ['a value', { image: 'a' }, { image: 'b' }, [['image', '"a"', '"b"', 'rebuild']]],
    ['a new property', {}, { init: true }, [['init', undefined, 'true', 'recreate']]],
    ['one that went', { name: null }, {}, [['name', 'null', undefined, 'none']]],
    [
      'variables, one by one',
      { containerEnv: { A: '1', B: '2', C: '3' } },
      { containerEnv: { C: '3', B: '4', D: '5' } },
      [
        ['containerEnv.A', '"1"', undefined, 'recreate'],
        ['containerEnv.B', '"2"', '"4"', 'recreate'],
        ['containerEnv.D', undefined, '"5"', 'recreate'],
      ],
    ],
    ['an object that came whole', {}, { build: { x: 1 } }, [['build.x', undefined, '1', 'rebuild']]],
    ['no empty object that came: it means nothing', {}, { features: {} }, []],
    [
      'only a graphics card of what the host must have',
      {},
      { hostRequirements: { cpus: 2, gpu: true } },
      [
        ['hostRequirements.cpus', undefined, '2', 'none'],
        ['hostRequirements.gpu', undefined, 'true', 'recreate'],
      ],
    ],
    ['another kind', { build: { a: 1 } }, { build: 'a' }, [['build', '{"a":1}', '"a"', 'rebuild']]],
    [
      'an object of another property, whole',
      { portsAttributes: { a: 1 } },
      { portsAttributes: { a: 2 } },
      [['portsAttributes', '{"a":1}', '{"a":2}', 'none']],
    ],
    [
      'order within a list',
      { runArgs: [1, 2] },
      { runArgs: [2, 1] },
      [['runArgs', '[1,2]', '[2,1]', 'recreate']],
    ],
    ['an unknown property', { hello: 1 }, {}, [['hello', '1', undefined, 'none']]],
    ['one that objects inherit', {}, { toString: 1 }, [['toString', undefined, '1', 'none']]],
  ])('names %s', (_, from, to, expected) => {
    const changes = diffConfigs('in', from, to);
    expect(changes.map((c) => [c.property, c.from, c.to, c.effect])).toEqual(expected);
    expect(changes.every(({ input }) => input === 'in')).toBe(true);
  });

  test('reordering keys is no difference', () => {
    fc.assert(
      fc.property(config, (value) => {
        expect(diffConfigs('in', value, reversed(value) as Config)).toEqual([]);
      }),
    );
  });

  test('a changed leaf is exactly one difference, and it names the property', () => {
    fc.assert(
      fc.property(config, fc.nat(), (value, nth) => {
        const leaves = leavesOf(value);
        fc.pre(leaves.length > 0);
        const path = leaves[nth % leaves.length] ?? [];
        const changes = diffConfigs('in', value, changedAt(value, path) as Config);
        expect(changes).toHaveLength(1);
        expect(path.slice(0, changes[0]?.path.length)).toEqual(changes[0]?.path);
      }),
    );
  });

  test('a value is cut at 200 characters', () => {
    expect(shown('x'.repeat(198))).toHaveLength(200);
    expect(shown('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(198)}…`);
    expect(shown(undefined)).toBeUndefined();
  });
});

describe('effects', () => {
  test.each<[string, Effect]>([
    ['image', 'rebuild'],
    ['features', 'rebuild'],
    ['dockerFile', 'rebuild'],
    ['runArgs', 'recreate'],
    ['mounts', 'recreate'],
    ['containerEnv', 'recreate'],
    ['postCreateCommand', 'recreate'],
    ['dockerComposeFile', 'recreate'],
    ['postStartCommand', 'restart'],
    ['postAttachCommand', 'restart'],
    ['remoteEnv', 'restart'],
    ['remoteUser', 'restart'],
    ['userEnvProbe', 'restart'],
    ['forwardPorts', 'none'],
    ['name', 'none'],
    ['customizations', 'none'],
    ['$schema', 'none'],
    ['nobodyKnows', 'none'],
    ['constructor', 'none'],
    ['__proto__', 'none'],
    ['hostRequirements.gpu', 'recreate'],
    ['hostRequirements.cpus', 'none'],
  ])('a change of %s needs: %s', (property, effect) => {
    expect(effectOf(property.split('.'))).toBe(effect);
  });

  test.each<[Effect[], Effect]>([
    [[], 'none'],
    [['none', 'restart'], 'restart'],
    [['recreate', 'rebuild', 'restart'], 'rebuild'],
    [['unknown', 'restart'], 'unknown'],
    [['unknown', 'recreate'], 'recreate'],
  ])('the strongest of %j is %s', (effects, effect) => {
    expect(strongest(effects)).toBe(effect);
    expect(strongest([...effects].reverse())).toBe(effect);
  });
});

const key = fc.constantFrom('build', 'containerEnv', 'features', 'runArgs', 'mounts', 'x', 'toString', '1');
const config = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }) as fc.Arbitrary<Config>;

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null;
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

function leavesOf(value: unknown): string[][] {
  if (!isObject(value)) return [[]];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner).map((path) => [name, ...path]));
}

function changedAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return { changed: value };
  if (Array.isArray(value))
    return value.map((inner: unknown, i) => (`${i}` === name ? changedAt(inner, rest) : inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([n, inner]) => [n, n === name ? changedAt(inner, rest) : inner]),
  );
}
