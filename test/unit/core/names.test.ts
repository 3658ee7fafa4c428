import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignNames, type Named } from '../../../src/core/names';

function named(workspaceFolder: string, more: Partial<Named> = {}): Named {
  const base = workspaceFolder.split('/').at(-1) ?? '';
  return { key: `${workspaceFolder}|${more.configFile ?? ''}`, base, workspaceFolder, ...more };
}

const none: ReadonlyMap<string, string> = new Map();

describe('assignNames (S4-08)', () => {
  test('further ones of a base get -2, -3 in the order of folder and configuration, whatever the order given', () => {
    const items = [
      named('/c/app'),
      named('/a/app', { configFile: '/a/app/2.json' }),
      named('/b/other'),
      named('/a/app', { configFile: '/a/app/1.json' }),
    ];
    for (const order of [items, [...items].reverse()]) {
      expect(Object.fromEntries(assignNames(order, none))).toEqual({
        '/a/app|/a/app/1.json': 'app',
        '/a/app|/a/app/2.json': 'app-2',
        '/c/app|': 'app-3',
        '/b/other|': 'other',
      });
    }
  });

  test('three equal basenames keep their suffix when the middle one is removed and returns', () => {
    const [a, b, c] = [named('/a/app'), named('/b/app'), named('/c/app')];
    const first = assignNames([a, b, c], none);
    const without = assignNames([a, c], first);
    expect([without.get(a.key), without.get(c.key)]).toEqual(['app', 'app-3']);
    expect(assignNames([c, b, a], without)).toEqual(first);
  });

  test('one that comes while another is away does not take its name', () => {
    const [a, b] = [named('/a/app'), named('/b/app')];
    const first = assignNames([a], none);
    const second = assignNames([b], first);
    expect(second.get(b.key)).toBe('app-2');
    expect(assignNames([a, b], second).get(a.key)).toBe('app');
  });

  test('a configuration that goes to another engine takes its name along, and one that is on both does not', () => {
    const on = (engine: string): Named => ({ ...named('/a/app'), key: `${engine}|/a/app|` });
    const first = assignNames([on('one'), named('/b/app')], none);
    const moved = assignNames([on('two'), named('/b/app')], first);
    expect([moved.get('two|/a/app|'), moved.has('one|/a/app|')]).toEqual(['app', false]);
    expect(assignNames([on('one'), on('two')], moved).get('one|/a/app|')).toBe('app-3');
  });

  test('a configuration that is renamed gets its new name, and frees the old one', () => {
    const a = named('/a/app');
    const first = assignNames([a], none);
    const second = assignNames([{ ...a, base: 'web' }], first);
    expect(second.get(a.key)).toBe('web');
    expect(assignNames([named('/b/app')], second).get('/b/app|')).toBe('app');
  });

  test('a name that falls free is not taken by one that has a name already', () => {
    const [a, b] = [named('/a/app'), named('/b/app')];
    const first = assignNames([a, b], none);
    const second = assignNames([{ ...a, base: 'web' }, b], first);
    expect([second.get(a.key), second.get(b.key)]).toEqual(['web', 'app-2']);
  });

  test('a base that ends like a suffix is no excuse for two equal names', () => {
    const names = assignNames([named('/a/app'), named('/b/app'), named('/c/app-2')], none);
    expect([...names.values()]).toEqual(['app', 'app-2', 'app-2-2']);
  });

  test('names are unique and stable whatever comes and goes', () => {
    const item = fc
      .record({
        folder: fc.constantFrom('/a/app', '/b/app', '/b/app-2', '/c/app', '/c/app-2-2', '/c/x'),
        config: fc.constantFrom(undefined, '1', '2'),
      })
      .map(({ folder, config }) => named(folder, config === undefined ? {} : { configFile: config }));
    const round = fc.uniqueArray(item, { selector: ({ key }) => key, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(round, { maxLength: 6 }), (rounds) => {
        let names: ReadonlyMap<string, string> = new Map();
        for (const items of rounds) {
          const next = assignNames(items, names);
          expect(new Set(next.values()).size).toBe(next.size);
          for (const [key, name] of names) expect(next.get(key)).toBe(name);
          for (const { key, base } of items) expect(next.get(key)).toMatch(new RegExp(`^${base}(-\\d+)?$`));
          names = next;
        }
      }),
    );
  });
});
