import { describe, expect, test } from 'vitest';
import type { Container, DevContainer, Engine, Snapshot } from '../../../src/api';
import { toContainer } from '../../../src/core/snapshot';
import {
  inOrder,
  itemsOf,
  layoutContainers,
  layoutDevContainers,
  siblingsOf,
  type Layout,
} from '../../../src/core/order';
import { container } from '../../support/fakeEngine';

const PROJECT = { 'com.docker.compose.project': 'p' };

const all = { filter: '', group: 'composeProject', sort: 'name', folders: [] } as const;
const engine = (key: string, status: Engine['status'] = 'ready'): Engine => ({
  key,
  name: key,
  endpoint: key,
  status,
});

/** Rows as text: `section(row row)`. */
function sketch<T extends { name: string }>(rows: readonly Layout<T>[]): string {
  return rows
    .map((row) => (row.kind === 'item' ? row.item.name : `${row.label}(${sketch(row.children)})`))
    .join(' ');
}

function containers(...items: Container[]): Snapshot {
  return {
    engines: [...new Set(items.map((item) => item.engine))].map((key) => engine(key)),
    devContainers: [],
    containers: items,
  };
}

/** Where a container is shown, by what it says of itself (S3-04). */
describe('layoutContainers', () => {
  test.each([
    ['nothing', {}, undefined, 'ca'],
    ['a Compose project', PROJECT, undefined, 'p(ca)'],
    ['an empty Compose project', { 'com.docker.compose.project': '' }, undefined, 'ca'],
    ['labels of its own', { mine: 'x' }, undefined, 'ca'],
    ['a Swarm service', { 'com.docker.swarm.service.name': 's' }, undefined, 's(ca)'],
    [
      'a Swarm service and a project',
      { ...PROJECT, 'com.docker.swarm.service.name': 's' },
      undefined,
      'p(ca)',
    ],
    ['a dev container', {}, 'key', ''],
    ['a dev container and a Compose project', PROJECT, 'key', ''],
    ['a dev container, a project and labels of its own', { ...PROJECT, mine: 'x' }, 'key', ''],
    ['a project and labels of its own', { ...PROJECT, mine: 'x' }, undefined, 'p(ca)'],
  ])('a container of %s', (_, labels, devContainer, expected) => {
    const item = toContainer('e', container('a', { labels }), devContainer);
    expect(sketch(layoutContainers(containers(item), all))).toBe(expected);
  });

  const item = (digit: string, name: string, project?: string, of = 'e', more = {}) => {
    const labels = project === undefined ? {} : { 'com.docker.compose.project': project };
    return toContainer(of, container(digit, { name, labels, ...more }));
  };
  const many = containers(
    ...[item('1', 'web-10', 'z'), item('2', 'web-9', 'z'), item('3', 'db', 'a')],
    ...[item('5', 'Beta'), item('6', 'alpha', undefined, 'e', { state: 'exited' })],
  );

  test('sections and rows are in order of their names, numbers as numbers, sections first', () => {
    expect(sketch(layoutContainers(many, all))).toBe('a(db) z(web-9 web-10) alpha Beta');
  });

  test('several engines have a section each, whose place is not a matter of health, their projects told apart', () => {
    const items = [item('1', 'db', 'p', 'a'), item('2', 'db', 'p', 'b')];
    const rows = layoutContainers(
      { ...containers(...items), engines: [engine('a', 'unavailable'), engine('b')] },
      all,
    );
    expect(sketch(rows)).toBe('a(p(db)) b(p(db))');
    expect(
      new Set(
        rows
          .flatMap((row) => (row.kind === 'section' ? row.children : []))
          .map((row) => row.kind === 'section' && row.key),
      ).size,
    ).toBe(2);
  });

  test.each([
    ['none', 'alpha Beta db web-9 web-10'],
    ['state', 'exited(alpha) running(Beta db web-9 web-10)'],
    ['workspace', 'alpha Beta db web-9 web-10'],
  ] as const)('grouped by %s', (group, expected) => {
    expect(sketch(layoutContainers(many, { ...all, group }))).toBe(expected);
  });

  test('grouped by workspace, where their Compose project says which', () => {
    const labels = { 'com.docker.compose.project.working_dir': '/w/shop/.devcontainer' };
    const items = [item('1', 'db', 'p', 'e', { labels }), item('2', 'own')];
    const rows = layoutContainers(containers(...items), { ...all, group: 'workspace', folders: ['/w'] });
    expect(sketch(rows)).toBe('w(db) own');
  });

  test('the newest first, if wanted', () => {
    const items = [
      item('1', 'a', undefined, 'e', { createdAt: 1 }),
      item('2', 'b', undefined, 'e', { createdAt: 2 }),
    ];
    expect(sketch(layoutContainers(containers(...items), { ...all, sort: 'created' }))).toBe('b a');
  });

  test.each([
    ['WEB', 'z(web-9 web-10)'],
    ['exited', 'alpha'],
    ['web 10', 'z(web-10)'],
    ['nothing', ''],
  ])('filtered by %s', (filter, expected) => {
    expect(sketch(layoutContainers(many, { ...all, filter }))).toBe(expected);
  });
});

describe('layoutDevContainers', () => {
  const options = { filter: '', group: 'none', sort: 'attention', folders: ['/w'] } as const;
  const dev = (name: string, more: Partial<DevContainer> = {}): DevContainer => ({
    ...{ key: name, engine: 'e', name, workspaceFolder: `/w/${name}`, state: 'running', activity: 'idle' },
    ...{ dirty: false, changes: [], ...more },
  });
  const snapshot: Snapshot = {
    engines: [engine('e')],
    devContainers: [
      dev('b'),
      dev('a', { state: 'stopped' }),
      dev('c', { dirty: true, workspaceFolder: '/x/c' }),
    ],
    containers: [],
  };

  test.each([
    [{}, 'c b a'],
    [{ sort: 'name' }, 'a b c'],
    [{ group: 'state' }, 'running(c b) stopped(a)'],
    [{ group: 'workspace' }, 'w(b a) Other folders(c)'],
    [{ filter: 'changed' }, 'c'],
    [{ filter: 'stopped' }, 'a'],
  ] as const)('with %j', (more, expected) => {
    expect(sketch(layoutDevContainers(snapshot, { ...options, ...more }))).toBe(expected);
  });

  const made = (digit: string, createdAt: number, labels = {}) =>
    toContainer('e', container(digit, { createdAt, labels }), 'dev');
  const withContainers = {
    ...snapshot,
    devContainers: [
      dev('a', { containerId: '1'.repeat(64) }),
      dev('b', { state: 'notCreated' }),
      dev('c', { containerId: '2'.repeat(64), state: 'stopped' }),
    ],
    containers: [made('1', 1, PROJECT), made('2', 2)],
  };

  test.each([
    [{ sort: 'created' }, 'c a b'],
    [{ group: 'composeProject' }, 'p(a) b c'],
  ] as const)('by what their containers say, with %j', (more, expected) => {
    expect(sketch(layoutDevContainers(withContainers, { ...options, ...more }))).toBe(expected);
  });

  test('a configuration on two engines is a row in the section of each', () => {
    const engines = [engine('e'), engine('f')];
    const devContainers = [dev('a', { key: 'e|a' }), dev('a', { key: 'f|a', engine: 'f' })];
    const rows = layoutDevContainers({ ...snapshot, engines, devContainers }, options);
    expect(sketch(rows)).toBe('e(a) f(a)');
    expect(new Set(itemsOf(rows).map(({ key }) => key)).size).toBe(2);
  });

  test('an engine stays in its place when its first dev container comes', () => {
    const engines = [engine('e'), engine('a')];
    expect(sketch(layoutDevContainers({ ...snapshot, engines }, options))).toBe('a() e(c b a)');
  });

  test('an engine without dev containers has its section too, when there are several', () => {
    const engines = [engine('e'), engine('silent', 'unavailable')];
    expect(sketch(layoutDevContainers({ ...snapshot, engines }, options))).toBe('e(c b a) silent()');
  });
});

test('siblings are the other containers of the same Compose project on the same engine', () => {
  const labels = PROJECT;
  const own = toContainer('e', container('a', { labels }), 'dev');
  const sibling = toContainer('e', container('b', { labels }));
  const others = [toContainer('f', container('c', { labels })), toContainer('e', container('d'))];
  expect(siblingsOf([own, sibling, ...others], own.id)).toEqual([sibling]);
  expect(siblingsOf([own, sibling, ...others], undefined)).toEqual([]);
  expect(siblingsOf(others, others[1]?.id)).toEqual([]);
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
