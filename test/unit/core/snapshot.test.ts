import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/api';
import { middleOf } from '../../../src/common/middle';
import { JobBoard } from '../../../src/core/jobBoard';
import {
  baseNameOf,
  CLEAN,
  EMPTY_SNAPSHOT,
  reconcile,
  toContainer,
  toDevContainer,
  type DevContainerFacts,
} from '../../../src/core/snapshot';
import { container, devContainer } from '../../support/fakeEngine';

const facts: DevContainerFacts = {
  key: 'k',
  engine: 'e',
  workspaceFolder: '/home/me/app',
  onDisk: true,
  duplicates: [],
  verdict: CLEAN,
};

describe('baseNameOf', () => {
  test.each([
    ["the configuration's name", { configName: 'Web' }, 'Web'],
    ['else that of the folder', {}, 'app'],
    ['the folder, where the name is empty', { configName: ' \u200b\n' }, 'app'],
    ['one line without marks that hide', { configName: 'a\r\nb\u202ec\u061cd\u00ade\u0007' }, 'a b c d e'],
    ['80 characters of a megabyte', { configName: 'x'.repeat(1_000_000) }, 'x'.repeat(80)],
    ['something in the worst case', { workspaceFolder: '\u202e' }, 'dev container'],
  ])('is %s', (_, more, name) => {
    expect(baseNameOf({ ...facts, ...more })).toBe(name);
  });
});

describe('toDevContainer', () => {
  test.each([
    ['on disk, without a container', { onDisk: true }, 'notCreated'],
    ['on disk, while its engine has told of no containers', { onDisk: true, isUntold: true }, 'unknown'],
    ['without either (S3-02)', { onDisk: false }, 'missing'],
    [
      'with a container, by its state',
      { onDisk: false, container: container('a', { state: 'exited' }) },
      'stopped',
    ],
  ])('%s', (_, more, state) => {
    expect(toDevContainer({ ...facts, ...more }, 'app', new JobBoard()).state).toBe(state);
  });

  test('has no fields for what there is not', () => {
    expect(toDevContainer(facts, 'app', new JobBoard())).toEqual({
      key: 'k',
      engine: 'e',
      name: 'app',
      workspaceFolder: '/home/me/app',
      state: 'notCreated',
      activity: 'idle',
      dirty: false,
      changes: [],
    });
  });

  test('shows the job, the failure, the problem and duplicates', () => {
    const board = new JobBoard();
    const failure = { kind: 'build', message: 'No.', at: 1 } as const;
    const made = container('a');
    board.end('k', { outcome: 'failed', containerId: made.id, failure, downtimeMs: 0 });
    board.set('k', { activity: 'building', phase: 'building, step 1', startedAt: 5 });
    const verdict = { dirty: true, changes: [], problem: { message: 'No comma' } };
    expect(
      toDevContainer(
        { ...facts, container: made, duplicates: [container('b')], verdict, configFile: '/c' },
        'app',
        board,
      ),
    ).toMatchObject({
      configFile: '/c',
      activity: 'building',
      containerId: made.id,
      dirty: true,
      problem: verdict.problem,
      failure,
      job: { phase: 'building, step 1', startedAt: 5 },
      duplicates: ['b'.repeat(64)],
    });
  });
});

describe('toContainer', () => {
  test('tells its project, and what is known of its health and end', () => {
    const plain = container('a', {
      labels: { 'com.docker.compose.project': 'p' },
      exitCode: 0,
      health: 'healthy',
    });
    const item = toContainer('e', plain);
    expect(item).toMatchObject({ key: `e|${plain.id}`, composeProject: 'p', exitCode: 0, health: 'healthy' });
    expect(item).not.toHaveProperty('devContainer');
    expect(toContainer('f', plain, 'dev')).toMatchObject({ engine: 'f', devContainer: 'dev' });
    expect(Object.keys(toContainer('e', container('b')))).not.toContain('health');
  });
});

describe('reconcile', () => {
  function snapshot(state: string, ...digits: string[]): Snapshot {
    const containers = digits.map((digit) => toContainer('e', container(digit, { state })));
    const engine = { key: 'e', name: 'E', endpoint: 'x', status: 'ready' } as const;
    const dev = toDevContainer({ ...facts, container: devContainer('d', '/w') }, 'app', new JobBoard());
    return { engines: [engine], devContainers: [dev], containers };
  }

  test('keeps every item that did not change, and names no keys', () => {
    const before = snapshot('running', 'a', 'b');
    const { snapshot: after, keys } = reconcile(before, structuredClone(before));
    expect(keys).toEqual([]);
    expect(after.engines[0]).toBe(before.engines[0]);
    expect(after.devContainers[0]).toBe(before.devContainers[0]);
    expect(after.containers[1]).toBe(before.containers[1]);
  });

  test('names what changed, came and went, and only that', () => {
    const [before, changed] = [snapshot('running', 'a', 'b', 'c'), snapshot('exited', 'a', 'd')];
    const [, b] = before.containers;
    const [a, d] = changed.containers;
    if (!a || !b || !d) throw new Error('unreachable');
    const { snapshot: after, keys } = reconcile(before, { ...before, containers: [a, b, d] });
    const key = (digit: string): string => `e|${digit.repeat(64)}`;
    expect([...keys].sort()).toEqual([key('a'), key('c'), key('d')]);
    expect(after.containers.map((item) => item.key)).toEqual([key('a'), key('b'), key('d')]);
    expect(after.containers[1]).toBe(b);
    expect(after.containers[0]?.state).toBe('exited');
  });

  test('from nothing, all is new; to nothing, all is gone', () => {
    const some = snapshot('running', 'a');
    expect(reconcile(EMPTY_SNAPSHOT, some).keys).toHaveLength(3);
    expect(reconcile(some, EMPTY_SNAPSHOT).keys).toHaveLength(3);
  });
});

describe('middleOf', () => {
  const some = fc.uniqueArray(fc.integer({ min: 0, max: 6 }));
  // Mostly a list loses a few, or nothing changes.
  const twoLists = some.chain((list) => fc.tuple(fc.constant(list), fc.oneof(some, fc.subarray(list))));

  test('is all that differs, wherever things come, go and change places', () => {
    fc.assert(
      fc.property(twoLists, ([before, after]) => {
        const { start, beforeEnd, afterEnd } = middleOf(before, after);
        const kept = [before.slice(0, start), before.slice(beforeEnd)] as const;
        expect([...kept[0], ...after.slice(start, afterEnd), ...kept[1]]).toEqual(after);
        expect(Math.min(beforeEnd, afterEnd)).toBeGreaterThanOrEqual(start);
        const [was, is] = [before.slice(start, beforeEnd), after.slice(start, afterEnd)];
        // It neither begins nor ends with what both have.
        if (was.length === 0 || is.length === 0) return;
        expect(was[0]).not.toBe(is[0]);
        expect(was.at(-1)).not.toBe(is.at(-1));
      }),
    );
  });
});
