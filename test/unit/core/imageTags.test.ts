import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { Engines } from '../../../src/core/engines';
import { ImageTags } from '../../../src/core/imageTags';
import { container, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers } from '../../support/fakeTimers';

const [one, two] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const facts = container('a', { image: 'app:1', imageId: one });

async function ground() {
  const engine = new FakeEngine();
  const timers = new FakeTimers();
  const engines = new Engines(timers, silentLogger);
  engine.containers.set(facts.id, facts);
  engine.images.set('app:1', one);
  engines.use([engine]);
  await timers.pass(1_000);
  const tags = new ImageTags(engines, silentLogger);
  let fired = 0;
  tags.onDidChange(() => fired++);
  engine.calls.length = 0;
  const of = (of = facts) => tags.of('fake', of);
  return { engine, timers, engines, tags, of, fired: () => fired };
}

describe('ImageTags', () => {
  test('asks once for the name and once for its image, and says so', async () => {
    const { engine, timers, of, fired } = await ground();
    expect(of()).toBeUndefined();
    await timers.pass(0);
    of();
    await timers.pass(0);
    expect(of()).toEqual({ reference: 'app:1', id: one });
    expect(fired()).toBe(1);
    await timers.pass(600_000);
    of();
    expect(engine.calls.filter((call) => /details|image/.test(call))).toEqual(['image app:1']);
  });

  test('where the list gives an id, since the name means another image by now, the container tells the name', async () => {
    const { engine, timers, tags } = await ground();
    engine.images.set('app:1', two);
    const listed = { ...facts, image: one };
    expect(tags.of('fake', listed)).toBeUndefined();
    await timers.pass(0);
    tags.of('fake', listed);
    await timers.pass(0);
    expect(tags.of('fake', listed)).toEqual({ reference: 'app:1', id: two });
  });

  test('a tag that moves is told, one that stays is not', async () => {
    const { engine, timers, tags, fired } = await ground();
    tags.idOf('fake', 'app:1');
    await timers.pass(0);
    expect(fired()).toBe(1);
    engine.moveTag('other:1', two);
    await timers.pass(250);
    expect(fired()).toBe(1);
    engine.moveTag('app:1', two);
    await timers.pass(250);
    expect(tags.idOf('fake', 'app:1')).toEqual({ reference: 'app:1', id: two });
    expect(fired()).toBe(2);
  });

  test('a name that means no image any more has no id', async () => {
    const { engine, timers, tags } = await ground();
    tags.idOf('fake', 'app:1');
    await timers.pass(0);
    engine.images.delete('app:1');
    engine.moveTag('x', one);
    await timers.pass(250);
    expect(tags.idOf('fake', 'app:1')).toEqual({ reference: 'app:1', id: undefined });
  });

  test('a tag that moves while it is asked for is asked for again', async () => {
    const { engine, timers, tags } = await ground();
    let release: () => void = () => undefined;
    engine.holdImages = new Promise((resolve) => (release = resolve));
    tags.idOf('fake', 'app:1');
    await timers.pass(0);
    engine.moveTag('app:1', two);
    await timers.pass(250);
    expect(engine.calls.filter((call) => call === 'image app:1')).toHaveLength(1);
    release();
    await timers.pass(0);
    expect(tags.idOf('fake', 'app:1')?.id).toBe(two);
    expect(engine.calls.filter((call) => call === 'image app:1')).toHaveLength(2);
  });

  test('where images change all the time, a name is known from its first answer on, in its turn', async () => {
    const { engine, timers, tags } = await ground();
    for (let n = 0; n < 20; n++) tags.idOf('fake', `other:${n}`);
    await timers.pass(0);
    let release: () => void = () => undefined;
    const hold = (): void => {
      engine.holdImages = new Promise((resolve) => (release = resolve));
    };
    hold();
    engine.moveTag('other:0', two);
    await timers.pass(250);
    tags.idOf('fake', 'app:1');
    let rounds = 0;
    for (; !tags.idOf('fake', 'app:1'); rounds++) {
      // Something changes while each question is asked, so that none is the last of its kind.
      engine.moveTag('other:0', rounds % 2 ? two : one);
      await timers.pass(250);
      const before = release;
      hold();
      before();
      await timers.pass(0);
      expect(rounds).toBeLessThan(10);
    }
    engine.moveTag('other:0', one);
    await timers.pass(250);
    expect(tags.idOf('fake', 'app:1')).toEqual({ reference: 'app:1', id: one });
    release();
  });

  test('what failed is not asked for again before the images change or the engine is back', async () => {
    const { engine, timers, tags, of } = await ground();
    engine.failure = new ShipshapeError('engineFailed', 'HTTP 500');
    engine.failing = 'image';
    tags.idOf('fake', 'app:1');
    await timers.pass(0);
    engine.failing = 'details';
    of();
    await timers.pass(0);
    engine.failure = undefined;
    for (let i = 0; i < 3; i++) {
      expect([of(), tags.idOf('fake', 'app:1')]).toEqual([undefined, undefined]);
      await timers.pass(10_000);
    }
    engine.breakStream(new Error('reset'));
    await timers.pass(10_000);
    expect([of()?.id, tags.idOf('fake', 'app:1')?.id]).toEqual([one, one]);
  });

  test.each([
    ['an id', one],
    ['an id without sha256', '1'.repeat(64)],
    ['the beginning of the id', '1'.repeat(12)],
    ['a name with a digest', `app@sha256:${'9'.repeat(64)}`],
  ])('%s never moves, and is not asked for', async (_, image) => {
    const { engine, timers, of } = await ground();
    const made = { ...facts, image };
    engine.containers.set(facts.id, made);
    of(made);
    await timers.pass(0);
    expect(of(made)).toEqual({ reference: image, id: one });
    engine.moveTag('app:1', two);
    await timers.pass(250);
    expect(engine.calls).toEqual(['details aaaa']);
  });

  test('asks four questions at once', async () => {
    const { engine, timers, tags } = await ground();
    let release: () => void = () => undefined;
    engine.holdImages = new Promise((resolve) => (release = resolve));
    for (let i = 0; i < 20; i++) tags.idOf('fake', `name:${i}`);
    await timers.pass(0);
    expect(engine.calls).toHaveLength(4);
    release();
    await timers.pass(0);
    expect(engine.calls).toHaveLength(20);
  });

  test('of containers and engines that are gone nothing is asked or said', async () => {
    const { engine, engines, timers, tags, of } = await ground();
    of();
    await timers.pass(0);
    of();
    await timers.pass(0);
    engine.happen(facts.id, 'destroy');
    await timers.pass(0);
    engine.calls.length = 0;
    engine.moveTag('app:1', two);
    await timers.pass(250);
    expect(engine.calls).toEqual([]);
    engines.use([]);
    expect(tags.of('fake', facts)).toBeUndefined();
    expect(tags.idOf('fake', 'app:1')).toBeUndefined();
  });
});
