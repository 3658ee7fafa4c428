import { describe, expect, test } from 'vitest';
import { publicApi } from '../../../src/core/publicApi';
import { cliResult, fakeCore } from '../../support/fakeCore';
import { devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const OTHER = '/w/.devcontainer/other/devcontainer.json';

/** Two engines, and configurations without a container. */
async function start(files: readonly string[] = [FILE], remembered?: string) {
  const [one, two] = [new FakeEngine('one'), new FakeEngine('two')];
  const core = fakeCore({ engines: [one, two] });
  for (const file of files) core.disk.put(file, { image: 'image:1' });
  if (remembered) core.placements.set(`/w|${FILE}`, remembered);
  core.cli.run = (request) => {
    const made = devContainer('a', '/w', request.configFile);
    const engine = request.engine === one ? one : two;
    engine.happen(made.id, 'start', made);
    return Promise.resolve(cliResult({ containerId: made.id }));
  };
  await core.start();
  const rows = () =>
    core.inventory.current().devContainers.map(({ engine, name, state }) => `${engine} ${name} ${state}`);
  return {
    ...core,
    one,
    two,
    rows,
    api: publicApi({
      ...core,
      isTrusted: () => true,
      checkImages: () => Promise.resolve([]),
      update: () => Promise.resolve([]),
    }),
  };
}

describe('a configuration without a container', () => {
  test('is created on the engine that the target names, and its row goes there under its name', async () => {
    const { api, cli, rows, placements } = await start();
    expect(rows()).toEqual(['one w notCreated']);
    await api.up({ workspaceFolder: '/w', engine: 'two' });
    expect(cli.requests.map(({ engine }) => engine.key)).toEqual(['two']);
    expect(rows()).toEqual(['two w running']);
    expect([...placements.values()]).toEqual(['two']);
  });

  test('that exists on one engine is created on another too: two rows, each with its own key', async () => {
    const { api, inventory, rows } = await start();
    await api.up({ workspaceFolder: '/w' });
    const before = inventory.current().devContainers;
    await api.up({ workspaceFolder: '/w', configFile: FILE, engine: 'two' });
    expect(rows()).toEqual(['one w running', 'two w-2 running']);
    expect(inventory.current().devContainers[0]).toBe(before[0]);
  });

  test('stands where it was last wanted, also in the next window, as long as that engine is shown', async () => {
    const core = await start([FILE], 'two');
    expect(core.rows()).toEqual(['two w notCreated']);
    core.engines.use([core.one]);
    expect(core.rows()).toEqual(['one w notCreated']);
  });

  test('stays where it was wanted when its creation fails, and goes with its file', async () => {
    const core = await start();
    core.cli.run = () => Promise.reject(new Error('No.'));
    await core.api.up({ workspaceFolder: '/w', engine: 'two' });
    expect(core.rows()).toEqual(['two w notCreated']);
    core.disk.files.delete(FILE);
    await core.configs.walk();
    expect(core.rows()).toEqual([]);
  });

  test('leaves the engine on which its container was before', async () => {
    const { api, one, rows, timers } = await start();
    await api.up({ workspaceFolder: '/w' });
    one.happen('a'.repeat(64), 'destroy');
    await timers.pass(200);
    expect(rows()).toEqual(['one w notCreated']);
    await api.up({ workspaceFolder: '/w', engine: 'two' });
    expect(rows()).toEqual(['two w running']);
  });

  test('is only recreated where it is', async () => {
    const { api, cli } = await start();
    const target = { workspaceFolder: '/w', engine: 'two' };
    await expect(api.recreate(target)).rejects.toThrow('There is no dev container for /w on two.');
    expect(cli.requests).toEqual([]);
  });

  test('of several that could be meant is not guessed', async () => {
    const files = [OTHER, '/w/.devcontainer/third/devcontainer.json'];
    const { api, rows } = await start(files);
    await expect(api.up({ workspaceFolder: '/w', engine: 'two' })).rejects.toMatchObject({
      code: 'invalidArgument',
    });
    expect(rows()).toHaveLength(2);
  });

  test('a container that names no configuration cannot be made again elsewhere', async () => {
    const core = await start([]);
    const old = devContainer('b', '/old');
    core.one.happen(old.id, 'start', old);
    await core.timers.pass(200);
    await expect(core.api.up({ workspaceFolder: '/old', engine: 'two' })).rejects.toMatchObject({
      code: 'notFound',
    });
    expect(core.rows()).toEqual(['one old running']);
  });
});

describe('a dev container whose container is gone', () => {
  async function gone() {
    const core = await start([]);
    const made = devContainer('a', '/x', '/x/.devcontainer.json');
    core.one.happen(made.id, 'start', made);
    await core.timers.pass(200);
    const [item] = core.inventory.current().devContainers;
    const vanish = (): Promise<void> => {
      core.one.happen(made.id, 'destroy');
      return core.timers.pass(200);
    };
    return { ...core, key: item?.key ?? '', made, vanish };
  }

  test('says since when, and keeps saying so', async () => {
    const core = await gone();
    const before = core.timers.now();
    await core.vanish();
    const { goneSince } = core.inventory.current().devContainers[0] ?? {};
    expect(goneSince).toBeGreaterThanOrEqual(before);
    await core.timers.pass(60_000);
    expect(core.inventory.current().devContainers[0]?.goneSince).toBe(goneSince);
    core.one.happen(core.made.id, 'start', core.made);
    await core.timers.pass(200);
    expect(core.inventory.current().devContainers[0]).not.toHaveProperty('goneSince');
  });

  test('does not count as gone while a job works on it, and cannot be forgotten then (S3-03)', async () => {
    const core = await gone();
    core.board.set(core.key, { activity: 'recreating', phase: 'building', startedAt: 0 });
    await core.vanish();
    const during = core.inventory.current().devContainers[0];
    expect(during).toMatchObject({ state: 'running', activity: 'recreating' });
    expect(during).not.toHaveProperty('containerId');
    core.inventory.forget(core.key);
    expect(core.inventory.current().devContainers).toHaveLength(1);
    core.board.end(core.key);
    expect(core.inventory.current().devContainers).toMatchObject([{ state: 'missing' }]);
    core.inventory.forget(core.key);
    expect(core.inventory.current().devContainers).toEqual([]);
  });
});
