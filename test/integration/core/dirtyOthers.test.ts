/** Saves of all kinds, with dev containers that the bare CLI made while a window was open: of a Dockerfile, by Compose. */
import { rename, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { bareUp, judged } from '../../support/bareCli';
import { snapshotWhere } from '../../support/core';
import { CONFIG_PATH, DirtyGround } from './dirtyGround';
import { COMPOSE, COPIED, DOCKERFILE, inPlace, KINDS, SAVES, type Save } from './dirtyKinds';

describe.each(Object.entries(KINDS))(
  'a container that the bare CLI made of %s',
  (_, { files, edits, late }) => {
    const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
    let g: DirtyGround;

    const paths = Object.keys(files);
    const edited = (path: string): string => {
      const [from = '', to = ''] = edits[path] ?? [];
      return (files[path] ?? '').replace(from, to);
    };
    const told = Object.entries(edits).map(([input, [, , change]]): unknown =>
      expect.objectContaining({ input, ...change }),
    );
    const saveAll = async (textOf: (path: string) => string, save: Save): Promise<void> => {
      for (const path of paths) await save(g.at(path), textOf(path), () => changed(g.at(path)));
    };
    /** Settles once the file, or the folder that is watched for it, is told as changed. */
    const changed = (path: string): Promise<void> =>
      new Promise((resolve) => {
        const listening = [g.core.watcher, g.core.inputWatcher].map((watcher) =>
          watcher.onDidChange((each) => {
            if (each !== path && each !== dirname(path)) return;
            for (const one of listening) one.dispose();
            resolve();
          }),
        );
      });
    const original = (path: string): string => files[path] ?? '';
    const isAllTold = () => snapshotWhere(g.core, () => g.item.changes.length === told.length);

    beforeAll(async () => {
      g = await DirtyGround.make(files);
      await bareUp(g.folder, env);
      await snapshotWhere(g.core, () => g.item.containerId !== undefined);
      expect(await judged(g.core, g.folder)).toMatchObject({ dirty: false, changes: [] });
    });

    afterAll(() => g.discard());

    test.each<[string, () => Promise<unknown>]>([
      ['a touch', () => Promise.all(paths.map((path) => utimes(g.at(path), new Date(), new Date())))],
      ['other formatting', () => saveAll(reformatted, inPlace)],
      ['another order', () => saveAll(reordered, inPlace)],
      ['other comments', () => saveAll((path) => original(path).replace('Why', 'So'), inPlace)],
      ['a byte order mark', () => saveAll(marked, inPlace)],
      ['other line ends', () => saveAll(withOtherLineEnds, inPlace)],
      ...Object.entries(SAVES).map(([way, save]): [string, () => Promise<unknown>] => [
        `the same once more, ${way},`,
        () => saveAll(original, save),
      ]),
    ])('%s changes nothing, not for a moment', async (_, deed) => {
      const seen: unknown[] = [];
      const listening = g.core.inventory.onDidChange(() => seen.push(g.item.dirty, g.item.changes));
      await deed();
      await g.looked();
      listening.dispose();
      expect(g.item).toMatchObject({ dirty: false, changes: [] });
      expect(seen).not.toContain(true);
      await g.restore();
      await g.looked();
    });

    test.each(Object.entries(SAVES))('edits saved %s are told, and undone it is clean', async (_, save) => {
      await saveAll(edited, save);
      await isAllTold();
      expect(g.item).toMatchObject({ dirty: true });
      expect(g.item.changes).toEqual(expect.arrayContaining(told));
      expect(g.item.changes.some(({ probable }) => probable)).toBe(false);
      await saveAll(original, save);
      expect(await g.is(false)).toEqual([]);
    });

    test('a folder renamed away and back changes nothing, an edit meanwhile does', async () => {
      await g.moveAwayAndBack();
      expect(g.item).toMatchObject({ dirty: false, changes: [] });
      await rename(g.at('.devcontainer'), g.at('elsewhere'));
      await writeFile(g.at('elsewhere/devcontainer.json'), edited(CONFIG_PATH));
      await rename(g.at('elsewhere'), g.at('.devcontainer'));
      expect(await g.is(true)).toMatchObject([edits[CONFIG_PATH]?.[2]]);
      await g.restore();
      expect(await g.is(false)).toEqual([]);
    });

    test('another branch is told, and back it is clean', async () => {
      await g.git('switch', '-qc', 'other');
      await saveAll(edited, inPlace);
      await g.git('commit', '-qam', 'two');
      await isAllTold();
      await g.git('switch', '-q', 'main');
      expect(await g.is(false)).toEqual([]);
      await g.git('switch', '-q', 'other');
      await isAllTold();
      expect(g.item.changes).toEqual(expect.arrayContaining(told));
      await g.git('switch', '-q', 'main');
      expect(await g.is(false)).toEqual([]);
    });

    test('edits while the window is closed are told, and so is their being undone', async () => {
      await g.whileClosed(() => saveAll(edited, inPlace));
      await isAllTold();
      expect(g.item.changes).toEqual(expect.arrayContaining(told));
      await g.whileClosed(() => g.restore());
      expect(await judged(g.core, g.folder)).toMatchObject({ dirty: false, changes: [] });
    });

    test('of 200 saves in a second the last one counts, in each file', async () => {
      const last = (path: string): string => (path === CONFIG_PATH ? edited(path) : original(path));
      for (let n = 0; n < 199; n++) await saveAll(n % 2 ? edited : original, inPlace);
      await saveAll(last, inPlace);
      await g.is(true);
      await snapshotWhere(g.core, () => g.item.changes.length === 1);
      await g.looked();
      expect(g.item.changes).toMatchObject([edits[CONFIG_PATH]?.[2]]);
      await g.restore();
      expect(await g.is(false)).toEqual([]);
    });

    test('an edit during the build is told of the container that comes of it', async () => {
      const before = g.item.containerId;
      let saving: Promise<unknown> | undefined;
      let isEdited = false;
      await bareUp(g.folder, env, ['--remove-existing-container', '--build-no-cache'], (text) => {
        if (!text.includes('RUN echo built')) return;
        saving ??= saveAll(edited, inPlace).then(() => (isEdited = true));
      });
      expect(isEdited).toBe(true);
      await snapshotWhere(g.core, () => ![before, undefined].includes(g.item.containerId));
      const { changes } = await judged(g.core, g.folder);
      const sure = changes.filter(({ probable }) => !probable);
      expect(sure).toMatchObject([edits[CONFIG_PATH]?.[2]]);
      expect(changes.filter(({ probable }) => probable).map(({ input }) => input)).toEqual(late);
    });

    function reformatted(path: string): string {
      const text = original(path);
      if (path === CONFIG_PATH)
        return text.replace('"MODE": "dev",', '\n\n"MODE":\t"dev"\n,').replace(/^ {2}/gm, '\t');
      if (path === COMPOSE)
        return text.replaceAll('"', "'").replace('{ context: ..,', '\n      { context: "..",  ');
      return path === DOCKERFILE ? text.replace('COPY', 'copy').replace('&& sleep', '\\\n  && sleep') : text;
    }

    function reordered(path: string): string {
      const text = original(path);
      if (path === CONFIG_PATH)
        return text.replace('"MODE": "dev", "LANG": "C"', '"LANG": "C", "MODE": "dev"');
      return text.replace(/(.*FIRST.*\n)(.*SECOND.*\n)/, '$2$1');
    }

    function marked(path: string): string {
      return path === COPIED ? original(path) : `\uFEFF${original(path)}`;
    }

    function withOtherLineEnds(path: string): string {
      return path === COPIED ? original(path) : original(path).replaceAll('\n', '\r\n');
    }
  },
);
