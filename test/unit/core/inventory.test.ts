import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { container, devContainer, FakeEngine } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';
import { held } from '../../support/held';
import { fakeCore, type FakeCore } from '../../support/fakeCore';
import type { ContainerFacts } from '../../../src/core/ports';

const FILE = '/w/.devcontainer/devcontainer.json';
const OTHER = '/w/.devcontainer/two/devcontainer.json';

async function startWith(containers: readonly ContainerFacts[], files: readonly string[] = [FILE]) {
  const core = fakeCore();
  for (const facts of containers) core.engine.containers.set(facts.id, facts);
  for (const file of files) core.disk.put(file, { image: 'image:1' });
  return { ...core, snapshot: await core.start() };
}

/** Something happens on the engine, and the core has heard of it. */
async function happen(core: Pick<FakeCore, 'engine' | 'timers'>, facts: ContainerFacts, action: string) {
  core.engine.happen(facts.id, action, action === 'destroy' ? undefined : facts);
  await core.timers.pass(200);
}

describe('Inventory', () => {
  test('a configuration without a container is not created (S4-09)', async () => {
    const { snapshot } = await startWith([]);
    expect(snapshot.devContainers).toMatchObject([
      { name: 'w', workspaceFolder: '/w', configFile: FILE, state: 'notCreated', dirty: false },
    ]);
  });

  test('two configurations of one folder are two dev containers, each with its own container (S4-07)', async () => {
    const a = devContainer('a', '/w', FILE);
    const b = devContainer('b', '/w', OTHER, { state: 'exited' });
    const { snapshot } = await startWith([a, b], [FILE, OTHER]);
    expect(snapshot.devContainers.map((d) => [d.name, d.configFile, d.state, d.containerId])).toEqual([
      ['w', FILE, 'running', a.id],
      ['w-2', OTHER, 'stopped', b.id],
    ]);
  });

  test('of containers with one identity the newest is active and the others are its duplicates', async () => {
    const [a, b, c] = [
      devContainer('a', '/w', FILE, { state: 'exited', createdAt: 3001 }),
      devContainer('b', '/w', FILE, { createdAt: 1001 }),
      devContainer('c', '/w', FILE, { createdAt: 2001 }),
    ];
    const { snapshot } = await startWith([a, b, c]);
    expect(snapshot.devContainers).toHaveLength(1);
    expect(snapshot.devContainers[0]).toMatchObject({
      ...{ containerId: a.id, state: 'stopped', duplicates: [b.id, c.id], duplicateRuns: true },
    });
  });

  test('the container that a job replaces is no duplicate', async () => {
    const core = await startWith([
      devContainer('a', '/w', FILE, { state: 'exited', createdAt: 1001 }),
      devContainer('b', '/w', FILE, { createdAt: 2001 }),
    ]);
    const key = core.snapshot.devContainers[0]?.key ?? '';
    core.board.set(key, { activity: 'recreating', phase: '', startedAt: 0, replaces: 'a'.repeat(64) });
    expect(core.inventory.current().devContainers[0]).not.toHaveProperty('duplicates');
  });

  test('a container without a configuration label belongs to the only configuration of its folder', async () => {
    const old = devContainer('a', '/w');
    const { snapshot } = await startWith([old]);
    expect(snapshot.devContainers).toMatchObject([
      { configFile: FILE, containerId: old.id, state: 'running' },
    ]);
    expect(snapshot.containers[0]?.devContainer).toBe(snapshot.devContainers[0]?.key);
  });

  test('that it was seen before the folders were walked leaves no second one behind', async () => {
    const core = fakeCore();
    const old = devContainer('a', '/w');
    core.engine.containers.set(old.id, old);
    core.disk.put(FILE, {});
    const walk = held();
    core.disk.holdFinds = walk.promise;
    const starting = core.start();
    await settle();
    expect(core.inventory.current().devContainers).toMatchObject([{ containerId: old.id }]);
    walk.resolve();
    expect((await starting).devContainers).toMatchObject([
      { name: 'w', configFile: FILE, containerId: old.id },
    ]);
  });

  test('with two configurations in the folder it is a dev container of its own', async () => {
    const { snapshot } = await startWith([devContainer('a', '/w')], [FILE, OTHER]);
    expect(snapshot.devContainers).toHaveLength(3);
    expect(snapshot.devContainers.find((d) => d.state === 'running')).not.toHaveProperty('configFile');
  });

  test('plain containers are containers only, and those of test runs are not shown', async () => {
    const hidden = devContainer('b', '/w', FILE, { labels: { 'devcontainer.is_test_run': 'true' } });
    const { snapshot } = await startWith([container('a'), hidden]);
    expect(snapshot.containers.map((c) => c.id)).toEqual(['a'.repeat(64)]);
    expect(snapshot.devContainers).toMatchObject([{ state: 'notCreated' }]);
  });

  test('a container that goes leaves its dev container missing until it is forgotten (S3-02)', async () => {
    const gone = devContainer('a', '/elsewhere', '/elsewhere/.devcontainer.json');
    const core = await startWith([gone], []);
    await happen(core, gone, 'destroy');
    const [item] = core.inventory.current().devContainers;
    expect(item).toMatchObject({ workspaceFolder: '/elsewhere', state: 'missing' });
    core.inventory.forget(item?.key ?? '');
    await core.timers.pass(200);
    expect(core.inventory.snapshot.devContainers).toEqual([]);
  });

  test('where the configuration is on disk it is not created instead, under the same key', async () => {
    const gone = devContainer('a', '/w', FILE);
    const core = await startWith([gone]);
    await happen(core, gone, 'destroy');
    const [item] = core.inventory.current().devContainers;
    expect(item).toMatchObject({ key: core.snapshot.devContainers[0]?.key, state: 'notCreated' });
  });

  test('a configuration belongs to the engine that its container was seen on, else to the first', async () => {
    const second = new FakeEngine('second');
    const seen = devContainer('a', '/w', FILE);
    second.containers.set(seen.id, seen);
    const core = fakeCore({ engines: [new FakeEngine(), second] });
    core.disk.put(FILE, {});
    core.disk.put(OTHER, {});
    const { devContainers } = await core.start();
    expect(devContainers.map((d) => [d.engine, d.configFile])).toEqual([
      ['fake', OTHER],
      ['second', FILE],
    ]);
  });

  test('another engine instead of the one shown takes over names and configurations', async () => {
    const core = await startWith([devContainer('a', '/elsewhere', '/elsewhere/c.json')]);
    core.engines.use([new FakeEngine('second')]);
    await core.timers.pass(200);
    expect(core.inventory.current().devContainers).toMatchObject([
      { engine: 'second', name: 'w', configFile: FILE, state: 'notCreated' },
    ]);
  });

  test('an engine that fails says so, and does not keep the rest from showing', async () => {
    const broken = new FakeEngine('broken');
    broken.failure = new ShipshapeError('engineMissing', 'Nothing listens.');
    const core = fakeCore({ engines: [new FakeEngine(), broken] });
    core.disk.put(FILE, {});
    const { engines, devContainers } = await core.start();
    expect(engines.map(({ key, status, errorKind }) => [key, status, errorKind])).toEqual([
      ['fake', 'ready', undefined],
      ['broken', 'unavailable', 'missing'],
    ]);
    expect(devContainers).toHaveLength(1);
  });

  test('what is dirty says so, and a broken configuration shows its problem with a container and without', async () => {
    const core = await startWith([devContainer('a', '/w', FILE)], [FILE, OTHER]);
    core.disk.put(FILE, { image: 'image:2' });
    const problem = { message: 'No comma', line: 1 };
    core.disk.files.set(OTHER, { status: 'invalid', problem });
    core.disk.touch(FILE);
    core.disk.touch(OTHER);
    await core.timers.pass(1000);
    expect(core.inventory.snapshot.devContainers).toMatchObject([
      { configFile: FILE, dirty: true, changes: [{ property: 'image' }] },
      { configFile: OTHER, dirty: false, problem },
    ]);
  });

  test("reads configurations that containers name in the workspace's folders, and no others", async () => {
    const named = ['/w/sub/.devcontainer.json', '/elsewhere/.devcontainer.json'];
    const core = fakeCore();
    for (const [i, file] of named.entries()) {
      const facts = devContainer(`${i}`, file.replace('/.devcontainer.json', ''), file);
      core.engine.containers.set(facts.id, facts);
    }
    await core.start();
    expect(core.disk.reads).toContain(named[0]);
    expect(core.disk.reads).not.toContain(named[1]);
  });
});

describe('Inventory, telling', () => {
  test('the first event is told at once, those of a storm at most every 100 ms, the last one surely', async () => {
    const core = await startWith([]);
    const start = core.timers.now();
    const told: number[] = [];
    core.inventory.onDidChange(() => told.push(core.timers.now() - start));
    const facts = container('a');
    for (let i = 0; i < 30; i++) {
      core.engine.happen(facts.id, 'rename', { ...facts, name: `n${i}` });
      await core.timers.pass(10);
    }
    await core.timers.pass(1000);
    expect(told).toEqual([0, 100, 200, 300]);
    expect(core.inventory.snapshot.containers[0]?.name).toBe('n29');
  });

  test('only what changed is told, and nothing where nothing did', async () => {
    const [a, b] = [container('a'), devContainer('b', '/w', FILE)];
    const core = await startWith([a, b]);
    const before = core.inventory.snapshot;
    const told: (readonly string[])[] = [];
    core.inventory.onDidChange(({ keys }) => told.push(keys));
    await happen(core, a, 'exec_start');
    expect(told).toEqual([]);
    await happen(core, { ...a, state: 'exited' }, 'die');
    expect(told).toEqual([[`fake|${a.id}`]]);
    expect(core.inventory.snapshot.devContainers[0]).toBe(before.devContainers[0]);
    expect(core.inventory.snapshot.containers[1]).toBe(before.containers[1]);
  });

  test('a recreated dev container keeps its key and its name (S4-19)', async () => {
    const a = devContainer('a', '/w', FILE);
    const core = await startWith([a]);
    await happen(core, a, 'destroy');
    await happen(core, devContainer('b', '/w', FILE), 'start');
    const [item] = core.inventory.snapshot.devContainers;
    expect(item).toMatchObject({
      containerId: 'b'.repeat(64),
      key: core.snapshot.devContainers[0]?.key,
      name: 'w',
    });
  });
});

describe('Inventory.find', () => {
  test.each([
    ['the only one of a folder', { workspaceFolder: '/x/' }, '/x/.devcontainer.json'],
    ['the usual one of several', { workspaceFolder: '/w' }, FILE],
    ['the one that is named', { workspaceFolder: '/w', configFile: OTHER }, OTHER],
    ['on the engine that is named', { workspaceFolder: '/w', engine: 'fake', configFile: FILE }, FILE],
  ])('gives %s', async (_, target, configFile) => {
    const { inventory } = await startWith([devContainer('a', '/x', '/x/.devcontainer.json')], [FILE, OTHER]);
    expect(inventory.find(target).configFile).toBe(configFile);
  });

  test.each([
    ['an unknown folder', { workspaceFolder: '/y' }, [FILE], 'notFound'],
    ['an unknown configuration', { workspaceFolder: '/w', configFile: '/w/x.json' }, [FILE], 'notFound'],
    ['an unknown engine', { workspaceFolder: '/w', engine: 'x' }, [FILE], 'notFound'],
    [
      'two that nothing tells apart',
      { workspaceFolder: '/w' },
      ['/w/.devcontainer/a/devcontainer.json', OTHER],
      'invalidArgument',
    ],
  ])('refuses %s', async (_, target, files, code) => {
    const { inventory } = await startWith([], files);
    expect(() => inventory.find(target)).toThrow(expect.objectContaining({ code }));
  });
});
