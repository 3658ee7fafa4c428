import { describe, expect, test } from 'vitest';
import type { Snapshot, Target, UpdateReport } from '../../../src/api';
import { publicApi } from '../../../src/core/publicApi';
import { fakeCore } from '../../support/fakeCore';
import { container, devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';

async function setUp() {
  const core = fakeCore();
  for (const facts of [devContainer('a', '/w', FILE), container('b', { labels: { x: '1' } })]) {
    core.engine.containers.set(facts.id, facts);
  }
  core.disk.put(FILE, { image: 'image:1' });
  const trust = { given: true };
  const api = publicApi({
    ...core,
    isTrusted: () => trust.given,
    checkImages: () => Promise.resolve([]),
    update: () => Promise.resolve([]),
  });
  await core.start();
  return { ...core, api, trust };
}

type Loose = { -readonly [K in keyof Snapshot]: { name: string; labels?: Record<string, string> }[] };

describe('publicApi', () => {
  test('the snapshot waits for the first answers (S4-20)', async () => {
    const core = fakeCore();
    const api = publicApi({
      ...core,
      isTrusted: () => true,
      checkImages: () => Promise.resolve([]),
      update: () => Promise.resolve([]),
    });
    core.disk.put(FILE, {});
    const early = api.snapshot();
    await core.start();
    expect((await early).devContainers).toHaveLength(1);
  });

  test('a job on an engine that answers does not wait for one that hangs', async () => {
    const [good, hung] = [new FakeEngine('good'), new FakeEngine('hung')];
    const facts = devContainer('a', '/w', FILE);
    good.containers.set(facts.id, facts);
    hung.openEvents = () => new Promise<never>(() => undefined);
    const core = fakeCore();
    core.disk.put(FILE, { image: 'image:1' });
    const api = publicApi({
      ...core,
      isTrusted: () => true,
      checkImages: () => Promise.resolve([]),
      update: () => Promise.resolve([]),
    });
    core.engines.use([good, hung]);
    await core.configs.setFolders(['/w']);
    await core.timers.pass(200);
    void api.up({ workspaceFolder: '/w', engine: 'good' });
    await core.timers.pass(0);
    expect(core.cli.requests).toHaveLength(1);
  });

  test('snapshots are copies: what others do to them changes nothing here (S4-05)', async () => {
    const { api, engine, timers } = await setUp();
    const spoil = (snapshot: Snapshot): void => {
      const loose = snapshot as unknown as Loose;
      for (const item of loose.containers) item.labels = { spoilt: '1' };
      loose.devContainers.length = 0;
    };
    spoil(await api.snapshot());
    const heard: Snapshot[] = [];
    api.onDidChange(({ keys, snapshot }) => {
      (keys as string[]).length = 0;
      spoil(snapshot);
    });
    api.onDidChange((e) => {
      expect(e.keys).toHaveLength(1);
      expect(e.snapshot).toBe(e.snapshot);
      heard.push(e.snapshot);
    });
    engine.happen('b'.repeat(64), 'die', container('b', { state: 'exited', labels: { x: '1' } }));
    await timers.pass(200);
    for (const snapshot of [await api.snapshot(), ...heard]) {
      expect(snapshot.devContainers).toHaveLength(1);
      expect(snapshot.containers[1]).toMatchObject({ state: 'exited', labels: { x: '1' } });
    }
    expect(heard).toHaveLength(1);
  });

  test('who stops listening hears no more', async () => {
    const { api, engine, timers } = await setUp();
    let heard = 0;
    api.onDidChange(() => heard++).dispose();
    engine.happen('b'.repeat(64), 'destroy');
    await timers.pass(200);
    expect(heard).toBe(0);
  });

  test('nothing is run in a workspace that is not trusted', async () => {
    const { api, trust, cli } = await setUp();
    trust.given = false;
    await expect(api.up({ workspaceFolder: '/w' })).rejects.toMatchObject({ code: 'untrusted' });
    await expect(api.recreate({ workspaceFolder: '/w' })).rejects.toMatchObject({ code: 'untrusted' });
    expect(cli.requests).toEqual([]);
    expect((await api.snapshot()).devContainers).toHaveLength(1);
  });

  test.each<[unknown, string]>([
    [undefined, 'invalidArgument'],
    [null, 'invalidArgument'],
    [{}, 'invalidArgument'],
    [{ workspaceFolder: '' }, 'invalidArgument'],
    [{ workspaceFolder: 1 }, 'invalidArgument'],
    [{ workspaceFolder: '/unknown' }, 'notFound'],
    [{ workspaceFolder: '/w', configFile: '/w/x.json' }, 'notFound'],
  ])('the target %j is refused: %s (S4-14)', async (target, code) => {
    const { api, cli } = await setUp();
    await expect(api.recreate(target as Target)).rejects.toMatchObject({ code });
    expect(cli.requests).toEqual([]);
  });

  test('starting leaves the container, recreating replaces it', async () => {
    const { api, cli } = await setUp();
    expect(api.apiVersion).toBe(1);
    await api.up({ workspaceFolder: '/w' });
    await api.recreate({ workspaceFolder: '/w', configFile: FILE }, { noCache: true });
    expect(cli.requests.map((r) => [r.replace?.containerId, r.noCache])).toEqual([
      [undefined, false],
      ['a'.repeat(64), true],
    ]);
  });

  test('images are checked as asked, and odd wishes refused', async () => {
    const core = fakeCore();
    const asked: unknown[] = [];
    const found = { reference: 'app:1', status: 'updated' } as const;
    const checkImages = (options: unknown) => {
      asked.push(options);
      return Promise.resolve([found]);
    };
    const api = publicApi({
      ...core,
      isTrusted: () => false,
      checkImages,
      update: () => Promise.resolve([]),
    });
    const answer = await api.checkImages();
    expect(answer).toEqual([found]);
    expect(answer[0]).not.toBe(found);
    await api.checkImages({ force: true, keys: ['a'] });
    expect(asked).toEqual([{ force: false }, { force: true, keys: ['a'] }]);
    await expect(api.checkImages({ keys: 'a' as never })).rejects.toMatchObject({ code: 'invalidArgument' });
  });

  test('gives copies of what an update reports, and takes no keys for none', async () => {
    const core = fakeCore();
    const asked: unknown[] = [];
    const found = { updated: 'pending' } as UpdateReport;
    const update = (...args: unknown[]) => {
      asked.push(args);
      return Promise.resolve([found]);
    };
    const api = publicApi({ ...core, isTrusted: () => true, checkImages: () => Promise.resolve([]), update });
    const answer = await api.update(['a'], { dryRun: true });
    expect(answer).toEqual([found]);
    expect(answer[0]).not.toBe(found);
    await api.update([]);
    expect(asked).toEqual([
      [['a'], { dryRun: true }],
      [[], { dryRun: false }],
    ]);
    await expect(api.update(undefined as never)).rejects.toMatchObject({ code: 'invalidArgument' });
  });
});
