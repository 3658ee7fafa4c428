import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import { EngineWatch } from '../../../src/core/engineWatch';
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

  test('idle for a minute costs four pings and one list', async () => {
    const { engine, timers } = await watching();
    engine.calls.length = 0;
    await timers.pass(60_000);
    expect(engine.calls.sort()).toEqual(['list', 'ping', 'ping', 'ping', 'ping']);
  });

  test('nothing is left waiting after dispose', async () => {
    const { engine, timers, watch } = await watching();
    watch.dispose();
    engine.dispose();
    await timers.pass(0);
    expect(timers.waiting).toBe(0);
  });
});
