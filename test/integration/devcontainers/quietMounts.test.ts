/** A mount below which others write: as on a network drive, none of their changes has an event. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { hostTimers, type Timers } from '../../../src/common/scheduling';
import { FileConfigWatcher } from '../../../src/devcontainers/configWatcher';

const POLLING_MS = 50;

const bind = (from: string, to: string): unknown => execFileSync('bindfs', [from, to], { stdio: 'ignore' });
const unmount = (folder: string): unknown => execFileSync('umount', ['-l', folder]);

const canMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'shipshape-bind-'));
  try {
    bind(folder, folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
})();

describe.skipIf(!canMount)('on a mount that tells nothing', () => {
  const changes: string[] = [];
  const found: string[] = [];
  const log: string[] = [];
  const logger = { ...silentLogger, info: (message: string) => log.push(message) };
  /** The timers of the looks to come. */
  const looks = new Set<unknown>();
  const timers: Timers = {
    now: () => hostTimers.now(),
    after: (ms, callback) => {
      const timer = hostTimers.after(ms, () => {
        looks.delete(timer);
        callback();
      });
      if (ms === POLLING_MS) looks.add(timer);
      const dispose = (): void => {
        looks.delete(timer);
        timer.dispose();
      };
      return { dispose };
    },
  };
  let root: string;
  let watcher: FileConfigWatcher;
  const there = (...path: string[]): string => join(root, 'there', ...path);
  const here = (...path: string[]): string => join(root, 'here', ...path);

  beforeEach(async () => {
    for (const list of [changes, found, log]) list.length = 0;
    root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-quiet-')));
    for (const folder of [there('.devcontainer'), there('src'), here()])
      await mkdir(folder, { recursive: true });
    await writeFile(there('.devcontainer/devcontainer.json'), '{}');
    await writeFile(there('src/main.py'), '1');
    bind(there(), here());
  });

  afterEach(async () => {
    watcher.dispose();
    unmount(here());
    await rm(root, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    watcher = new FileConfigWatcher({ logger, timers, pollingMs: POLLING_MS, safetyNetMs: 1_000_000 });
    watcher.onDidChange((path) => changes.push(path));
    watcher.onDidFindNew((path) => found.push(path));
    watcher.watchFolders([here()]);
    void watcher.watch([here('.devcontainer/devcontainer.json')], [here('src')]);
    await watcher.ready();
  }

  test.each<[string, string, string]>([
    ['a configuration', '.devcontainer/devcontainer.json', '.devcontainer/devcontainer.json'],
    ['a file of a watched folder, written in place', 'src/main.py', 'src'],
    ['a new file of a watched folder', 'src/new.py', 'src'],
  ])('%s is noticed', async (_, written, told) => {
    await open();
    await writeFile(there(written), '{"a": 1}');
    await vi.waitFor(() => expect(changes).toEqual([here(told)]), { timeout: 5_000 });
  });

  test('a new configuration is noticed, once', async () => {
    await open();
    await writeFile(there('.devcontainer.json'), '{}');
    await vi.waitFor(() => expect(found).toEqual([here('.devcontainer.json')]), { timeout: 5_000 });
    await writeFile(there('src/main.py'), '2');
    await vi.waitFor(() => expect(changes).toEqual([here('src')]), { timeout: 5_000 });
    expect(found).toHaveLength(1);
  });

  test('the log says why it is looked at', async () => {
    await open();
    expect(log).toEqual([expect.stringMatching(/lies on .*here \(fuse[^)]*\)/)]);
  });

  test('once nothing of it is watched any more, nothing is looked at', async () => {
    await open();
    expect(looks.size).toBe(1);
    watcher.watchFolders([]);
    void watcher.watch([there('.devcontainer/devcontainer.json')]);
    await watcher.ready();
    expect(looks.size).toBe(0);
  });
});
