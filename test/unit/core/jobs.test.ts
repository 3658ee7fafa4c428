import { describe, expect, test } from 'vitest';
import type { JobOutcome } from '../../../src/api';
import { JobBoard } from '../../../src/core/jobBoard';
import { describe as inWords, JobLog } from '../../../src/core/jobLog';
import type { CliProgress, LogLine } from '../../../src/core/ports';
import { container } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';

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
  test('a CLI that says nothing for a minute is said to, until it speaks again or ends', async () => {
    const { phases, timers, log } = setUp();
    log.onProgress({ kind: 'create' });
    await timers.pass(59_000);
    log.onLine(line('still here'));
    await timers.pass(59_999);
    expect(phases).toEqual(['creating the container']);
    await timers.pass(1);
    expect(phases.at(-1)).toBe('creating the container, no output for a minute');
    log.onLine(line('here again'));
    expect(phases.at(-1)).toBe('creating the container');
    log.onLine(line('once more'));
    expect(phases).toHaveLength(3);
    log.end();
    await timers.pass(600_000);
    expect([phases.length, timers.waiting]).toEqual([3, 0]);
  });

  function setUp() {
    const board = new JobBoard();
    const batches: string[][] = [];
    const phases: string[] = [];
    board.onDidLog(({ key, lines }) =>
      batches.push([key, ...lines.map(({ level, text }) => `${level} ${text}`)]),
    );
    const timers = new FakeTimers();
    const log = new JobLog(board, 'k', (phase) => phases.push(phase), timers);
    return { batches, phases, timers, log };
  }

  test('lines that come together are told together, in order', async () => {
    const { batches, log } = setUp();
    log.onLine(line('1'));
    log.onLine(line('2'));
    expect(batches).toEqual([]);
    await settle();
    log.onLine(line('3'));
    await settle();
    expect(batches).toEqual([
      ['k', 'info 1', 'info 2'],
      ['k', 'info 3'],
    ]);
  });

  test('its end flushes the last line at once and then says what failed, with its place (S4-17)', async () => {
    const { batches, log } = setUp();
    log.onLine(line('last'));
    log.close({ ...failed, failure: { ...failure, file: '/w/Dockerfile', line: 3 } });
    const told = [
      ['k', 'info last'],
      ['k', 'error Step 3 failed. /w/Dockerfile:3'],
    ];
    expect(batches).toEqual(told);
    await settle();
    expect(batches).toEqual(told);
  });

  test.each([
    [{ ...failure, file: '/w/x' }, 'error Step 3 failed. /w/x'],
    [{ ...failure, kind: 'cancelled', message: 'Cancelled.' } as const, 'info Cancelled.'],
  ])('the end with %j reads: %s', (why, text) => {
    const { batches, log } = setUp();
    log.close({ ...failed, failure: why });
    expect(batches).toEqual([['k', text]]);
  });

  test('a success needs no words', () => {
    const { batches, log } = setUp();
    log.close({ outcome: 'succeeded', downtimeMs: 0 });
    expect(batches).toEqual([]);
  });

  test.each<[CliProgress, string]>([
    [{ kind: 'build' }, 'building'],
    [{ kind: 'build', step: 3 }, 'building, step 3'],
    [{ kind: 'build', step: 3, steps: 7, instruction: 'RUN x' }, 'building, step 3 of 7'],
    [{ kind: 'create' }, 'creating the container'],
    [{ kind: 'hook', name: 'postCreateCommand', status: 'running' }, 'running postCreateCommand'],
    [{ kind: 'hook', name: 'postCreateCommand', status: 'failed' }, 'postCreateCommand failed'],
  ])('progress %j is the phase: %s', (progress, phase) => {
    const { phases, log } = setUp();
    log.onProgress(progress);
    expect(phases).toEqual([phase]);
    expect(inWords(progress)).toBe(phase);
  });
});
