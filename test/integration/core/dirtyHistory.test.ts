/** What a dev container is told of when files and windows come and go, many files change at once, or during a build. */
import { appendFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snapshotWhere } from '../../support/core';
import { CONFIG, CONFIG_PATH, DirtyGround, IMAGE } from './dirtyGround';

describe('a dev container that was made here', () => {
  let g: DirtyGround;

  beforeAll(async () => {
    g = await DirtyGround.make();
    expect(await g.core.up(g.folder)).toMatchObject({ outcome: 'succeeded' });
    expect(g.item).toMatchObject({ dirty: false, changes: [] });
  });

  afterAll(() => g.discard());

  test('the folder of the configuration, renamed away and back', async () => {
    await g.moveAwayAndBack();
    expect(g.item).toMatchObject({ dirty: false, changes: [] });
    await g.edit(CONFIG_PATH, (text) => text.replace('"dev"', '"test"'));
    await g.is(true);
    await g.restore();
    await g.is(false);
  });

  test('another branch and back', async () => {
    await g.git('switch', '-qc', 'other');
    await g.write('.devcontainer/Dockerfile', `FROM ${IMAGE}\n`);
    await g.write('requirements.txt', 'django\n');
    await g.git('commit', '-qam', 'two');
    await g.is(true);
    await g.git('switch', '-q', 'main');
    expect(await g.is(false)).toEqual([]);
    await g.git('switch', '-q', 'other');
    expect((await g.is(true)).map(({ input }) => input)).toContain('.devcontainer/Dockerfile');
    await g.git('switch', '-q', 'main');
    await g.is(false);
  });

  test('200 saves in a second end with what the last one says', async () => {
    for (let n = 0; n < 200; n++) await g.write(CONFIG_PATH, CONFIG.replace('"dev"', `"${n}"`));
    await snapshotWhere(g.core, () => g.item.changes[0]?.to === '"199"');
    for (let n = 0; n < 200; n++) await g.write('requirements.txt', n === 199 ? 'flask\n' : `${n}\n`);
    await g.restore();
    await g.is(false);
    await g.looked();
    expect(g.item.dirty).toBe(false);
  });

  test('a save byte by byte is told once the configuration is whole, and never as broken', async () => {
    const told = new Set<unknown>();
    // Snapshots change for other containers of the engine too.
    const listening = g.core.inventory.onDidChange(() => {
      const { dirty, problem, changes } = g.item;
      if (dirty || problem) told.add(problem?.message ?? changes[0]?.to);
    });
    const text = CONFIG.replace('"dev"', '"test"');
    await g.write(CONFIG_PATH, '');
    for (const char of text) await appendFile(g.at(CONFIG_PATH), char);
    expect(await g.is(true)).toMatchObject([{ property: 'containerEnv.NODE_ENV', to: '"test"' }]);
    listening.dispose();
    expect([...told]).toEqual(['"test"']);
    await g.restore();
    await g.is(false);
  });

  test('an edit while the window is closed counts, and so does its being undone', async () => {
    await g.whileClosed(() => g.write('requirements.txt', 'django\n'));
    expect(await g.is(true)).toMatchObject([{ input: 'requirements.txt' }]);
    await g.whileClosed(() => g.restore());
    expect(await g.is(false)).toEqual([]);
  });

  test('a variable of the host with another value counts in the property that uses it', async () => {
    await g.whileClosed(() => (process.env['SHIPSHAPE_LEVEL'] = 'two'));
    expect(await g.is(true)).toMatchObject([
      { input: '${localEnv:SHIPSHAPE_LEVEL}', property: 'build.args', effect: 'rebuild' },
    ]);
    await g.whileClosed(() => (process.env['SHIPSHAPE_LEVEL'] = 'one'));
    expect(await g.is(false)).toEqual([]);
  });

  test('an edit during the build stays a change, and what was there before it does not', async () => {
    await g.edit(CONFIG_PATH, (text) => text.replace('"dev"', '"before"'));
    await g.is(true);
    let edits: Promise<void> | undefined;
    const listening = g.core.board.onDidChange((key) => {
      if (g.core.board.get(key)?.phase.startsWith('building'))
        edits ??= g.write('requirements.txt', 'late\n');
    });
    expect(await g.core.recreateFolder(g.folder)).toMatchObject({ outcome: 'succeeded' });
    listening.dispose();
    await edits;
    expect(await g.is(true)).toMatchObject([{ input: 'requirements.txt', effect: 'rebuild' }]);
  });

  test("a recreate that fails leaves no change behind: the image that its build made is not the user's doing", async () => {
    await g.restore();
    const { containerId } = await g.core.recreateFolder(g.folder);
    await g.is(false);
    // The image can be built, the container not created.
    await g.edit(CONFIG_PATH, (text) =>
      text.replace('["--env-file"', '["--network", "none-of-that-name", "--env-file"'),
    );
    await g.edit('.devcontainer/Dockerfile', (text) => `${text}RUN echo more\n`);
    await g.is(true);
    expect(await g.core.recreateFolder(g.folder)).toMatchObject({ outcome: 'rolledBack', containerId });
    await g.restore();
    expect(await g.is(false)).toEqual([]);
    await g.looked();
    expect(g.item).toMatchObject({ dirty: false, changes: [] });
  });
});
