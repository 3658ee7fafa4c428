import { expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { FILES_MS, lossesWith, SIZE_MS } from '../../../src/core/containerLosses';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers } from '../../support/fakeTimers';

const facts = container('a');
const never = new Promise<void>(() => undefined);

function setUp() {
  const engine = new FakeEngine();
  engine.containers.set(facts.id, facts);
  engine.fileChanges.set(facts.id, [{ path: '/opt/x', kind: 'added' }]);
  engine.mounts.set(facts.id, []);
  engine.written = 1234;
  const timers = new FakeTimers();
  const user = new AbortController();
  const parts = { timers, logger: silentLogger, signal: user.signal };
  return { engine, timers, user, ask: () => lossesWith(engine, facts.id, parts) };
}

test('files, volumes and the size are asked for', async () => {
  const { engine, ask } = setUp();
  engine.mounts.set(facts.id, [{ type: 'volume', source: 'f'.repeat(64), target: '/data' }]);
  expect(await ask()).toMatchObject({ files: 1, paths: ['/opt/x'], volumes: ['/data'], writtenBytes: 1234 });
});

test('the size is not asked for where no file is lost: engines have to add it up', async () => {
  const { engine, ask } = setUp();
  engine.fileChanges.clear();
  expect(await ask()).toEqual({ files: 0, places: [], paths: [], volumes: [] });
  expect(engine.calls.join()).not.toContain('written');
});

test('a container that is gone loses nothing', async () => {
  const { engine, ask } = setUp();
  engine.containers.clear();
  expect(await ask()).toMatchObject({ files: 0, volumes: [] });
});

test('an engine that fails, or does not tell of mounts, leaves it unknown', async () => {
  const { engine, ask } = setUp();
  engine.failure = new ShipshapeError('engineFailed', 'HTTP 500');
  engine.failing = 'changes';
  expect(await ask()).toBeUndefined();
  engine.failure = undefined;
  engine.mounts.clear();
  expect(await ask()).toBeUndefined();
});

test('an engine that does not answer leaves it unknown after ten seconds', async () => {
  const { engine, timers, ask } = setUp();
  engine.holdFiles = never;
  const asked = ask();
  await timers.pass(FILES_MS - 1);
  expect(await Promise.race([asked, Promise.resolve('waiting')])).toBe('waiting');
  await timers.pass(1);
  expect(await asked).toBeUndefined();
});

test('a size that takes too long, or fails, is left out, and the files are told', async () => {
  const { engine, timers, ask } = setUp();
  engine.holdSizes = never;
  const asked = ask();
  await timers.pass(SIZE_MS);
  expect(await asked).toEqual({
    ...{ files: 1, places: [{ path: '/opt/x', files: 1 }], paths: ['/opt/x'], volumes: [] },
  });
  engine.failure = new ShipshapeError('engineFailed', 'HTTP 500');
  engine.failing = 'written';
  expect(await ask()).toMatchObject({ files: 1 });
});

test('a user who gives up is not kept waiting', async () => {
  const { engine, user, ask } = setUp();
  engine.holdFiles = never;
  const asked = ask();
  user.abort();
  expect(await asked).toBeUndefined();
  expect(await ask()).toBeUndefined();
});

test('of one that was made from a copy it is said that there is more than can be listed', async () => {
  const { engine, ask } = setUp();
  engine.fileChanges.clear();
  engine.containers.set(facts.id, { ...facts, image: 'shipshape/copy:0123456789ab' });
  expect(await ask()).toMatchObject({ files: 0, isOfCopy: true });
});
