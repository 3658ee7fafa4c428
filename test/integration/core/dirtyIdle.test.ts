/** What it costs to know all this while nothing happens. */
import childProcess from 'node:child_process';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CONFIG_FILE, ForeignProject, judged } from '../../support/bareCli';
import { baseImage } from '../../support/baseImage';
import { snapshotWhere, startCore, type Core } from '../../support/core';
import { inotifyWatches } from '../../support/inotify';

const WATCHES_A_CONFIG = 3;
const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
const built = {
  [CONFIG_FILE]: JSON.stringify({
    build: { dockerfile: 'Dockerfile' },
    runArgs: ['--env-file', '.devcontainer/dev.env'],
  }),
  '.devcontainer/Dockerfile': `FROM ${baseImage}\nCOPY tool.sh /\n`,
  '.devcontainer/tool.sh': 'true\n',
  '.devcontainer/dev.env': 'A=1\n',
};
const composed = {
  [CONFIG_FILE]: JSON.stringify({ dockerComposeFile: 'compose.yml', service: 'app' }),
  '.devcontainer/compose.yml': `version: "3.4"
services:
  app: { image: "${baseImage}", command: sleep 1000, env_file: [app.env], environment: { B: "$B" } }
`,
  '.devcontainer/app.env': 'A=1\n',
  '.devcontainer/.env': 'B=1\n',
};

/** Files that were opened, and programs that were started, by this process since the beginning. */
const opened: string[] = [];
const started: string[] = [];
let projects: ForeignProject[];
let core: Core;
let watchesBefore: number;

/** Notes each call with its first argument; gives what puts the original back. */
function note<T extends object>(of: T, name: keyof T & string, into: string[]): () => void {
  const original = of[name] as (...args: unknown[]) => unknown;
  const noting = (...args: unknown[]): unknown => {
    into.push(String(args[0]));
    return original(...args);
  };
  Object.assign(of, { [name]: noting });
  return () => Object.assign(of, { [name]: original });
}

const putBack: (() => void)[] = [];

beforeAll(async () => {
  projects = await Promise.all([built, composed].map((files) => ForeignProject.make(files, env)));
  for (const project of projects) await project.up();
  putBack.push(note(fs, 'open', opened), note(fs, 'readFile', opened), note(childProcess, 'spawn', started));
  syncBuiltinESMExports();
  watchesBefore = inotifyWatches();
  core = await startCore({
    ...{ dockerHost: inject('dockerHost'), env },
    folders: projects.map(({ folder }) => folder),
  });
}, 120_000);

afterAll(async () => {
  await core.dispose();
  for (const undo of putBack) undo();
  syncBuiltinESMExports();
  for (const project of projects) await project.remove();
});

const isOurs = (path: string): boolean => projects.some(({ folder }) => path.startsWith(folder));
const looked = async (): Promise<void> => {
  await Promise.all([core.watcher.check(), core.inputWatcher.check()]);
  await core.inputs.check();
};

test('while nothing happens no file is read again and no program is started', async () => {
  for (const { folder } of projects)
    expect(await judged(core, folder)).toMatchObject({ dirty: false, changes: [] });
  await looked();
  expect(opened.filter(isOurs)).not.toEqual([]);
  expect(started).not.toEqual([]);
  const readings = core.inputs.of(projects[0]?.path(CONFIG_FILE) ?? '')?.readings ?? [];
  expect(readings.map(({ kind }) => kind).sort()).toEqual(['context', 'dockerfile', 'envFile', 'lockfile']);

  for (const list of [opened, started]) list.length = 0;
  // That nothing happens can only be seen by letting time pass; the looks of the safety net come on top.
  await pass(5_000);
  await looked();
  await looked();
  expect(opened.filter(isOurs)).toEqual([]);
  expect(started).toEqual([]);
});

test('a change is read once, and costs the files beside it nothing', async () => {
  const [project] = projects;
  for (const list of [opened, started]) list.length = 0;
  await project?.edit('.devcontainer/tool.sh', 'true', 'false');
  await snapshotWhere(core, () => core.item(project?.folder ?? '').dirty);
  await looked();
  expect(new Set(opened.filter(isOurs))).toEqual(new Set([project?.path('.devcontainer/tool.sh')]));
  expect(started).toEqual([]);
});

test(`at most ${WATCHES_A_CONFIG} watches a configuration`, () => {
  // What is remembered of containers is watched too, whatever the number of configurations.
  const watches = inotifyWatches(core.storage) - watchesBefore;
  expect(watches).toBeGreaterThan(0);
  expect(watches).toBeLessThanOrEqual(WATCHES_A_CONFIG * projects.length);
});
