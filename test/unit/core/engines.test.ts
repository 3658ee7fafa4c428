import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { brokenEngine } from '../../../src/core/brokenEngine';
import { Engines } from '../../../src/core/engines';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';

function setUp() {
  const timers = new FakeTimers();
  const engines = new Engines(timers, silentLogger);
  const connected: string[] = [];
  engines.onDidConnect((store) => connected.push(store.engine.key));
  return { timers, engines, connected };
}

const missing = new ShipshapeError('engineMissing', 'Nothing listens.');

describe('Engines', () => {
  test('is ready once engines were chosen and each has answered or failed', async () => {
    const { engines, timers } = setUp();
    let ready = false;
    void engines.ready().then(() => (ready = true));
    await settle();
    expect(ready).toBe(false);
    const broken = new FakeEngine('broken');
    broken.failure = missing;
    engines.use([new FakeEngine('good'), broken]);
    await timers.pass(1);
    expect(ready).toBe(true);
    expect(engines.stores.map((store) => store.state.status)).toEqual(['ready', 'unavailable']);
  });

  test('one that hangs has failed for the first time after 3 s, and who asks for another does not wait', async () => {
    const { engines, timers } = setUp();
    const hung = new FakeEngine('hung');
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const openEvents = hung.openEvents.bind(hung);
    hung.openEvents = async (onEvent) => held.then(() => openEvents(onEvent));
    engines.use([new FakeEngine('good'), hung]);
    let [one, all] = [false, false];
    void engines.ready('good').then(() => (one = true));
    void engines.ready().then(() => (all = true));
    await timers.pass(2_999);
    expect([one, all]).toEqual([true, false]);
    await timers.pass(1);
    expect(all).toBe(true);
    expect(engines.find('hung')?.state).toMatchObject({ status: 'unavailable', errorKind: 'silent' });
    // It was only slow: the same connection is good.
    goOn();
    await timers.pass(3_000);
    expect(engines.find('hung')?.state).toEqual({ status: 'ready' });
    expect(hung.calls).toEqual(['events', 'list']);
  });

  test('an engine that is shown already goes on; one that is not wanted any more is let go', async () => {
    const { engines, timers } = setUp();
    const [first, again, second] = [new FakeEngine('a'), new FakeEngine('a'), new FakeEngine('b')];
    engines.use([first, second]);
    await timers.pass(1);
    const store = engines.find('a');
    engines.use([again]);
    await timers.pass(1);
    expect(engines.find('a')).toBe(store);
    expect(again.calls).toEqual([]);
    expect(engines.find('b')).toBeUndefined();
    const calls = second.calls.length;
    await timers.pass(120_000);
    expect(second.calls).toHaveLength(calls);
  });

  test('an engine that is reached in another way now, as with new certificates, is connected anew', async () => {
    const { engines, timers } = setUp();
    const [old, fresh] = [new FakeEngine('a'), new FakeEngine('a')];
    let letGo = 0;
    Object.assign(old, { isReachedLike: (other: unknown) => other === old, dispose: () => letGo++ });
    engines.use([old]);
    await timers.pass(1);
    engines.use([old]);
    expect([engines.find('a')?.engine, letGo]).toEqual([old, 0]);
    engines.use([fresh]);
    await timers.pass(1);
    expect([engines.find('a')?.engine, letGo]).toEqual([fresh, 1]);
    expect(fresh.calls).toEqual(['events', 'list']);
  });

  test('stand in the order of the last choice, each once, also when an engine that is shown is chosen anew', async () => {
    const { engines, timers } = setUp();
    const [a, b] = [new FakeEngine('a'), new FakeEngine('b')];
    engines.use([a, b]);
    await timers.pass(1);
    engines.use([new FakeEngine('c'), b, a, new FakeEngine('b')]);
    await timers.pass(5_000);
    expect(engines.stores.map(({ engine }) => engine.key)).toEqual(['c', 'b', 'a']);
    expect(b.calls.filter((call) => call === 'events')).toHaveLength(1);
    b.happen('b'.repeat(64), 'create', container('b'));
    await timers.pass(200);
    expect(engines.find('b')?.find('b'.repeat(64))).toBeDefined();
  });

  test('tells of each connection, also of the next one after a break', async () => {
    const { engines, timers, connected } = setUp();
    const engine = new FakeEngine('a');
    engines.use([engine]);
    await timers.pass(1);
    expect(connected).toEqual(['a']);
    engine.failure = missing;
    engine.breakStream(new Error('gone'));
    await timers.pass(10_000);
    expect(engines.find('a')?.state.status).toBe('unavailable');
    engine.failure = undefined;
    await timers.pass(10_000);
    expect(connected).toEqual(['a', 'a']);
  });

  test('a refresh lists every engine, and those that fail say so without keeping it', async () => {
    const { engines, timers } = setUp();
    const [good, broken] = [new FakeEngine('good'), new FakeEngine('broken')];
    broken.failure = missing;
    engines.use([good, broken]);
    await timers.pass(1);
    good.containers.set('a', container('a'));
    await engines.refresh();
    expect(engines.find('good')?.containers()).toHaveLength(1);
    expect(engines.find('broken')?.state.errorKind).toBe('missing');
  });

  test('changes are told, and nothing more once it is disposed', async () => {
    const { engines, timers } = setUp();
    let told = 0;
    engines.onDidChange(() => told++);
    const engine = new FakeEngine('a');
    engines.use([engine]);
    await timers.pass(1);
    expect(told).toBeGreaterThan(0);
    engines.dispose();
    told = 0;
    const calls = engine.calls.length;
    engine.happen('a'.repeat(64), 'start', container('a'));
    await timers.pass(200_000);
    expect([told, engine.calls.length, timers.waiting]).toEqual([0, calls, 0]);
  });
});

test('an engine whose address makes no sense says why at each call', async () => {
  const engine = brokenEngine('Docker', 'nonsense', missing);
  expect(engine).toMatchObject({ key: 'broken:nonsense', name: 'Docker', endpoint: 'nonsense' });
  const calls = [
    engine.list(),
    engine.inspect('a'),
    engine.ping(),
    engine.clockSkew(),
    engine.openEvents(() => undefined),
    engine.start('a'),
    engine.stop('a'),
    engine.rename('a', 'b'),
    engine.remove('a'),
  ];
  for (const call of calls) await expect(call).rejects.toBe(missing);
  engine.dispose();
});
