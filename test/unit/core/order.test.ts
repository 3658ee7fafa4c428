import { describe, expect, test } from 'vitest';
import type { DevContainer } from '../../../src/api';
import { EMPTY_SNAPSHOT, toContainer } from '../../../src/core/snapshot';
import { grouped, inOrder } from '../../../src/core/order';
import { container } from '../../support/fakeEngine';

const PROJECT = { 'com.docker.compose.project': 'p' };

/** Where a container is shown, by what it says of itself (S3-04). */
describe('grouped', () => {
  test.each([
    ['nothing', {}, undefined, 'rest'],
    ['a Compose project', PROJECT, undefined, 'group'],
    ['an empty Compose project', { 'com.docker.compose.project': '' }, undefined, 'rest'],
    ['labels of its own', { mine: 'x' }, undefined, 'rest'],
    ['a dev container', {}, 'key', 'nowhere'],
    ['a dev container and a Compose project', PROJECT, 'key', 'nowhere'],
    ['a dev container, a project and labels of its own', { ...PROJECT, mine: 'x' }, 'key', 'nowhere'],
    ['a project and labels of its own', { ...PROJECT, mine: 'x' }, undefined, 'group'],
  ])('a container of %s', (_, labels, devContainer, place) => {
    const item = toContainer('e', container('a', { labels }), devContainer);
    const { groups, rest } = grouped([item]);
    expect([groups.flatMap((g) => g.containers), rest]).toEqual([
      place === 'group' ? [item] : [],
      place === 'rest' ? [item] : [],
    ]);
  });

  test('projects and containers are in order of their names, numbers as numbers; engines are told apart', () => {
    const item = (digit: string, name: string, project?: string, engine = 'e') =>
      toContainer(
        engine,
        container(digit, {
          name,
          labels: project === undefined ? {} : { ...PROJECT, [Object.keys(PROJECT)[0] ?? '']: project },
        }),
      );
    const all = [
      item('1', 'web-10', 'z'),
      item('2', 'web-9', 'z'),
      item('3', 'db', 'a'),
      item('4', 'db', 'a', 'f'),
      item('5', 'Beta'),
      item('6', 'alpha'),
    ];
    const { groups, rest } = grouped(all);
    expect(groups.map((g) => [g.engine, g.project, g.containers.map((c) => c.name)])).toEqual([
      ['e', 'a', ['db']],
      ['f', 'a', ['db']],
      ['e', 'z', ['web-9', 'web-10']],
    ]);
    expect(new Set(groups.map((g) => g.key)).size).toBe(3);
    expect(rest.map((c) => c.name)).toEqual(['alpha', 'Beta']);
    expect(grouped(EMPTY_SNAPSHOT.containers)).toEqual({ groups: [], rest: [] });
  });
});

test('what needs you comes first, then what runs, then the rest; by name within each', () => {
  const item = (name: string, more: Partial<DevContainer> = {}): DevContainer => ({
    ...{ key: name, engine: 'e', name, workspaceFolder: '/w', state: 'stopped', activity: 'idle' },
    ...{ dirty: false, changes: [], ...more },
  });
  const failure = { kind: 'build', message: '', at: 0 } as const;
  const items = [
    item('a'),
    item('b', { state: 'running' }),
    item('c-10', { dirty: true }),
    item('c-9', { dirty: true, state: 'running' }),
    item('d', { problem: { message: '' }, dirty: true }),
    item('e', { failure, state: 'running' }),
  ];
  expect(inOrder(items).map(({ name }) => name)).toEqual(['d', 'e', 'c-9', 'c-10', 'b', 'a']);
  expect(items.map(({ name }) => name)[0]).toBe('a');
});
