import { describe, expect, test } from 'vitest';
import type { JobOutcome } from '../../../src/api';
import { runContainer, type Run, type RunContainer } from '../../../src/core/history';
import { keyOf } from '../../../src/core/identity';
import { JobBoard } from '../../../src/core/jobBoard';
import { describe as inWords, JobLog, type LoggedJob } from '../../../src/core/jobLog';
import type { CliProgress, LogLine } from '../../../src/core/ports';
import { container, devContainer, FakeEngine } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';

const FILE = '/w/.devcontainer/devcontainer.json';
const failure = { kind: 'build', message: 'Step 3 failed.', at: 5 } as const;
const failed: JobOutcome = { outcome: 'failed', downtimeMs: 0, failure };
const line = (text: string): LogLine => ({ at: 0, level: 'info', text });

describe('JobBoard', () => {
  test('tells who runs, and each change of it', () => {
    const board = new JobBoard();
    const heard: string[] = [];
    board.onDidChange((key) => heard.push(key));
    const job = { activity: 'starting', phase: 'waiting', startedAt: 1 } as const;
    board.set('a', job);
    expect([board.get('a'), board.running]).toEqual([job, ['a']]);
    board.end('a');
    expect([board.get('a'), board.running]).toEqual([undefined, []]);
    expect(heard).toEqual(['a', 'a']);
  });

  test('a failure stays until there is another container than the one it left (U-04)', () => {
    const board = new JobBoard();
    const [left, newer] = [container('a'), container('b')];
    board.end('k', { ...failed, containerId: left.id });
    expect(board.failure('k', left)).toBe(failure);
    expect(board.failure('k', newer)).toBeUndefined();
    expect(board.failure('k', undefined)).toBeUndefined();
    expect(board.failure('other', left)).toBeUndefined();
  });

  test('a failure that left no container stays while there is none', () => {
    const board = new JobBoard();
    board.end('k', failed);
    expect(board.failure('k', undefined)).toBe(failure);
    expect(board.failure('k', container('a'))).toBeUndefined();
  });

  test.each<[string, JobOutcome | undefined, boolean]>([
    ['a success forgets it', { outcome: 'succeeded', downtimeMs: 0 }, false],
    [
      'a cancel keeps it',
      { outcome: 'cancelled', downtimeMs: 0, failure: { ...failure, kind: 'cancelled' } },
      true,
    ],
    ['a job that never began keeps it', undefined, true],
  ])('the failure before: %s', (_, outcome, stays) => {
    const board = new JobBoard();
    board.end('k', failed);
    board.end('k', outcome);
    expect(board.failure('k', undefined) === failure).toBe(stays);
  });
});

describe('JobLog', () => {
  const old = devContainer('a', '/w', FILE, { name: 'old' });

  function setUp(from?: RunContainer, more: Partial<LoggedJob> & { readonly startedAt?: number } = {}) {
    const board = new JobBoard();
    const batches: string[][] = [];
    const phases: string[] = [];
    board.onDidLog(({ key, lines }) =>
      batches.push([key, ...lines.map(({ level, text }) => `${level} ${text}`)]),
    );
    const timers = new FakeTimers();
    const engine = new FakeEngine();
    engine.containers.set(old.id, old);
    const key = keyOf({ engine: engine.key, workspaceFolder: '/w', configFile: FILE });
    const runs: Run[] = [];
    const history = { add: (_: string, run: Run) => Promise.resolve(void runs.push(run)) };
    const attempt = { engine, key, before: new Set([old.id]) };
    const { startedAt = timers.now() } = more;
    const job = { kind: 'recreate' as const, startedAt, attempt, ...(from ? { from } : {}) };
    const log = new JobLog(
      { board, history, timers },
      { job, isResumed: false, onPhase: (phase) => phases.push(phase), ...more },
    );
    const texts = (): string[] => batches.flatMap(([, ...lines]) => lines);
    return { batches, board, engine, key, log, phases, runs, texts, timers };
  }

  test('a CLI that says nothing for a minute is said to, until it speaks again or ends', async () => {
    const { phases, timers, log } = setUp();
    log.onProgress({ kind: 'build' });
    await timers.pass(59_000);
    log.onLine(line('still here'));
    await timers.pass(59_999);
    expect(phases).toEqual(['building']);
    await timers.pass(1);
    expect(phases.at(-1)).toBe('building, no output for a minute');
    log.onLine(line('here again'));
    expect(phases.at(-1)).toBe('building');
    const told = phases.length;
    log.onLine(line('once more'));
    expect(phases).toHaveLength(told);
    log.end();
    await timers.pass(600_000);
    expect([phases.length, timers.waiting]).toEqual([told, 0]);
  });

  test('what it waits for is asked once a silence, shown, and in the log', async () => {
    const { engine, phases, texts, timers, log } = setUp();
    log.onProgress({ kind: 'create' });
    engine.containers.set('b'.repeat(64), devContainer('b', '/w', FILE));
    await timers.pass(60_000);
    const words = /^creating the container: the engine's start event seems to be missed/;
    expect(phases.at(-1)).toMatch(words);
    expect(texts().at(-1)).toMatch(/^warn creating the container: the engine's start event/);
    await timers.pass(600_000);
    expect(engine.calls).toEqual(['list']);
    log.onUnfinished('Continue? ');
    expect(phases.at(-1)).toBe('creating the container');
    await timers.pass(60_000);
    expect(phases.at(-1)).toMatch(/it seems to wait for input, which it cannot get: Continue\?$/);
    log.onLine(line('Continue? no'));
    await timers.pass(60_000);
    expect(phases.at(-1)).toMatch(words);
    expect(engine.calls).toEqual(['list', 'list']);
  });

  test('an answer that comes when the CLI has spoken again is not said', async () => {
    const { engine, phases, texts, timers, log } = setUp();
    log.onProgress({ kind: 'create' });
    let answer: () => void = () => undefined;
    engine.holdLists = new Promise((resolve) => (answer = resolve));
    await timers.pass(60_000);
    expect(phases.at(-1)).toBe('creating the container, no output for a minute');
    log.onLine(line('here again'));
    answer();
    await settle();
    expect(phases.at(-1)).toBe('creating the container');
    expect(texts().filter((text) => text.startsWith('warn'))).toEqual([]);
  });

  test('lines that come together are told together, in order, each phase with a line of its own', async () => {
    const { batches, key, log } = setUp();
    await settle();
    log.onLine(line('1'));
    log.onProgress({ kind: 'build' });
    log.onLine(line('2'));
    log.onProgress({ kind: 'build', step: 1, steps: 2 });
    expect(batches).toEqual([[key, 'info ── read ──']]);
    await settle();
    log.onLine(line('3'));
    await settle();
    expect(batches.slice(1)).toEqual([
      [key, 'info 1', 'info ── build ──', 'info 2'],
      [key, 'info 3'],
    ]);
  });

  test('its end flushes the last line at once and then says what failed, with its place (S4-17)', async () => {
    const { key, log, texts, runs, board } = setUp(runContainer(old));
    log.onLog('/log', 1_000_000);
    log.onLine(line('last'));
    log.end();
    log.close({
      ...failed,
      containerId: old.id,
      failure: { ...failure, file: '/w/Dockerfile', line: 3, logLine: 7 },
    });
    const told = [
      ...['info ── read ──', 'info last', 'info ── Recreate failed after 0.0 s ──'],
      ...[
        'info Time: read 0.0 s, check 0.0 s.',
        'info Container aaaaaaaaaaaa as before, image image:1 (000000000000).',
      ],
      'error Step 3 failed. /w/Dockerfile:3',
    ];
    expect(texts()).toEqual(told);
    await settle();
    expect(texts()).toEqual(told);
    expect(board.logFile(key)).toBe('/log');
    const container = { id: old.id, image: old.image, imageId: old.imageId };
    expect(runs).toEqual([
      {
        ...{ startedAt: 1_000_000, endedAt: 1_000_000, kind: 'recreate', outcome: 'failed', downtimeMs: 0 },
        ...{ message: 'Step 3 failed. /w/Dockerfile:3', logLine: 7, logFile: '/log' },
        phases: [
          { name: 'read', ms: 0 },
          { name: 'check', ms: 0 },
        ],
        ...{ from: container, to: container },
      },
    ]);
  });

  test.each([
    [{ ...failure, file: '/w/x' }, 'error Step 3 failed. /w/x'],
    [{ ...failure, kind: 'cancelled', message: 'Cancelled.' } as const, 'info Cancelled.'],
  ])('the end with %j reads: %s', (why, text) => {
    const { texts, log } = setUp();
    log.close({ ...failed, failure: why });
    expect(texts().at(-1)).toBe(text);
  });

  test('a success says what it took and what came of it, and is written down', async () => {
    const { timers, log, runs, texts } = setUp(runContainer(old));
    await timers.pass(500);
    log.onProgress({ kind: 'create' }, timers.now() + 5_000);
    await timers.pass(2_000);
    log.end();
    const made = container('b', { imageId: `sha256:${'2'.repeat(64)}` });
    log.close({ outcome: 'succeeded', downtimeMs: 700, containerId: made.id, logFile: '/log' }, made);
    expect(texts().slice(-5)).toEqual([
      'info ── Recreated after 2.5 s ──',
      'info Time: read 0.5 s, create 2.0 s, check 0.0 s.',
      'info Without a running container for 0.7 s.',
      'info Container aaaaaaaaaaaa → bbbbbbbbbbbb.',
      'info Image image:1: 000000000000 → 222222222222.',
    ]);
    expect(runs).toMatchObject([
      { outcome: 'succeeded', to: { id: made.id }, logFile: '/log', downtimeMs: 700 },
    ]);
  });

  test('of a job that another window began, times are those of its log, and the time without a window is said', () => {
    const { log, runs } = setUp(runContainer(old), { isResumed: true, startedAt: 900_000 });
    log.onLog('/log', 900_100);
    log.onProgress({ kind: 'build' }, 900_500);
    log.onLine({ ...line('Step 1/1 : FROM x'), at: 910_500 });
    log.end();
    log.close({ outcome: 'failed', downtimeMs: 0 });
    expect(runs[0]).toMatchObject({ startedAt: 900_000, endedAt: 1_000_000, logFile: '/log' });
    const spent = runs[0]?.phases.map(({ name, ms }) => `${name} ${ms}`);
    expect(spent).toEqual(['read 500', 'build 10000', 'no window 89500', 'check 0']);
  });

  test('a job of which nobody can tell how it ended has failed', async () => {
    const { log, runs } = setUp();
    await expect(log.orFail(Promise.reject(new Error('The engine is gone.')))).rejects.toThrow('gone');
    expect(runs).toMatchObject([{ outcome: 'failed', message: 'The engine is gone.' }]);
    expect(await log.orFail(Promise.resolve(3))).toBe(3);
    expect(runs).toHaveLength(1);
  });

  test.each<[CliProgress, string]>([
    [{ kind: 'build' }, 'building'],
    [{ kind: 'build', step: 3 }, 'building, step 3'],
    [{ kind: 'build', step: 3, steps: 7, instruction: 'RUN x' }, 'building, step 3 of 7'],
    [{ kind: 'pull', image: 'debian:12' }, 'pulling debian:12'],
    [{ kind: 'create' }, 'creating the container'],
    [{ kind: 'start' }, 'starting the container'],
    [{ kind: 'hook', name: 'postCreateCommand', status: 'running' }, 'running postCreateCommand'],
    [{ kind: 'hook', name: 'postCreateCommand', status: 'failed' }, 'postCreateCommand failed'],
  ])('progress %j is the phase: %s', (progress, phase) => {
    const { phases, log } = setUp();
    log.onProgress(progress);
    expect(phases).toEqual([phase]);
    expect(inWords(progress)).toBe(phase);
  });

  test('what a hook says of builds of its own is not what the job does', () => {
    const { phases, log } = setUp();
    log.onProgress({ kind: 'hook', name: 'postCreateCommand', status: 'running' });
    log.onProgress({ kind: 'build', step: 1, steps: 2 });
    expect(phases).toEqual(['running postCreateCommand']);
  });
});
