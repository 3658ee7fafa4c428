import { describe, expect, test } from 'vitest';
import { container } from '../../support/fakeEngine';
import { A, B, C, imageGround as ground, sha } from '../../support/imageGround';

describe('what is asked how often', () => {
  test('a status serves for five minutes, a name for five seconds', async () => {
    const { registry, add, one, timers } = await ground();
    const app = add('1', 'app:1');
    await one(app);
    await timers.pass(5_000);
    await one(add('2', 'app:1', { digests: [`app@${A}`, `app@${C}`] }));
    expect(registry.heads).toHaveLength(1);
    await timers.pass(1);
    await one(add('3', 'app:1'));
    expect(registry.heads).toHaveLength(2);
    await timers.pass(294_999);
    await one(app);
    expect(registry.heads).toHaveLength(2);
    await timers.pass(1);
    await one(app);
    expect(registry.heads).toHaveLength(3);
  });

  test('an image that was updated is not judged by what was known of the old one', async () => {
    const { registry, add, one, timers } = await ground();
    await one(add('1', 'app:1'));
    await timers.pass(60_000);
    registry.digests.set('docker.io/library/app:1', B);
    expect(await one(add('1', 'app:1', { imageId: sha('8'), digests: [`app@${B}`] }))).toMatchObject({
      status: 'updated',
    });
  });

  test('500 containers of 20 names: 20 questions, and as many when they are forced', async () => {
    const { engine, registry, add, run, timers } = await ground();
    const twenty = Array.from({ length: 20 }, (_, n) =>
      add((n % 10).toString(), `app${n}:1`, {
        imageId: sha(n.toString(36).slice(-1)).replace(/.$/, (n % 10).toString()),
      }),
    );
    const all = Array.from({ length: 500 }, (_, n) => {
      const kind = twenty[n % 20] ?? container('0');
      return { ...kind, id: n.toString().padStart(64, '0') };
    });
    expect(new Set((await run(all)).map(({ status }) => status))).toEqual(new Set(['updated']));
    expect([registry.heads.length, registry.gets.length]).toEqual([20, 0]);
    expect(engine.calls.filter((call) => call.startsWith('facts'))).toHaveLength(20);
    await timers.pass(6_000);
    await run(all, true);
    expect(registry.heads).toHaveLength(40);
  });

  test('100 forced checks at once are one, and so are those of five seconds; a normal one does not stand for them', async () => {
    const { registry, add, run, one, timers } = await ground();
    const app = add('1', 'app:1');
    await one(app);
    await timers.pass(1);
    await Promise.all(Array.from({ length: 100 }, () => run([app], true)));
    expect(registry.heads).toHaveLength(2);
    await timers.pass(5_000);
    await one(app, true);
    expect(registry.heads).toHaveLength(2);
    await timers.pass(1);
    await one(app, true);
    expect(registry.heads).toHaveLength(3);
    // What was found by force serves the others.
    await timers.pass(299_000);
    await one(app);
    expect(registry.heads).toHaveLength(3);
  });

  test('the first of many who gives up does not end it for the others', async () => {
    const { checks, registry, add, timers } = await ground();
    let release: () => void = () => undefined;
    registry.hold = new Promise((resolve) => (release = resolve));
    const checked = [{ engine: 'fake', container: add('1', 'app:1') }];
    const stop = new AbortController();
    const first = checks.check(checked, { signal: stop.signal });
    const second = checks.check(checked);
    await timers.pass(0);
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    release();
    expect(await second).toMatchObject([{ status: 'updated' }]);
    expect(registry.heads).toHaveLength(1);
  });

  test('a change of the engine’s images makes what was known of them worth nothing', async () => {
    const { engine, registry, add, one, timers } = await ground();
    const app = add('1', 'app:1');
    await one(app);
    add('1', 'app:1', { tags: [] });
    engine.moveTag('app:1', sha('2'));
    await timers.pass(10_000);
    expect(await one(app)).toMatchObject({
      status: 'outdated',
      reason: 'app:1 is another image on this engine by now',
    });
    engine.moveTag('app:1', sha('1'));
    await timers.pass(10_000);
    expect(await one(app)).toMatchObject({ status: 'updated' });
    expect(registry.heads).toHaveLength(2);
  });
});
