import { describe, expect, test } from 'vitest';
import { silentLogger as logger } from '../../../src/common/logger';
import { History, KEPT_RUNS, type Run } from '../../../src/core/history';
import { recordName } from '../../../src/core/recordName';
import { RunDocument } from '../../../src/core/runDocument';
import { outcomeWords, summaryLines } from '../../../src/core/runWords';
import { FakeRecords } from '../../support/fakeDisk';

const run = (at: number, more: Partial<Run> = {}): Run => ({
  ...{ startedAt: at, endedAt: at + 100, kind: 'recreate', outcome: 'succeeded', phases: [], downtimeMs: 0 },
  ...more,
});

describe('History', () => {
  test('keeps the last runs of each dev container, the newest first', async () => {
    const records = new FakeRecords();
    const history = new History(records, logger);
    for (let at = 1; at <= KEPT_RUNS + 5; at++) void history.add('a', run(at, { logFile: `/log/${at}` }));
    await history.add('b', run(7, { logFile: '/log/b' }));
    const kept = await history.runs('a');
    expect(kept.map(({ startedAt }) => startedAt)).toEqual(
      Array.from({ length: KEPT_RUNS }, (_, i) => 25 - i),
    );
    expect(await history.runs('b')).toHaveLength(1);
    expect(await history.runs('c')).toEqual([]);
    const logs = await history.logFiles();
    expect([logs.size, logs.has('/log/b'), logs.has('/log/5'), logs.has('/log/6')]).toEqual([
      ...[KEPT_RUNS + 1, true, false, true],
    ]);
    expect([...records.values.values()]).toMatchObject([
      { runs: { length: KEPT_RUNS } },
      { runs: { length: 1 } },
    ]);
  });

  test('another window’s runs are seen and kept', async () => {
    const records = new FakeRecords();
    await new History(records, logger).add('a', run(1));
    const other = new History(records, logger);
    await other.add('a', run(2));
    expect((await other.runs('a')).map(({ startedAt }) => startedAt)).toEqual([2, 1]);
  });

  test('of very many dev containers, those worked on last', async () => {
    const history = new History(new FakeRecords(), logger);
    for (let at = 1; at <= 201; at++) await history.add(`key ${at}`, run(at));
    expect(await history.runs('key 1')).toEqual([]);
    expect(await history.runs('key 2')).toHaveLength(1);
    expect(await history.runs('key 201')).toHaveLength(1);
  });

  test('what is not as we write it is left out, and written over', async () => {
    const records = new FakeRecords();
    const whole = run(3, {
      phases: [{ name: 'build', ms: 4, build: { steps: 2, cached: 1 } }],
      from: { id: 'a', image: 'b', imageId: 'c' },
      logLine: 3,
    });
    const broken = [
      ...[
        null,
        'x',
        [],
        {},
        { ...whole, startedAt: '1' },
        { ...whole, outcome: 'fine' },
        { ...whole, kind: 'x' },
      ],
      ...[
        { ...whole, phases: [{ name: 1 }] },
        { ...whole, phases: [{ name: 'x', ms: -1 }] },
        { ...whole, from: {} },
      ],
      ...[
        { ...whole, logFile: 3 },
        { ...whole, message: {} },
        { ...whole, downtimeMs: NaN },
        { ...whole, logLine: 'x' },
      ],
    ];
    const name = recordName('a');
    records.values.set(name, { version: 1, key: 'a', runs: [...broken, whole] });
    const history = new History(records, logger);
    expect(await history.runs('a')).toEqual([whole]);
    for (const value of [
      null,
      'x',
      [],
      { version: 2, key: 'a', runs: [whole] },
      { version: 1, key: 'b', runs: [whole] },
    ]) {
      records.values.set(name, value);
      expect(await history.runs('a')).toEqual([]);
    }
    await history.add('a', run(4));
    expect(await history.runs('a')).toHaveLength(1);
  });

  test('a full disk is no reason for a job to fail', async () => {
    const records = new FakeRecords();
    records.failure = new Error('full');
    const history = new History(records, logger);
    await history.add('a', run(1));
    records.failure = undefined;
    await history.add('a', run(2));
    expect(await history.runs('a')).toHaveLength(1);
  });
});

describe('a run in words', () => {
  const before = { id: 'a'.repeat(64), image: 'test/base:1', imageId: `sha256:${'1'.repeat(64)}` };
  const after = { id: 'b'.repeat(64), image: 'test/base:2', imageId: `sha256:${'2'.repeat(64)}` };

  test('what it took, and what went from what to what', () => {
    const phases = [
      { name: 'read', ms: 100 },
      { name: 'build', ms: 62_000, build: { steps: 4, cached: 3 } },
    ];
    expect(
      summaryLines(run(0, { endedAt: 125_000, phases, downtimeMs: 1200, from: before, to: after })),
    ).toEqual([
      '── Recreated after 2 min 5 s ──',
      'Time: read 0.1 s, build 62 s (3 of 4 steps from the cache).',
      'Without a running container for 1.2 s.',
      'Container aaaaaaaaaaaa → bbbbbbbbbbbb.',
      'Image test/base:1 (111111111111) → test/base:2 (222222222222).',
    ]);
  });

  test.each<[Partial<Run>, string[]]>([
    [{ to: after }, ['Container bbbbbbbbbbbb, image test/base:2 (222222222222).']],
    [{ from: before, to: before }, ['Container aaaaaaaaaaaa as before, image test/base:1 (111111111111).']],
    [
      { from: { ...before, imageId: after.imageId }, to: after },
      ['Container aaaaaaaaaaaa → bbbbbbbbbbbb.', 'Image test/base:2 (222222222222) as before.'],
    ],
    [{ to: { ...after, image: after.imageId } }, ['Container bbbbbbbbbbbb, image 222222222222.']],
    [{ from: before }, []],
  ])('%j', (more, expected) => {
    expect(summaryLines(run(0, more)).slice(1)).toEqual(expected);
  });

  test('how each kind ends', () => {
    expect(outcomeWords({ kind: 'recreate', outcome: 'rolledBack' })).toBe('Recreate failed, rolled back');
    expect(outcomeWords({ kind: 'up', outcome: 'succeeded' })).toBe('Started');
    expect(outcomeWords({ kind: 'restart', outcome: 'cancelled' })).toBe('Restart cancelled');
  });

  test('names from logs and images are shown as they are, not as they pretend', () => {
    const [, time, container] = summaryLines(
      run(0, { phases: [{ name: 'a\u202eb\n', ms: 1 }], to: { ...after, image: 'x\u001b[31m' } }),
    );
    expect([time, container]).toEqual([
      'Time: a\\u202eb\\u000a 0.0 s.',
      'Container bbbbbbbbbbbb, image x\\u001b[31m (222222222222).',
    ]);
  });
});

test('an image that the CLI built is known by the beginning of its name', () => {
  const image = `vsc-sample-${'3d371eeafc29'.repeat(5)}abcd`;
  const [from, to] = ['1', '2'].map((digit) => ({
    id: digit.repeat(64),
    image,
    imageId: `sha256:${digit.repeat(64)}`,
  }));
  expect(summaryLines(run(0, { ...(from && { from }), ...(to && { to }) })).at(-1)).toBe(
    'Image vsc-sample-3d371eeafc29…: 111111111111 → 222222222222.',
  );
});

describe('RunDocument', () => {
  test('shows what the channel showed, with its phases, and knows where a line of the full log is', () => {
    const phases = [
      { name: 'read', ms: 100 },
      { name: 'build', ms: 62_000, build: { steps: 4, cached: 3 } },
    ];
    const failed = run(0, { outcome: 'failed', message: 'It failed.\n\u202e', phases, logFile: '/log' });
    const document = new RunDocument(failed, 'api', (level) => level !== 'debug');
    document.onLine({ at: 0, level: 'debug', text: 'Run: docker build', line: 1 });
    document.onProgress({ kind: 'build' }, 5);
    document.onLine({ at: 0, level: 'info', text: 'Step 1/1 : FROM x', line: 2 });
    document.onLine({ at: 0, level: 'info', text: 'broken', line: 5 });
    document.onProgress({ kind: 'build', step: 1 }, 6);
    const rows = document.text().split('\n');
    expect(rows[0]).toBe('api: Recreate failed');
    expect(rows[1]).toMatch(/^Begun \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, took 0\.1 s\.$/);
    expect(rows.slice(2, 8)).toEqual([
      ...['It failed.\\u000a\\u202e', '  read      0.1 s', '  build      62 s (3 of 4 steps from the cache)'],
      ...['Full log: /log', '', '── build ──'],
    ]);
    expect(rows.slice(8).map((row) => row.slice(13))).toEqual([
      '[info] Step 1/1 : FROM x',
      '[info] broken',
      '',
    ]);
    expect([1, 2, 4, 5, 9].map((line) => document.rowOf(line))).toEqual([undefined, 9, 9, 10, 10]);
  });
});
