import { expect, test, vi } from 'vitest';
import { Folders } from '../../../src/core/folders';
import { devContainer } from '../../support/fakeEngine';
import { fakeCore } from '../../support/fakeCore';

function setUp(there: Record<string, boolean | undefined>) {
  const asked: string[] = [];
  const exists = (folder: string): Promise<boolean | undefined> => {
    asked.push(folder);
    return Promise.resolve(there[folder]);
  };
  const folders = new Folders({ exists });
  let changes = 0;
  folders.onDidChange(() => changes++);
  return { folders, asked, there, changes: () => changes };
}

test('each folder is looked at once, and only what is surely not there is missing', async () => {
  const { folders, asked, changes } = setUp({ '/a': true, '/b': false, '/c': undefined });
  folders.want(['/a', '/b', '/c']);
  folders.want(['/a', '/b', '/c']);
  await vi.waitFor(() => expect(changes()).toBe(1));
  expect(['/a', '/b', '/c', '/d'].filter((folder) => folders.isMissing(folder))).toEqual(['/b']);
  expect(asked).toEqual(['/a', '/b', '/c']);
});

test('a look again sees what came and went, and tells only then', async () => {
  const { folders, there, changes } = setUp({ '/a': true, '/b': false });
  folders.want(['/a', '/b']);
  await vi.waitFor(() => expect(folders.isMissing('/b')).toBe(true));
  await folders.check();
  expect(changes()).toBe(1);
  Object.assign(there, { '/a': false, '/b': true });
  await folders.check();
  expect(changes()).toBe(2);
  expect(['/a', '/b'].map((folder) => folders.isMissing(folder))).toEqual([true, false]);
});

test('one that nobody wants any more is forgotten, also while it is looked at', async () => {
  const { folders, asked } = setUp({ '/a': false, '/b': false });
  folders.want(['/a', '/b']);
  folders.want(['/b']);
  await vi.waitFor(() => expect(folders.isMissing('/b')).toBe(true));
  expect(folders.isMissing('/a')).toBe(false);
  folders.want(['/a']);
  await vi.waitFor(() => expect(folders.isMissing('/a')).toBe(true));
  expect(asked.filter((folder) => folder === '/a')).toHaveLength(2);
});

test('a dev container of a missing folder says so, and no job begins on it', async () => {
  const core = fakeCore();
  const made = devContainer('a', '/gone', '/gone/.devcontainer.json');
  core.engine.containers.set(made.id, made);
  core.missing.add('/gone');
  await core.start();
  await vi.waitFor(() => expect(core.inventory.current().devContainers[0]?.isFolderMissing).toBe(true));
  const { key } = core.inventory.find({ workspaceFolder: '/gone' });
  await expect(core.recreate.run('recreate', key)).rejects.toThrow(/its folder \/gone is not found/);
  expect(core.engine.containers.has(made.id)).toBe(true);
});

test('a folder that is open here is not looked at', async () => {
  const core = fakeCore();
  core.disk.put('/w/.devcontainer.json', { image: 'x' });
  core.missing.add('/w');
  await core.start();
  expect(core.inventory.current().devContainers[0]?.isFolderMissing).toBeUndefined();
});

test('a folder that is there again with its configuration is looked at by itself', async () => {
  const core = fakeCore();
  const file = '/w/m/.devcontainer.json';
  const made = devContainer('a', '/w/m', file);
  core.engine.containers.set(made.id, made);
  core.missing.add('/w/m');
  await core.start();
  const isMissing = () => core.inventory.current().devContainers[0]?.isFolderMissing;
  await vi.waitFor(() => expect(isMissing()).toBe(true));
  core.missing.delete('/w/m');
  core.disk.put(file, { image: 'x' });
  core.disk.touch(file);
  await vi.waitFor(() => expect(isMissing()).toBeUndefined());
});
