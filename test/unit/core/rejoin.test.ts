import { expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import { rejoin } from '../../../src/core/rejoin';
import { sharersOf } from '../../../src/core/sharers';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers } from '../../support/fakeTimers';

const PROJECT = { 'com.docker.compose.project': 'p' };
const ASIDE = 'cs_before_55555555';
const owner = container('a', { labels: PROJECT });
const sharer = container('5', { name: 'cs', labels: PROJECT, startedAt: 1000 });
const next = container('b', { labels: PROJECT, startedAt: 2000 });

/** An engine with a container and one that shares its network, and what was known of it before. */
async function setUp() {
  const engine = new FakeEngine();
  for (const facts of [owner, sharer, next]) engine.containers.set(facts.id, facts);
  engine.networkModes.set(sharer.id, `container:${owner.id}`);
  engine.images.set(sharer.image, sharer.imageId);
  const store = new EngineStore(engine, new FakeTimers(), silentLogger);
  await store.refresh();
  const sharers = await sharersOf(store, owner, new AbortController().signal);
  const left = (): string[] => [...engine.containers.values()].map((c) => `${c.name} ${c.state}`).sort();
  return { engine, sharers, left };
}

const MADE = ['ca running', 'cb running', 'cs running'];

test.each([
  ['before anything was done', undefined],
  ['once it was set aside', 'rename'],
  ['once the new one was made', 'make'],
])('a window that died %s leaves what the next one finishes', async (_, last) => {
  const { engine, sharers, left } = await setUp();
  if (last !== undefined) {
    await engine.stop(sharer.id);
    await engine.rename(sharer.id, ASIDE);
  }
  if (last === 'make') await engine.make((await engine.blueprint(sharer.id)) ?? {}, 'cs', sharer.image);
  const { notes, isOldNeeded } = await rejoin(engine, sharers, next);
  expect(notes).toEqual(['cs was made anew with its files and volumes, since it shares the network.']);
  expect(isOldNeeded).toBe(false);
  expect(left()).toEqual(MADE);
  if (last !== 'make') expect(engine.networkModes.get('f'.repeat(64))).toBe(`container:${next.id}`);
});

test('one that has files of its own is made from a copy, another one from its image', async () => {
  const { engine, sharers } = await setUp();
  engine.fileChanges.set(sharer.id, [{ path: '/opt/x', kind: 'added' }]);
  await rejoin(engine, sharers, next);
  expect(engine.calls).toContain('make cs shipshape/copy:555555555555');
  const clean = await setUp();
  await rejoin(clean.engine, clean.sharers, next);
  expect(clean.engine.calls).toContain('make cs image:1');
});

test.each(['make', 'change ffff'])(
  'when it fails at %s it has its name again, and it is said',
  async (step) => {
    const { engine, sharers, left } = await setUp();
    [engine.failure, engine.failing] = [new ShipshapeError('engineFailed', 'HTTP 500'), step];
    const { notes, isOldNeeded } = await rejoin(engine, sharers, next);
    expect(notes).toEqual(['cs could not be brought along: HTTP 500']);
    expect(isOldNeeded).toBe(true);
    expect(left()).toEqual(['ca running', 'cb running', 'cs exited']);
  },
);

test('one that somebody else made in its place is not removed when it does not start', async () => {
  const { engine, sharers, left } = await setUp();
  await engine.stop(sharer.id);
  await engine.rename(sharer.id, ASIDE);
  await engine.make((await engine.blueprint(sharer.id)) ?? {}, 'cs', sharer.image);
  [engine.failure, engine.failing] = [new ShipshapeError('engineFailed', 'HTTP 500'), 'change ffff'];
  const { notes } = await rejoin(engine, sharers, next);
  expect(notes).toEqual(['cs could not be brought along: HTTP 500']);
  expect(left()).toContain(`${ASIDE} exited`);
  expect(engine.containers.has('f'.repeat(64))).toBe(true);
});

test('an engine that is gone is waited for', async () => {
  const { engine, sharers } = await setUp();
  [engine.failure, engine.failing] = [new ShipshapeError('engineSilent', 'silent'), 'make'];
  await expect(rejoin(engine, sharers, next)).rejects.toMatchObject({ code: 'engineSilent' });
});
