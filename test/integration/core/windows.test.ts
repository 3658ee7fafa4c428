import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { hasCode } from '../../../src/common/errors';
import { startCore, type Core } from '../../support/core';

let folder: string;
let storage: string;
let windows: Core[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-windows-'));
  storage = await mkdtemp(join(tmpdir(), 'shipshape-storage-'));
  await mkdir(join(folder, '.devcontainer'));
  await writeFile(
    join(folder, '.devcontainer', 'devcontainer.json'),
    JSON.stringify({ image: 'shipshape-test/base:1' }),
  );
  const open = (owner: string): Promise<Core> =>
    startCore({ dockerHost: inject('dockerHost'), folders: [folder], storage, owner });
  windows = await Promise.all([open('one'), open('two')]);
});

afterEach(async () => {
  for (const id of await containers()) await windows[0]?.engines.stores[0]?.engine.remove(id);
  for (const window of windows) await window.dispose();
  for (const place of [folder, storage]) await rm(place, { recursive: true, force: true });
});

async function containers(): Promise<string[]> {
  const all = (await windows[0]?.engines.stores[0]?.engine.list()) ?? [];
  return all.filter((c) => c.labels['devcontainer.local_folder'] === folder).map((c) => c.id);
}

test('two windows at once: one works, the other is told so, and there is one container', async () => {
  for (const job of ['up', 'recreateFolder', 'recreateFolder'] as const) {
    const ends = await Promise.allSettled(windows.map((window) => window[job](folder)));
    const refused = ends.filter((end) => end.status === 'rejected' && hasCode(end.reason, 'busy'));
    expect(ends.filter((end) => end.status === 'fulfilled').length + refused.length).toBe(2);
    expect(refused.length).toBe(1);
    expect(await containers()).toHaveLength(1);
    await Promise.all(windows.map((window) => window.engines.refresh()));
  }
});
