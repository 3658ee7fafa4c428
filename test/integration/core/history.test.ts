import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { Run } from '../../../src/core/history';
import { RunDocument } from '../../../src/core/runDocument';
import { FileLogs } from '../../../src/devcontainers/jobLogs';
import { startCore, type Core } from '../../support/core';

const IMAGE = 'shipshape-test/base:1';
let folder: string;
let core: Core;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-history-'));
  await mkdir(join(folder, '.devcontainer'));
  await write({ dockerFile: 'Dockerfile', initializeCommand: 'echo first' });
  await writeFile(join(folder, '.devcontainer', 'Dockerfile'), `FROM ${IMAGE}\nRUN echo one\nRUN echo two\n`);
  core = await startCore({ dockerHost: inject('dockerHost'), folders: [folder] });
});

afterEach(async () => {
  await core.discard(folder);
  await rm(folder, { recursive: true, force: true });
});

const write = (value: unknown): Promise<void> =>
  writeFile(join(folder, '.devcontainer', 'devcontainer.json'), JSON.stringify(value));
const runs = (): Promise<readonly Run[]> => core.history.runs(core.item(folder).key);
const namesOf = (run: Run | undefined): string[] | undefined => run?.phases.map(({ name }) => name);

test('each run is written down with its phases, what became of what, and where it failed', async () => {
  const created = await core.up(folder);
  await write({ dockerFile: 'Dockerfile', postCreateCommand: 'echo before; exit 3' });
  const failed = await core.recreateFolder(folder);
  expect(failed).toMatchObject({
    outcome: 'failed',
    failure: { kind: 'lifecycle', command: 'echo before; exit 3', exitCode: 3 },
  });

  const [second, first, ...others] = await runs();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ kind: 'up', outcome: 'succeeded', to: { id: created.containerId } });
  expect(first).not.toHaveProperty('from');
  expect(namesOf(first)).toEqual(['read', 'initialize', 'build', 'create', 'start', 'check']);
  expect(first?.phases.find(({ name }) => name === 'build')?.build?.steps).toBeGreaterThanOrEqual(2);
  expect(second).toMatchObject({
    ...{
      kind: 'recreate',
      outcome: 'failed',
      downtimeMs: failed.downtimeMs,
      logLine: failed.failure?.logLine,
    },
    ...{ from: { id: created.containerId }, to: { id: failed.containerId } },
  });
  expect(namesOf(second)).toEqual(['read', 'build', 'create', 'start', 'postCreateCommand', 'check']);
  const { build } = second?.phases.find(({ name }) => name === 'build') ?? {};
  expect(build?.cached).toBeGreaterThanOrEqual(2);

  const log = await readFile(second?.logFile ?? '', 'utf8');
  expect(log.split('\n')[(second?.logLine ?? 0) - 1]).toContain('failed with exit code 3. Skipping');
  for (const run of [first, second]) {
    const spent = run?.phases.reduce((all, { ms }) => all + ms, 0) ?? 0;
    expect(spent).toBeLessThanOrEqual((run?.endedAt ?? 0) - (run?.startedAt ?? 0));
    expect(existsSync(run?.logFile ?? '')).toBe(true);
  }
});

test('a run reads again as it was told', async () => {
  await core.up(folder);
  const told = core.lines.filter(({ level }) => level === 'info').map(({ text }) => text);
  const [run] = await runs();
  if (!run) throw new Error('There is no run.');
  const document = new RunDocument(run, 'x', (level) => level !== 'debug' && level !== 'trace');
  const reader = new FileLogs(() => undefined);
  expect(await reader.replay(run.logFile ?? '', run.startedAt, document)).toBe(true);
  const [, body = ''] = document.text().split('\n\n');
  const rows = body
    .trimEnd()
    .split('\n')
    .map((row) => row.replace(/^\d\d:\d\d:\d\d\.\d{3} \[\w+\] /, ''));
  // Its own first heading and summary are not in the CLI's log.
  const end = told.findIndex((text) => text.startsWith('── Started after'));
  expect(end).toBeGreaterThan(10);
  expect(rows).toEqual(told.slice(1, end));
});

test('a job that is cancelled is in the history, with its log', async () => {
  await write({ image: IMAGE, postCreateCommand: 'sleep 600' });
  const { key } = core.item(folder);
  const atWork = new Promise<void>((resolve) => {
    const listening = core.board.onDidChange(() => {
      if (!core.board.get(key)?.phase.startsWith('running postCreateCommand')) return;
      listening.dispose();
      resolve();
    });
  });
  const job = core.up(folder);
  await atWork;
  core.recreate.cancel(key);
  expect(await job).toMatchObject({ outcome: 'cancelled' });
  const [run] = await runs();
  expect(run).toMatchObject({ kind: 'up', outcome: 'cancelled' });
  expect(namesOf(run)).toContain('postCreateCommand');
  expect(existsSync(run?.logFile ?? '')).toBe(true);
});
