import { describe, expect, test, vi } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';

function setUp() {
  const engine = new FakeEngine();
  const timers = new FakeTimers();
  const store = new EngineStore(engine, timers, silentLogger);
  const lists = (): number => engine.calls.filter((call) => call === 'list').length;
  return { engine, timers, store, lists };
}

const silent = new ShipshapeError('engineSilent', 'No answer within 5 s.');

describe('EngineStore', () => {
  test('a list is fresh for 10 s from its end (S4-01)', async () => {
    const { engine, timers, store, lists } = setUp();
    const held = hold();
    engine.holdLists = held.promise;
    const first = store.freshen();
    await timers.pass(60_000);
    held.resolve();
    engine.holdLists = undefined;
    await first;
    await timers.pass(10_000);
    await store.freshen();
    expect(lists()).toBe(1);
    await timers.pass(1);
    await store.freshen();
    expect(lists()).toBe(2);
  });

  test('simultaneous callers share one list, and one that gives up leaves it to the others (S4-03)', async () => {
    const { engine, store, lists } = setUp();
    engine.containers.set('a', container('a'));
    const held = hold();
    engine.holdLists = held.promise;
    const impatient = new AbortController();
    const callers = [store.freshen(), store.freshen(), store.freshen(impatient.signal)];
    impatient.abort();
    await expect(callers[2]).rejects.toMatchObject({ code: 'cancelled' });
    held.resolve();
    await Promise.all(callers.slice(0, 2));
    expect(store.containers()).toHaveLength(1);
    expect(lists()).toBe(1);
  });

  test('a failed list keeps the last good one, marked with its age, until the next success (S4-04)', async () => {
    const { engine, timers, store } = setUp();
    engine.containers.set('a', container('a'));
    await store.refresh();
    const listedAt = timers.now();
    await timers.pass(20_000);
    engine.failure = silent;
    await expect(store.freshen()).rejects.toBe(silent);
    expect(store.containers()).toHaveLength(1);
    expect(store.state).toEqual({
      status: 'unavailable',
      error: silent.message,
      errorKind: 'silent',
      staleSince: listedAt,
    });
    engine.failure = undefined;
    await store.freshen();
    expect(store.state).toEqual({ status: 'ready' });
  });

  test('what is shown was known when the engine broke off, or when a silent one answered last', async () => {
    const { engine, timers, store } = setUp();
    engine.containers.set('a', container('a'));
    await store.refresh();
    await timers.pass(20_000);
    store.invalidate();
    store.hear();
    const heardAt = timers.now();
    await timers.pass(5_000);
    store.fail(silent);
    expect(store.state.staleSince).toBe(heardAt);
    await store.refresh();
    await timers.pass(20_000);
    store.fail(new ShipshapeError('engineMissing', 'Gone.'));
    expect(store.state.staleSince).toBe(timers.now());
  });

  test('the same failure again and again is told once, and once more after a success (U-01)', async () => {
    const engine = new FakeEngine();
    const warn = vi.fn();
    const store = new EngineStore(engine, new FakeTimers(), { ...silentLogger, warn });
    const fails = async (failure: ShipshapeError): Promise<void> => {
      engine.failure = failure;
      await expect(store.refresh()).rejects.toBe(failure);
    };
    for (let i = 0; i < 3; i++) await fails(silent);
    expect(warn.mock.calls).toEqual([[`Fake: ${silent.message}`]]);
    await fails(new ShipshapeError('engineFailed', 'HTTP 500'));
    expect(warn).toHaveBeenCalledTimes(2);
    engine.failure = undefined;
    await store.refresh();
    await fails(new ShipshapeError('engineFailed', 'HTTP 500'));
    expect(warn).toHaveBeenCalledTimes(3);
  });

  test('a list drops what is not in it any more, and nothing that it says again', async () => {
    const { engine, store } = setUp();
    const [stays, goes] = [container('a'), container('b')];
    for (const facts of [stays, goes]) engine.containers.set(facts.id, facts);
    await store.refresh();
    engine.containers.delete(goes.id);
    await store.refresh();
    expect(store.containers()).toEqual([stays]);
  });

  test('after a change of ours the next read is fresh (S4-06)', async () => {
    const { store, lists } = setUp();
    await store.freshen();
    store.invalidate();
    await store.freshen();
    expect(lists()).toBe(2);
  });

  test('a list asked before a container went does not bring it back', async () => {
    const { engine, store } = setUp();
    const facts = container('a');
    engine.containers.set(facts.id, facts);
    await store.refresh();
    const held = hold();
    engine.holdLists = held.promise;
    const late = store.refresh();
    engine.containers.delete(facts.id);
    await store.refreshOne(facts.id);
    held.resolve();
    await late;
    expect(store.containers()).toEqual([]);
  });

  test('a list asked before a container changed does not change it back', async () => {
    const { engine, store } = setUp();
    const facts = container('a');
    engine.containers.set(facts.id, facts);
    await store.refresh();
    const held = hold();
    engine.holdLists = held.promise;
    const late = store.refresh();
    engine.containers.set(facts.id, { ...facts, state: 'exited' });
    await store.refreshOne(facts.id);
    held.resolve();
    await late;
    expect(store.find(facts.id)?.state).toBe('exited');
  });

  test('a list asked before a container came does not take it away', async () => {
    const { engine, store } = setUp();
    const held = hold();
    engine.holdLists = held.promise;
    const late = store.refresh();
    const facts = container('a');
    engine.containers.set(facts.id, facts);
    await store.refreshOne(facts.id);
    held.resolve();
    await late;
    expect(store.containers()).toEqual([facts]);
  });

  test('an answer asked before a container went does not bring it back', async () => {
    const { engine, store } = setUp();
    const facts = container('a');
    const held = hold();
    const inspect = engine.inspect.bind(engine);
    engine.inspect = () => held.promise.then(() => facts);
    const late = store.refreshOne(facts.id);
    engine.inspect = inspect;
    await store.refreshOne(facts.id);
    await store.refresh();
    held.resolve();
    expect(await late).toBeUndefined();
    expect(store.containers()).toEqual([]);
  });

  test('a container that goes takes along no other that has its name by now', async () => {
    const { engine, store } = setUp();
    const [old, fresh] = ['a', 'b'].map((digit) => container(digit, { name: 'web' }));
    if (!old || !fresh) throw new Error('unreachable');
    engine.containers.set(old.id, old);
    await store.refresh();
    engine.containers.delete(old.id);
    engine.containers.set(fresh.id, fresh);
    // The answer of the one that came may be here first.
    await store.refreshOne(fresh.id);
    await store.refreshOne(old.id);
    expect(store.containers()).toEqual([fresh]);
  });

  test('after a change of ours a list that was under way does not do', async () => {
    const { engine, store, lists } = setUp();
    const held = hold();
    engine.holdLists = held.promise;
    const old = store.refresh();
    engine.containers.set('a', container('a'));
    store.invalidate();
    const fresh = store.freshen();
    held.resolve();
    await old;
    await fresh;
    expect(store.containers()).toHaveLength(1);
    expect(lists()).toBe(2);
  });

  test('a list that says nothing new fires nothing and keeps the objects', async () => {
    const { engine, store } = setUp();
    engine.containers.set('a', container('a'));
    await store.refresh();
    const before = store.containers()[0];
    let fired = 0;
    store.onDidChange(() => fired++);
    engine.containers.set('a', container('a', { createdAt: 1_700_000_000_000 }));
    await store.refresh();
    expect(fired).toBe(0);
    expect(store.containers()[0]).toBe(before);
  });

  test('a dev container whose list entry has whole seconds only is asked for exactly', async () => {
    const { engine, store } = setUp();
    const exact = container('a', { labels: { 'devcontainer.local_folder': '/w' } });
    engine.containers.set(exact.id, exact);
    engine.list = () => Promise.resolve([{ ...exact, createdAt: 1_700_000_000_000 }]);
    await store.refresh();
    await settle();
    expect(store.find(exact.id)?.createdAt).toBe(exact.createdAt);
  });
});

function hold(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
