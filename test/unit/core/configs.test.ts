import { describe, expect, test } from 'vitest';
import { silentLogger, type Logger } from '../../../src/common/logger';
import { Configs } from '../../../src/core/configs';
import { FakeDisk } from '../../support/fakeDisk';
import { FakeTimers, settle } from '../../support/fakeTimers';
import { held } from '../../support/held';

const FILE = '/w/.devcontainer/devcontainer.json';
const invalid = { status: 'invalid', problem: { message: 'No comma', line: 2 } } as const;

function setUp(logger: Logger = silentLogger) {
  const disk = new FakeDisk();
  const timers = new FakeTimers();
  const configs = new Configs(disk, disk, disk, timers, logger);
  let fired = 0;
  configs.onDidChange(() => fired++);
  return { disk, timers, configs, fired: () => fired };
}

async function started() {
  const parts = setUp();
  parts.disk.put(FILE, { image: 'a' });
  await parts.configs.setFolders(['/w']);
  await parts.timers.pass(1000);
  parts.disk.reads.length = 0;
  parts.disk.finds.length = 0;
  const before = parts.fired();
  return { ...parts, fired: () => parts.fired() - before };
}

describe('Configs, walking', () => {
  test('is ready once the folders were walked and read, and watches what it found', async () => {
    const { disk, configs } = setUp();
    disk.put(FILE, { image: 'a' });
    disk.put('/elsewhere/c.json', {});
    let ready = false;
    void configs.ready.then(() => (ready = true));
    const first = held();
    disk.holdFinds = first.promise;
    const walking = configs.setFolders(['/w']);
    await settle();
    expect(ready).toBe(false);
    first.resolve();
    await walking;
    expect(ready).toBe(true);
    expect(configs.found).toEqual([{ workspaceFolder: '/w', configFile: FILE }]);
    expect(configs.reading(FILE)).toMatchObject({ status: 'ok', value: { image: 'a' } });
    expect(disk.watched).toEqual([FILE]);
  });

  test('a walk asked for during a walk follows it, several as one', async () => {
    const { disk, configs } = setUp();
    const first = held();
    disk.holdFinds = first.promise;
    const walks = [configs.setFolders(['/w'])];
    await settle();
    disk.put(FILE, {});
    walks.push(configs.walk(), configs.walk());
    first.resolve();
    await Promise.all(walks);
    expect(disk.finds).toHaveLength(2);
    expect(configs.found).toHaveLength(1);
  });

  test('a walk asked for in the very moment another ends is not lost', async () => {
    const { disk, configs } = await started();
    let walked: Promise<void> | undefined;
    const listening = configs.onDidChange(() => {
      listening.dispose();
      queueMicrotask(() => {
        disk.put('/w/.devcontainer.json', {});
        walked = configs.walk();
      });
    });
    await configs.walk();
    await walked;
    expect(configs.found).toHaveLength(2);
  });

  test('new files are walked for once, when the folders have been quiet', async () => {
    const { disk, timers, configs } = await started();
    disk.put('/w/.devcontainer.json', {});
    for (let i = 0; i < 5; i++) {
      disk.appear('/w/.devcontainer.json');
      await timers.pass(199);
    }
    expect(disk.finds).toHaveLength(0);
    await timers.pass(1);
    expect(disk.finds).toHaveLength(1);
    expect(configs.found).toHaveLength(2);
  });

  test('a walk reads only what it has not read yet, and forgets what is not there any more', async () => {
    const { disk, configs } = await started();
    disk.put('/w/.devcontainer.json', {});
    disk.files.delete(FILE);
    await configs.walk();
    expect(disk.reads).toEqual(['/w/.devcontainer.json']);
    expect(configs.reading(FILE)).toBeUndefined();
  });

  test('no folders mean no configurations', async () => {
    const { configs, disk } = await started();
    await configs.setFolders([]);
    expect(configs.found).toEqual([]);
    expect(disk.watched).toEqual([]);
  });

  test('that watching does not work is in the log (S4-10)', () => {
    const warnings: string[] = [];
    const { disk } = setUp({ ...silentLogger, warn: (message) => warnings.push(message) });
    disk.failToWatch('too many files');
    expect(warnings).toEqual(['Watching configurations: too many files']);
  });
});

describe('Configs, looking at a file', () => {
  test('a change is taken over at once, and only if the content differs', async () => {
    const { disk, configs, fired } = await started();
    disk.put(FILE, { image: 'b' });
    disk.touch(FILE);
    await settle();
    expect(configs.reading(FILE)).toMatchObject({ value: { image: 'b' } });
    expect(fired()).toBe(1);
    disk.touch(FILE);
    await settle();
    expect(disk.reads).toHaveLength(2);
    expect(fired()).toBe(1);
  });

  test.each([
    ['gone', { status: 'missing' } as const],
    ['broken', invalid],
  ])('one that is %s for a moment only is not noticed', async (_, state) => {
    const { disk, timers, configs, fired } = await started();
    disk.files.set(FILE, state);
    disk.touch(FILE);
    await timers.pass(300);
    disk.put(FILE, { image: 'a' });
    disk.touch(FILE);
    await settle();
    // Nothing is left that could find it in its next moment.
    expect(timers.waiting).toBe(0);
    await timers.pass(2000);
    expect(configs.reading(FILE)?.status).toBe('ok');
    expect(fired()).toBe(0);
    expect(timers.waiting).toBe(0);
  });

  test('one that is written byte by byte, however long that takes, is not noticed before it is whole', async () => {
    const { disk, timers, configs, fired } = await started();
    for (let i = 0; i < 20; i++) {
      disk.files.set(FILE, { ...invalid, problem: { message: `${i} bytes` } });
      disk.touch(FILE);
      await timers.pass(399);
    }
    expect(configs.reading(FILE)).toMatchObject({ status: 'ok', value: { image: 'a' } });
    expect(fired()).toBe(0);
    disk.put(FILE, { image: 'b' });
    disk.touch(FILE);
    await settle();
    expect(configs.reading(FILE)).toMatchObject({ value: { image: 'b' } });
    expect(fired()).toBe(1);
  });

  test.each([
    ['gone', { status: 'missing' } as const],
    ['broken', invalid],
  ])('one that is still %s at the second look is so', async (_, state) => {
    const { disk, timers, configs, fired } = await started();
    disk.files.set(FILE, state);
    disk.touch(FILE);
    await timers.pass(399);
    expect(configs.reading(FILE)?.status).toBe('ok');
    await timers.pass(1);
    expect(configs.reading(FILE)).toEqual(state);
    expect(fired()).toBe(1);
  });

  test('one that is gone makes for a walk, which drops it', async () => {
    const { disk, timers, configs } = await started();
    disk.files.set(FILE, { status: 'missing' });
    disk.touch(FILE);
    await timers.pass(1000);
    expect(disk.finds).toHaveLength(1);
    expect(configs.found).toEqual([]);
    expect(disk.watched).toEqual([]);
  });

  test('one that is broken when it is first seen is shown so at once', async () => {
    const { disk, configs } = setUp();
    disk.files.set(FILE, invalid);
    await configs.setFolders(['/w']);
    expect(configs.reading(FILE)).toEqual(invalid);
  });

  test('a change during a read is read again: the last content wins', async () => {
    const { disk, configs } = await started();
    const slow = held();
    disk.holdReads = slow.promise;
    disk.put(FILE, { image: 'b' });
    disk.touch(FILE);
    await settle();
    disk.holdReads = undefined;
    disk.put(FILE, { image: 'c' });
    disk.touch(FILE);
    await settle();
    slow.resolve();
    await settle();
    expect(configs.reading(FILE)).toMatchObject({ value: { image: 'c' } });
  });

  test('reading on demand takes what the file says now, broken or not', async () => {
    const { disk, configs } = await started();
    disk.files.set(FILE, invalid);
    expect(await configs.read(FILE)).toEqual(invalid);
    expect(configs.reading(FILE)).toEqual(invalid);
  });

  test('a check looks at every file again', async () => {
    const { disk, configs } = await started();
    disk.put(FILE, { image: 'b' });
    await configs.check();
    expect(configs.reading(FILE)).toMatchObject({ value: { image: 'b' } });
  });

  test('nothing is left to happen once it is disposed', async () => {
    const { disk, timers, configs } = await started();
    disk.files.set(FILE, { status: 'missing' });
    disk.touch(FILE);
    await settle();
    const slow = held();
    disk.holdReads = slow.promise;
    void configs.read(FILE);
    configs.dispose();
    slow.resolve();
    await timers.pass(2000);
    expect(timers.waiting).toBe(0);
    expect(disk.finds).toHaveLength(0);
  });
});

describe('Configs, of files that containers name', () => {
  const NAMED = '/other/.devcontainer.json';

  test('they are read and watched with the others', async () => {
    const { disk, configs, fired } = await started();
    disk.put(NAMED, { image: 'n' });
    configs.setNamed([NAMED]);
    await settle();
    expect(configs.reading(NAMED)).toMatchObject({ value: { image: 'n' } });
    expect(disk.watched).toEqual([FILE, NAMED]);
    expect(fired()).toBe(1);
    expect(configs.found).toHaveLength(1);
  });

  test('the same set again does nothing, an empty one forgets them', async () => {
    const { disk, configs } = await started();
    disk.put(NAMED, {});
    configs.setNamed([NAMED]);
    configs.setNamed([NAMED]);
    await settle();
    expect(disk.reads).toEqual([NAMED]);
    configs.setNamed([]);
    await settle();
    expect(configs.reading(NAMED)).toBeUndefined();
    expect(disk.watched).toEqual([FILE]);
  });
});
