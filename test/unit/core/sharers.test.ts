import { expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import { SHARERS_MS, sharersForQuestion, sharersOf } from '../../../src/core/sharers';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';
import { held } from '../../support/held';

const owner = container('a');
const never = new Promise<void>(() => undefined);
/** A container whose id ends with this number, made as many seconds after the owner. */
const another = (n: number) =>
  container('0', {
    ...{ id: `${n}`.padStart(64, '0'), name: `c${n}`, createdAt: owner.createdAt + n * 1000 },
  });

/** An engine with the owner and others, of which only the list is known. */
async function setUp(others = [another(1), another(2)]) {
  const engine = new FakeEngine();
  for (const facts of [owner, ...others]) engine.containers.set(facts.id, facts);
  const timers = new FakeTimers();
  const store = new EngineStore(engine, timers, silentLogger);
  await store.refresh();
  engine.calls.length = 0;
  const user = new AbortController();
  const join = (...ids: string[]): void =>
    ids.forEach((id) => engine.networkModes.set(id, `container:${owner.id}`));
  return {
    ...{ engine, timers, store, user, join },
    find: async () => (await sharersOf(store, owner, user.signal)).map(({ name }) => name),
    forQuestion: () =>
      sharersForQuestion(store, owner.id, { timers, logger: silentLogger, signal: user.signal }),
  };
}

test('those that were made before it cannot refer to it, and are not asked about', async () => {
  const [older, younger] = [another(-5), another(1)];
  const { engine, join, find } = await setUp([younger, older]);
  join(older.id, younger.id);
  expect(await find()).toEqual(['c1']);
  expect(engine.calls).toHaveLength(1);
});

test('each is told with all that it shares, and comes along where it is of the same project', async () => {
  const labels = { 'com.docker.compose.project': 'p' };
  const { engine, store, user } = await setUp();
  const all = { network: owner.id, processes: owner.id, memory: owner.id };
  engine.happen(owner.id, 'create', { ...owner, labels });
  engine.happen(another(1).id, 'create', { ...another(1), labels, namespaces: all });
  engine.happen(another(2).id, 'create', {
    ...another(2),
    namespaces: { network: another(1).id, memory: owner.id },
  });
  await store.refresh();
  const found = await sharersOf(store, { ...owner, labels }, user.signal);
  expect(found.map(({ shares, mayBeMadeAgain }) => [shares, mayBeMadeAgain])).toEqual([
    [['network', 'processes', 'memory'], true],
    [['memory'], false],
  ]);
});

test('a container whose namespaces are known is not asked about again, also after another list', async () => {
  const { engine, store, join, find } = await setUp();
  join(another(1).id, another(2).id);
  expect(await find()).toEqual(['c1', 'c2']);
  engine.calls.length = 0;
  await store.refresh();
  expect(await find()).toEqual(['c1', 'c2']);
  expect(engine.calls).toEqual(['list']);
});

test('a list that comes in between is not waited for, and takes nothing from the answer', async () => {
  const { engine, store, join, find } = await setUp();
  join(another(1).id);
  const hold = held();
  engine.holdInspects = hold.promise;
  const asked = find();
  await store.refresh();
  hold.resolve();
  expect(await asked).toEqual(['c1']);
});

test('eight are asked about at once, and the next as soon as one of them is known', async () => {
  const { engine, find } = await setUp(Array.from({ length: 20 }, (_, n) => another(n + 1)));
  const holds: (() => void)[] = [];
  const inspects = (): number => engine.calls.filter((call) => call.startsWith('inspect')).length;
  const next = (): void => {
    const hold = held();
    holds.push(() => hold.resolve());
    engine.holdInspects = hold.promise;
  };
  next();
  const asked = find();
  await settle();
  expect(inspects()).toBe(8);
  next();
  holds[0]?.();
  await settle();
  expect(inspects()).toBe(16);
  engine.holdInspects = undefined;
  holds[1]?.();
  await asked;
  expect(inspects()).toBe(20);
});

test('when the engine fails it is asked no further', async () => {
  const { engine, find } = await setUp(Array.from({ length: 20 }, (_, n) => another(n + 1)));
  engine.failure = new ShipshapeError('engineSilent', 'silent');
  await expect(find()).rejects.toMatchObject({ code: 'engineSilent' });
  await settle();
  expect(engine.calls).toHaveLength(8);
});

test('a job that is cancelled does not wait for those that are yet to be asked about', async () => {
  const { engine, user, find } = await setUp(Array.from({ length: 9 }, (_, n) => another(n + 1)));
  engine.holdInspects = never;
  const asked = find();
  await settle();
  user.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  expect(engine.calls).toHaveLength(8);
});

test('before a question an engine has three seconds, and fewer when the user gives up', async () => {
  const { engine, timers, user, join, forQuestion } = await setUp();
  join(another(1).id);
  engine.holdInspects = never;
  const late = forQuestion();
  await timers.pass(SHARERS_MS - 1);
  expect(await Promise.race([late, Promise.resolve('waiting')])).toBe('waiting');
  await timers.pass(1);
  expect(await late).toEqual([]);
  const given = forQuestion();
  user.abort();
  expect(await given).toEqual([]);
  engine.holdInspects = undefined;
  expect(timers.waiting).toBe(0);
});

test('before a question, what is known in time is told', async () => {
  const { join, forQuestion } = await setUp();
  join(another(1).id);
  expect(await forQuestion()).toMatchObject([{ name: 'c1', shares: ['network'] }]);
});
