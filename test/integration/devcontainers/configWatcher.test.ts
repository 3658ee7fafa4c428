import { readFileSync, writeFileSync } from 'node:fs';
import fs, { mkdir, unlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inotifyWatches } from '../../support/inotify';
import { WatchGround } from './watchGround';

let ground: WatchGround;

beforeEach(async () => {
  ground = await WatchGround.make();
});

afterEach(() => ground.dispose());

test('what is not watched is not told, what is no longer watched neither', async () => {
  const other = join(ground.project, '.devcontainer.json');
  await ground.watch(ground.config, other);
  await writeFile(join(ground.project, 'README.md'), 'x');
  await writeFile(join(ground.project, '.devcontainer', 'Dockerfile'), 'x');
  await ground.watch(ground.config);
  await writeFile(other, '{}');
  await ground.seen(ground.config, () => writeFile(ground.config, '{"a":1}'));
  expect(new Set(ground.changes)).toEqual(new Set([ground.config]));
});

test('what changes between the first look at a file and the watcher being ready is told', async () => {
  const { stat } = fs;
  const looked: string[] = [];
  const writing = async (path: string, options?: { bigint: true }) => {
    const stats = await stat(path, options);
    if (path !== ground.config || looked.length > 0) return stats;
    looked.push(path);
    await writeFile(path, '{"a":1}');
    return stats;
  };
  Object.assign(fs, { stat: writing });
  syncBuiltinESMExports();
  try {
    await ground.watch(ground.config);
  } finally {
    Object.assign(fs, { stat });
    syncBuiltinESMExports();
  }
  expect(looked).toEqual([ground.config]);
  expect(ground.changes).toEqual([ground.config]);
});

test('what changes once the watcher says so, long before it is ready, is told', async () => {
  const others = Array.from({ length: 300 }, (_, n) => join(ground.project, `${n}`, 'devcontainer.json'));
  await ground.watcher.watch([...others, ground.config]);
  writeFileSync(ground.config, '{"a":1}');
  await ground.watcher.ready();
  await vi.waitFor(() => expect(ground.changes).toContain(ground.config), { timeout: 2000, interval: 5 });
});

test('a burst of writes ends with an event after the last of them', async () => {
  await ground.watch(ground.config);
  let told = 0;
  ground.watcher.onDidChange(() => {
    told = (JSON.parse(readFileSync(ground.config, 'utf8') || '{"n":0}') as { n: number }).n;
  });
  for (let n = 1; n <= 300; n++) await writeFile(ground.config, `{"n":${n}}`);
  await vi.waitFor(() => expect(told).toBe(300), { timeout: 2000, interval: 5 });
});

test('from save to event p95 is below 150 ms', async () => {
  await ground.watch(ground.config);
  const times: number[] = [];
  for (let n = 0; n < 40; n++)
    times.push(await ground.seen(ground.config, () => writeFile(ground.config, `{"n":${n}}`)));
  times.sort((a, b) => a - b);
  expect(times[37]).toBeLessThan(150);
});

test('a new configuration in a project folder is found, once', async () => {
  ground.watcher.watchFolders([ground.project]);
  await ground.watch(ground.config);
  const fresh = join(ground.project, '.devcontainer', 'python', 'devcontainer.json');
  await mkdir(join(ground.project, '.devcontainer', 'python'));
  await writeFile(fresh, '{}');
  await vi.waitFor(() => expect(ground.found).toEqual([fresh]), { timeout: 2000, interval: 5 });
  await ground.watcher.check();
  await ground.seen(ground.config, () => writeFile(ground.config, '{"a":1}'));
  expect(ground.found).toEqual([fresh]);
});

test('the first .devcontainer of a project is found', async () => {
  const bare = join(ground.root, 'bare');
  await mkdir(bare);
  ground.watcher.watchFolders([bare]);
  await ground.watcher.ready();
  const fresh = join(bare, '.devcontainer', 'devcontainer.json');
  await mkdir(join(bare, '.devcontainer'));
  await writeFile(fresh, '{}');
  await vi.waitFor(() => expect(ground.found).toEqual([fresh]), { timeout: 2000, interval: 5 });
});

test('the inotify watches are at most three a configuration', async () => {
  for (const name of ['src', 'node_modules', 'docs']) {
    for (let n = 0; n < 20; n++) await mkdir(join(ground.project, name, `f${n}`), { recursive: true });
  }
  const before = inotifyWatches();
  await ground.watch(ground.config);
  expect(inotifyWatches() - before).toBeLessThanOrEqual(3);
  expect(inotifyWatches() - before).toBeGreaterThan(0);
});

describe('without events', () => {
  test('it holds no watches', async () => {
    await vi.waitFor(() => expect(inotifyWatches()).toBe(0), { timeout: 2000, interval: 5 });
    await ground.dispose();
    ground = await WatchGround.make({ polling: true, pollingMs: 1_000_000 });
    ground.watcher.watchFolders([ground.project]);
    await ground.watch(ground.config);
    await ground.watcher.check();
    await ground.watcher.ready();
    expect(inotifyWatches()).toBe(0);
  });

  test('check() sees what changed, and only that', async () => {
    await ground.dispose();
    ground = await WatchGround.make({ polling: true, pollingMs: 1_000_000 });
    const other = join(ground.project, '.devcontainer.json');
    await writeFile(other, '{}');
    await ground.watch(ground.config, other);
    await writeFile(ground.config, '{"a":1}');
    await ground.watcher.check();
    expect(ground.changes).toEqual([ground.config]);
    await ground.watcher.check();
    expect(ground.changes).toEqual([ground.config]);
    await unlink(ground.config);
    await ground.watcher.check();
    expect(ground.changes).toEqual([ground.config, ground.config]);
  });

  test('check() sees a file of a watched folder that was written in place', async () => {
    await ground.dispose();
    ground = await WatchGround.make({ polling: true, pollingMs: 1_000_000 });
    const file = join(ground.project, 'main.py');
    await writeFile(file, '1');
    await ground.watcher.watch([], [ground.project]);
    await ground.watcher.check();
    expect(ground.changes).toEqual([]);
    await writeFile(file, '22');
    await ground.watcher.check();
    expect(ground.changes).toEqual([ground.project]);
  });

  test('polling sees a change by itself', async () => {
    await ground.dispose();
    ground = await WatchGround.make({ polling: true, pollingMs: 20 });
    await ground.watch(ground.config);
    await ground.seen(ground.config, () => writeFile(ground.config, '{"a":1}'));
  });

  test('check() finds a new configuration', async () => {
    await ground.dispose();
    ground = await WatchGround.make({ polling: true, pollingMs: 1_000_000 });
    ground.watcher.watchFolders([ground.project]);
    await ground.watch(ground.config);
    await ground.watcher.check();
    expect(ground.found).toEqual([]);
    const fresh = join(ground.project, '.devcontainer.json');
    await writeFile(fresh, '{}');
    await ground.watcher.check();
    await ground.watcher.check();
    expect(ground.found).toEqual([fresh]);
  });
});

test('disposed, it tells nothing and lets go of its watches', async () => {
  const before = inotifyWatches();
  await ground.watch(ground.config);
  ground.watcher.dispose();
  await writeFile(ground.config, '{"a":1}');
  await vi.waitFor(() => expect(inotifyWatches()).toBe(before), { timeout: 2000, interval: 5 });
  expect(ground.changes).toEqual([]);
});
