import { describe, expect, test, vi } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import { EngineWatch } from '../../../src/core/engineWatch';
import type { EnginePort } from '../../../src/core/ports';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers } from '../../support/fakeTimers';

async function watching() {
  const engine = new FakeEngine();
  const timers = new FakeTimers();
  const store = new EngineStore(engine, timers, silentLogger);
  const watch = new EngineWatch(store, timers, silentLogger);
  watch.start();
  await timers.pass(0);
  return { engine, timers, store, watch };
}

const gone = new ShipshapeError('engineMissing', 'No engine listens.');

describe('EngineWatch', () => {
  test('opens the stream before it lists, and lists once', async () => {
    const { engine } = await watching();
    expect(engine.calls).toEqual(['events', 'list']);
  });

  test('an event fetches its container, not the list', async () => {
    const { engine, timers, store } = await watching();
    const facts = container('a');
    engine.happen(facts.id, 'create', facts);
    await timers.pass(0);
    expect(store.containers()).toEqual([facts]);
    engine.happen(facts.id, 'destroy');
    await timers.pass(0);
    expect(store.containers()).toEqual([]);
    expect(engine.calls).toEqual(['events', 'list', 'inspect aaaa', 'inspect aaaa']);
  });

  test('events of images fetch nothing, and are told together: the first at once, the last within 250 ms', async () => {
    const { engine, timers, store } = await watching();
    await timers.pass(1_000);
    engine.calls.length = 0;
    let told = 0;
    store.onDidChangeImages(() => told++);
    for (let i = 0; i < 100; i++) engine.moveTag('a:1', `sha256:${i}`);
    expect(told).toBe(1);
    await timers.pass(250);
    expect(told).toBe(2);
    await timers.pass(10_000);
    expect(told).toBe(2);
    expect(engine.calls).toEqual([]);
  });

  test('after a break, images may have changed as well', async () => {
    const { engine, timers, store } = await watching();
    await timers.pass(1_000);
    let told = 0;
    store.onDidChangeImages(() => told++);
    engine.breakStream(new Error('reset'));
    await timers.pass(10_000);
    expect(told).toBe(1);
  });

  test('an event during the first list is applied after it', async () => {
    const engine = new FakeEngine();
    const timers = new FakeTimers();
    const store = new EngineStore(engine, timers, silentLogger);
    let release: () => void = () => undefined;
    engine.holdLists = new Promise((resolve) => (release = resolve));
    new EngineWatch(store, timers, silentLogger).start();
    await timers.pass(0);
    const facts = container('b');
    engine.happen(facts.id, 'start', facts);
    release();
    await timers.pass(0);
    expect(store.containers()).toEqual([facts]);
  });

  test('after each break it connects and lists anew, however often', async () => {
    const { engine, timers, store } = await watching();
    for (let i = 0; i < 50; i++) {
      const facts = container('c', { name: `n${i}` });
      engine.breakStream(new Error('reset'));
      engine.containers.set(facts.id, facts);
      await timers.pass(10_000);
      expect(store.find(facts.id)?.name).toBe(`n${i}`);
    }
  });

  test('an engine that is gone is unavailable with what was known, and comes back by itself', async () => {
    const { engine, timers, store } = await watching();
    const facts = container('d');
    engine.happen(facts.id, 'create', facts);
    engine.failure = gone;
    engine.breakStream();
    await timers.pass(60_000);
    expect(store.state).toMatchObject({ status: 'unavailable', errorKind: 'missing' });
    expect(store.containers()).toEqual([facts]);
    engine.failure = undefined;
    await timers.pass(5_000);
    expect(store.state).toEqual({ status: 'ready' });
  });

  test('a silent engine is noticed within 35 s', async () => {
    const { engine, timers, store } = await watching();
    engine.failure = new ShipshapeError('engineSilent', 'No answer.');
    await timers.pass(35_000);
    expect(store.state).toMatchObject({ status: 'unavailable', errorKind: 'silent' });
  });

  test('an engine that lets each ping wait for its limit is noticed within 35 s as well', async () => {
    const { engine, timers, store } = await watching();
    // The last good ping was just now.
    await timers.pass(15_000);
    engine.ping = () =>
      new Promise((_, reject) => {
        timers.after(5_000, () => reject(new ShipshapeError('engineSilent', 'No answer.')));
      });
    engine.failure = new ShipshapeError('engineSilent', 'No answer.');
    await timers.pass(34_999);
    expect(store.state).toMatchObject({ status: 'unavailable', errorKind: 'silent' });
  });

  test('an engine that hung is tried again within a second', async () => {
    const { engine, timers, store } = await watching();
    engine.failure = new ShipshapeError('engineSilent', 'No answer.');
    await timers.pass(600_000);
    engine.failure = undefined;
    await timers.pass(1_000);
    expect(store.state).toEqual({ status: 'ready' });
  });

  describe('an engine that may be back', () => {
    let mayReturn: (() => void) | undefined;
    const missing = async () => {
      const { engine, timers, store } = await watching();
      const port: EnginePort = engine;
      port.onMayReturn = (listener) => {
        mayReturn = listener;
        return { dispose: () => (mayReturn = mayReturn === listener ? undefined : mayReturn) };
      };
      engine.failure = gone;
      engine.breakStream();
      await timers.pass(60_000);
      return { engine, timers, store };
    };

    test('is tried at once', async () => {
      const { engine, timers, store } = await missing();
      engine.failure = undefined;
      mayReturn?.();
      await timers.pass(0);
      expect(store.state).toEqual({ status: 'ready' });
      expect(mayReturn).toBeUndefined();
    });

    test('is tried again at once when that is heard during a try in vain', async () => {
      const { engine, timers, store } = await missing();
      let fail: (why: Error) => void = () => undefined;
      const openEvents = vi.spyOn(engine, 'openEvents');
      openEvents.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
      mayReturn?.();
      await timers.pass(0);
      engine.failure = undefined;
      mayReturn?.();
      fail(gone);
      await timers.pass(0);
      expect(store.state).toEqual({ status: 'ready' });
    });
  });

  test('a container that could not be fetched is made up for by a list soon', async () => {
    const { engine, timers, store } = await watching();
    const facts = container('e');
    engine.failing = 'inspect';
    engine.failure = new ShipshapeError('engineFailed', 'HTTP 500');
    engine.happen(facts.id, 'create', facts);
    await timers.pass(1_000);
    expect(store.containers()).toEqual([facts]);
  });

  test('a list of someone else that fails does not leave a live engine unavailable', async () => {
    const { engine, timers, store } = await watching();
    engine.failure = new ShipshapeError('engineFailed', 'HTTP 500');
    await store.refresh().catch(() => undefined);
    expect(store.state.status).toBe('unavailable');
    engine.failure = undefined;
    await timers.pass(1_000);
    expect(store.state).toEqual({ status: 'ready' });
  });

  test('after the machine has slept it connects, lists and measures the clock anew', async () => {
    const { engine, timers, store } = await watching();
    engine.calls.length = 0;
    engine.skew = 7_200_000;
    timers.sleep(3_600_000);
    await timers.pass(15_000);
    expect(engine.calls).toEqual(['events', 'list']);
    expect(store.skewMs).toBe(7_200_000);
  });

  test('idle for a minute costs four pings and one list', async () => {
    const { engine, timers } = await watching();
    engine.calls.length = 0;
    await timers.pass(60_000);
    expect(engine.calls.sort()).toEqual(['list', 'ping', 'ping', 'ping', 'ping']);
  });

  test('nothing is left waiting after dispose', async () => {
    const { engine, timers, store, watch } = await watching();
    watch.dispose();
    store.dispose();
    engine.dispose();
    await timers.pass(0);
    expect(timers.waiting).toBe(0);
  });
});
