import { describe, expect, test } from 'vitest';
import type { ImageCheck } from '../../../src/api';
import { silentLogger } from '../../../src/common/logger';
import { RegistryError } from '../../../src/core/imagePorts';
import { ImageStatuses } from '../../../src/core/imageStatuses';
import { container } from '../../support/fakeEngine';
import { FakeRecords } from '../../support/fakeDisk';
import { FakeTimers, settle } from '../../support/fakeTimers';
import { imageGround, sha } from '../../support/imageGround';

const DAY_MS = 24 * 3_600_000;
const check = (more: Partial<ImageCheck> = {}): ImageCheck => ({
  reference: 'app:1',
  status: 'updated',
  checkedAt: Date.now(),
  ...more,
});

function windows() {
  const [records, timers] = [new FakeRecords(), new FakeTimers()];
  const open = async (): Promise<ImageStatuses> => {
    const statuses = new ImageStatuses(records, timers, silentLogger);
    await statuses.load();
    return statuses;
  };
  return { records, timers, open };
}

describe('what is known of images', () => {
  test('outlives the window, and serves the next one as long as it is fresh', async () => {
    const { timers, open } = windows();
    const app = container('1', { image: 'app:1', imageId: sha('1') });
    const found = check({ status: 'outdated', checkedAt: timers.now() });
    (await open()).show('fake', app, found);
    const next = await open();
    // Another container of the same image is judged alike.
    expect(next.of('fake', { ...app, id: '2'.repeat(64) })).toEqual(found);
    expect(next.of('other', app)).toBeUndefined();
    expect(next.of('fake', { ...app, imageId: sha('2') })).toBeUndefined();
    expect(next.answer('fake', app, timers.now())).toEqual(found);
    expect(next.answer('fake', app, timers.now() + 1)).toBeUndefined();
  });

  test('an error is shown and never kept: the next window shows the last answer', async () => {
    const { records, timers, open } = windows();
    const app = container('1', { image: 'app:1' });
    const statuses = await open();
    statuses.show('fake', app, check({ checkedAt: timers.now() }));
    for (const status of ['processing', 'error'] as const) {
      statuses.show('fake', app, check({ status, checkedAt: timers.now() + 1 }));
      expect(statuses.of('fake', app)?.status).toBe(status);
      expect(statuses.answer('fake', app, 0)).toBeUndefined();
    }
    expect(records.values.size).toBe(1);
    expect((await open()).of('fake', app)?.status).toBe('updated');
  });

  test('what another window finds is shown here at once, unless it is older', async () => {
    const { records, timers, open } = windows();
    const app = container('1', { image: 'app:1' });
    const [here, there] = [await open(), await open()];
    let told = 0;
    here.onDidChange(() => told++);
    there.show('fake', app, check({ status: 'outdated', checkedAt: timers.now() }));
    records.touch([...records.values.keys()][0]);
    await settle();
    expect([here.of('fake', app)?.status, told]).toEqual(['outdated', 1]);
    here.show('fake', app, check({ checkedAt: timers.now() + 5 }));
    there.show('fake', app, check({ status: 'skipped', checkedAt: timers.now() + 1 }));
    records.touch();
    await settle();
    expect(here.of('fake', app)?.status).toBe('updated');
  });

  test('a container that was never started has a status of its own, and so has one of an image without a name', async () => {
    const { open } = windows();
    const statuses = await open();
    const app = container('1', { image: 'app:1' });
    statuses.show('fake', app, check());
    expect(statuses.of('fake', { ...app, state: 'created' })).toBeUndefined();
    const nameless = container('2', { image: sha('0'), imageId: sha('0') });
    statuses.show('fake', nameless, check());
    expect(statuses.of('fake', { ...nameless, id: '3'.repeat(64) })).toBeUndefined();
  });

  test('records that are old go, and broken ones are left out', async () => {
    const { records, timers, open } = windows();
    const app = container('1', { image: 'app:1' });
    (await open()).show('fake', app, check({ checkedAt: timers.now() }));
    const [[name, value] = []] = [...records.values];
    for (const [n, broken] of [null, 1, {}, { version: 1, key: 'x' }, { version: 2 }].entries())
      records.values.set(`broken${n}`, broken);
    records.values.set('odd', {
      ...(value as object),
      check: { reference: 'x', status: 'fine', checkedAt: timers.now() },
    });
    expect((await open()).of('fake', app)?.status).toBe('updated');
    await timers.pass(31 * DAY_MS);
    expect((await open()).of('fake', app)).toBeUndefined();
    expect(records.values.has(name ?? '')).toBe(false);
  });

  test('what changed on the engine serves no more, though it is still shown', async () => {
    const { open } = windows();
    const statuses = await open();
    const [app, other] = [container('1', { image: 'app:1' }), container('2', { image: 'other:1' })];
    for (const each of [app, other]) statuses.show('fake', each, check());
    statuses.evict('fake', (image) => image === 'app:1');
    expect(statuses.of('fake', app)?.status).toBe('updated');
    expect(statuses.answer('fake', app, 0)).toBeUndefined();
    expect(statuses.answer('fake', other, 0)).toBeDefined();
  });

  test('a full disk costs a warning, not the check', async () => {
    const { records, timers } = windows();
    const told: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void told.push(text) };
    const statuses = new ImageStatuses(records, timers, logger);
    records.failure = new Error('there is no space left');
    statuses.show('fake', container('1'), check());
    await settle();
    expect(told).toEqual(['Could not keep how app:1 stands: there is no space left']);
    expect(statuses.of('fake', container('1'))).toBeDefined();
  });
});

describe('a check that another window made', () => {
  test('serves here for five minutes without a question to engine or registry; an error there does not', async () => {
    const { engine, registry, records, add, one, statuses, timers } = await imageGround();
    const app = add('1', 'app:1');
    const found = await one(app);
    const second = await imageGround();
    await second.timers.pass(timers.now() - second.timers.now());
    for (const [key, value] of records.values) second.records.values.set(key, value);
    await second.statuses.load();
    engine.calls.length = 0;
    expect(await second.one(app)).toEqual(found);
    expect([second.registry.heads, second.engine.calls.filter((call) => call.startsWith('facts'))]).toEqual([
      [],
      [],
    ]);
    await timers.pass(300_001);
    registry.failure = new RegistryError('ghcr.io answered with status 503.', { status: 503 });
    await one(app);
    expect(statuses.of('fake', app)?.status).toBe('error');
    expect(JSON.stringify([...records.values.values()])).not.toContain('503');
  });
});
