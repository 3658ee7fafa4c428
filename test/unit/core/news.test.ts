import { describe, expect, test } from 'vitest';
import type { Change, DevContainer, Snapshot } from '../../../src/api';
import { Emitter } from '../../../src/common/event';
import { News } from '../../../src/core/news';
import { EMPTY_SNAPSHOT } from '../../../src/core/snapshot';
import { FakeTimers } from '../../support/fakeTimers';

const change = (to: string): Change => ({ input: 'c.json', property: 'image', to, effect: 'rebuild' });

function item(key: string, more: Partial<DevContainer> = {}): DevContainer {
  return {
    ...{ key, engine: 'e', name: key, workspaceFolder: '/w', state: 'running', activity: 'idle' },
    ...{ containerId: 'a'.repeat(64), dirty: true, changes: [change('1')], ...more },
  };
}

function setUp(told = new Map<string, string>()) {
  const timers = new FakeTimers();
  const changed = new Emitter<{ keys: readonly string[]; snapshot: Snapshot }>();
  const inventory = { snapshot: EMPTY_SNAPSHOT, onDidChange: changed.event };
  const ignored = new Set<string>();
  const audience = {
    isOfWorkspace: ({ workspaceFolder }: DevContainer) => workspaceFolder === '/w',
    isIgnored: ({ key }: DevContainer) => ignored.has(key),
  };
  const news = new News(inventory, told, audience, timers);
  const due: string[][] = [];
  news.onDidBecomeDue((items) => due.push(items.map(({ key }) => key)));
  const show = (...devContainers: DevContainer[]): void => {
    inventory.snapshot = { ...EMPTY_SNAPSHOT, devContainers };
    changed.fire({ keys: [], snapshot: inventory.snapshot });
  };
  return { timers, news, due, show, told, ignored };
}

describe('News', () => {
  test('tells of a change once all has been quiet for 2 s', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(1999);
    expect(due).toEqual([]);
    await timers.pass(1);
    expect(due).toEqual([['a']]);
  });

  test('tells of each set of changes once, and of the next set again', async () => {
    const { timers, due, show } = setUp();
    for (const to of ['1', '1', '2']) {
      show(item('a', { changes: [change(to)] }));
      await timers.pass(5000);
    }
    expect(due).toEqual([['a'], ['a']]);
  });

  test('what was told before a reload is not told again', async () => {
    const first = setUp();
    first.show(item('a'));
    await first.timers.pass(2000);
    const { timers, due, show } = setUp(first.told);
    show(item('a'));
    await timers.pass(5000);
    expect(due).toEqual([]);
  });

  test('the same changes of a new container are told', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(2000);
    show(item('a', { containerId: 'b'.repeat(64) }));
    await timers.pass(2000);
    expect(due).toHaveLength(2);
  });

  test('a further change restarts the wait, a snapshot that says nothing new does not', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(1500);
    show(item('a', { changes: [change('2')] }));
    await timers.pass(1500);
    show(item('a', { changes: [change('2')], state: 'paused' }), item('b', { dirty: false }));
    await timers.pass(499);
    expect(due).toEqual([]);
    await timers.pass(1);
    expect(due).toEqual([['a']]);
  });

  test('several that are due are told at once', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(1000);
    show(item('a'), item('b'), item('c', { dirty: false }));
    await timers.pass(2000);
    expect(due).toEqual([['a', 'b']]);
  });

  test.each<[string, Partial<DevContainer>]>([
    ['is clean', { dirty: false }],
    ['has an invalid configuration', { problem: { message: 'No comma' } }],
    ['has a job', { activity: 'building' }],
    ['belongs to another folder and does not run', { workspaceFolder: '/x', state: 'stopped' }],
  ])('nothing is told of one that %s', async (_, more) => {
    const { timers, due, show } = setUp();
    show(item('a', more));
    await timers.pass(5000);
    expect(due).toEqual([]);
    expect(timers.waiting).toBe(0);
  });

  test.each<[string, Partial<DevContainer>]>([
    ['a stopped one of this workspace', { state: 'stopped' }],
    ['a running one of another folder', { workspaceFolder: '/x' }],
  ])('%s is told of', async (_, more) => {
    const { timers, due, show } = setUp();
    show(item('a', more));
    await timers.pass(2000);
    expect(due).toEqual([['a']]);
  });

  test('a job that begins in the wait silences it; what is still different after it is told', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(1000);
    show(item('a', { activity: 'recreating' }));
    await timers.pass(5000);
    expect(due).toEqual([]);
    show(item('a'));
    await timers.pass(2000);
    expect(due).toEqual([['a']]);
  });

  test('a change that is undone in time is not told', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(1000);
    show(item('a', { dirty: false, changes: [] }));
    await timers.pass(5000);
    expect(due).toEqual([]);
  });

  test('changes that need nothing are no news', async () => {
    const { timers, due, show } = setUp();
    show(item('a'));
    await timers.pass(2000);
    const harmless: Change = { input: 'c.json', property: 'name', to: '"x"', effect: 'none' };
    show(item('a', { changes: [change('1'), harmless] }));
    await timers.pass(5000);
    expect(due).toEqual([['a']]);
  });

  test('an ignored one is not told of, and is once it is ignored no more', async () => {
    const { timers, due, show, ignored } = setUp();
    ignored.add('a');
    show(item('a'), item('b'));
    await timers.pass(5000);
    expect(due).toEqual([['b']]);
    ignored.clear();
    show(item('a'), item('b'));
    await timers.pass(5000);
    expect(due).toEqual([['b'], ['a']]);
  });

  test('typing puts it off', async () => {
    const { timers, news, due, show } = setUp();
    news.postpone();
    expect(timers.waiting).toBe(0);
    show(item('a'));
    for (let i = 0; i < 5; i++) {
      await timers.pass(1900);
      news.postpone();
    }
    expect(due).toEqual([]);
    await timers.pass(2000);
    expect(due).toEqual([['a']]);
  });

  test('is silent once disposed', async () => {
    const { timers, news, due, show } = setUp();
    show(item('a'));
    news.dispose();
    show(item('b'));
    await timers.pass(5000);
    expect(due).toEqual([]);
    expect(timers.waiting).toBe(0);
  });
});
