import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CliProgress, LogLine } from '../../../src/core/ports';
import { CliLogParser } from '../../../src/devcontainers/cliLog';
import { SecretMask } from '../../../src/devcontainers/redaction';

const fixture = (name: string): Buffer => readFileSync(`test/fixtures/cli-logs/${name}.ndjson`);

interface Read {
  readonly lines: LogLine[];
  readonly progress: CliProgress[];
}

/** What is heard of a log, given at once or in chunks of the given sizes. */
function read(
  log: Uint8Array | string,
  sizes: readonly number[] = [],
  secrets: readonly string[] = [],
): Read {
  const lines: LogLine[] = [];
  const progress: CliProgress[] = [];
  const listener = {
    onLine: (line: LogLine) => lines.push(line),
    onProgress: (p: CliProgress) => progress.push(p),
  };
  const parser = new CliLogParser(listener, new SecretMask(secrets), () => 42);
  const bytes = typeof log === 'string' ? Buffer.from(log) : log;
  let at = 0;
  for (const size of sizes) parser.push(bytes.subarray(at, (at += size)));
  parser.push(bytes.subarray(at));
  parser.end();
  return { lines, progress };
}

const shown = (log: string | Uint8Array): string[] =>
  read(log).lines.map(({ level, text }) => `${level}: ${text}`);

function record(fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ level: 3, timestamp: 1, ...fields })}\n`;
}

test('a real run with a build shows its steps, its hook and no value of a variable', () => {
  const { lines, progress } = read(fixture('success'));
  const info = lines.filter(({ level }) => level === 'info').map(({ text }) => text);
  expect(info).toContain('hook');
  expect(info).toContain('b');
  expect(info).toContain('partial');
  expect(info).not.toContain('a');
  const builds = progress.filter(({ kind }) => kind === 'build');
  expect(builds.slice(0, 2)).toEqual([
    { kind: 'build' },
    { kind: 'build', step: 1, steps: 6, instruction: expect.any(String) as string },
  ]);
  expect(progress.filter(({ kind }) => kind === 'create')).toHaveLength(1);
  expect(progress.filter(({ kind }) => kind === 'hook').slice(-2)).toEqual([
    { kind: 'hook', name: 'postCreateCommand', status: 'running' },
    { kind: 'hook', name: 'postCreateCommand', status: 'succeeded' },
  ]);
  expect(lines.every(({ text }) => !/[\r\n\x1b]/.test(text))).toBe(true);
});

test.each(['success', 'build-failure', 'compose-success'])('no canary of %s is shown', (name) => {
  const log = fixture(name);
  expect(log.toString()).toMatch(/hunter2|hunter3|secretarg/);
  expect(JSON.stringify(read(log))).not.toMatch(/hunter2|hunter3|secretarg/);
});

test.each(['success', 'compose-success', 'hook-failure'])(
  'that the container of %s does not tell its release is chatter, and stays in the log',
  (name) => {
    const { lines } = read(fixture(name));
    const at = lines.findIndex(({ text }) => text.startsWith("  message: 'Command in container failed: "));
    const dump = lines.slice(at - 1, at + 5);
    expect(dump.map(({ text }) => text.trim().replace(/:.*/, ''))).toEqual(['{', 'message', 'code', 'stdout', 'stderr', '}']); // prettier-ignore
    expect(dump.map(({ level }) => level)).toEqual(Array(6).fill('debug'));
    const numbers = dump.map(({ line }) => line ?? 0);
    expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n));
  },
);

test('other objects that are printed stay as they are, and nothing is kept back', () => {
  const probe = "  message: 'Command in container failed: (cat /etc/os-release || x) 2>/dev/null',";
  expect(shown(`{\n  message: 'Command in container failed: my hook',\n}\n`)).toEqual([
    ...['info: {', "info:   message: 'Command in container failed: my hook',", 'info: }'],
  ]);
  expect(shown('{\n{\nx\n{')).toEqual(['info: {', 'info: {', 'info: x', 'info: {']);
  expect(shown(`{\n${record({ type: 'text', text: 'a' })}${probe}\n`)).toEqual([
    ...['info: {', 'info: a', `info: ${probe}`],
  ]);
  expect(shown(`{\n${probe}\n}\nafter`)).toEqual(['debug: {', `debug: ${probe}`, 'debug: }', 'info: after']);
});

test('the order of levels is the order of the log, whatever the chunks', () => {
  const log = fixture('build-failure');
  const whole = read(log);
  expect(whole.lines.length).toBeGreaterThan(30);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), (sizes) => {
      expect(read(log, sizes)).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('the levels are those of the CLI', () => {
  const log = [1, 2, 3, 4, 5, 6, undefined, 'x']
    .map((level) => record({ type: 'text', level, text: 'a' }))
    .join('');
  expect(shown(log).map((line) => line.split(':')[0])).toEqual([
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'error',
    'info',
    'info',
  ]);
});

test('start and stop are talk of the CLI, of one line', () => {
  const log =
    record({ type: 'start', text: 'Run: cat >> x <<E\nsecret' }) + record({ type: 'stop', text: 'Run: x' });
  expect(shown(log)).toEqual(['debug: Run: cat >> x <<E', 'trace: Run: x']);
});

test('stray lines are shown as they are, with the time they came, stack traces as chatter', () => {
  expect(read('Error: no\n    at x (y.js:1)\n').lines).toEqual([
    { at: 42, level: 'info', text: 'Error: no', line: 1 },
    { at: 42, level: 'debug', text: '    at x (y.js:1)', line: 2 },
  ]);
  expect(shown('{ not: json\n{"no":"type"}\nnull\n[1]\n')).toEqual([
    'info: { not: json',
    'info: {"no":"type"}',
    'info: null',
    'info: [1]',
  ]);
});

test('a character that is cut off at the end of the log shows as such', () => {
  expect(shown(Buffer.from([0x61, 0xe2, 0x82]))).toEqual(['info: a\uFFFD']);
});

test('a value of several lines in a stray command line is masked', () => {
  const log =
    'Error: Command failed: docker build --build-arg K=secret\nsecret\nsecret -t x\n    at y\nplain\n';
  expect(shown(log)).toEqual([
    'info: Error: Command failed: docker build --build-arg K=********',
    'info: -t x',
    'debug:     at y',
    'info: plain',
  ]);
});

test('pieces of output make whole lines, each channel for itself', () => {
  const log =
    record({ type: 'raw', text: 'one, ', timestamp: 1 }) +
    record({ type: 'raw', text: 'hook ', channel: 'postCreate', timestamp: 2 }) +
    record({ type: 'raw', text: 'two\nthr', timestamp: 3 }) +
    record({ type: 'raw', text: 'output', channel: 'postCreate', timestamp: 4 });
  expect(read(log).lines).toEqual([
    { at: 3, level: 'info', text: 'one, two', line: 3 },
    { at: 4, level: 'info', text: 'thr', line: 4 },
    { at: 4, level: 'info', text: 'hook output', line: 4 },
  ]);
});

test('a progress bar of carriage returns leaves its last state', () => {
  const log =
    record({ type: 'raw', text: '10%\r' }) +
    record({ type: 'raw', text: '20%\r100%' }) +
    record({ type: 'stop', text: 'x' });
  expect(shown(log)).toEqual(['info: 100%', 'trace: x']);
});

test('marks of steps are taken off', () => {
  const log = record({ type: 'raw', text: '::step::Install\r\nworking\n::endstep::\n' });
  expect(shown(log)).toEqual(['info: Install', 'info: working']);
});

test('secrets are masked in output and stray lines', () => {
  const log = `${record({ type: 'raw', text: 'it is s3' })}${record({ type: 'raw', text: 'cret\n' })}and s3cret\n`;
  expect(read(log, [], ['s3cret']).lines.map(({ text }) => text)).toEqual(['it is ********', 'and ********']);
});

test.each([
  ['Step 3/7 : RUN x y', { kind: 'build', step: 3, steps: 7, instruction: 'RUN x y' }],
  ['STEP 3/7: RUN x y', { kind: 'build', step: 3, steps: 7, instruction: 'RUN x y' }],
  ['[1/2] STEP 3/7: RUN x y', { kind: 'build', step: 3, steps: 7, instruction: 'RUN x y' }],
  ['#5 [2/4] RUN x', { kind: 'build', step: 2, steps: 4, instruction: 'RUN x' }],
  ['#12 [dev_stage 3/4] COPY a b', { kind: 'build', step: 3, steps: 4, instruction: 'COPY a b' }],
  [
    'Running the initializeCommand from devcontainer.json...',
    { kind: 'hook', name: 'initializeCommand', status: 'running' },
  ],
])('%j tells progress', (text, expected) => {
  expect(read(record({ type: 'raw', text: `${text}\n` })).progress).toEqual([expected]);
});

test.each<[string, CliProgress | undefined]>([
  ['Run: /j/docker run --sig-proxy=false -a STDOUT image', { kind: 'create' }],
  ['Run: docker-compose --project-name x -f y up -d', { kind: 'create' }],
  ['Run: docker compose --project-name x -f y up -d app', { kind: 'create' }],
  ['Run: docker-compose --project-name x -f y build', { kind: 'build' }],
  ['Run: docker-compose --project-name x -f y build app', { kind: 'build' }],
  ['Run: docker-compose -f y config', undefined],
  ['Run: /usr/bin/docker build -f x -t y .', { kind: 'build' }],
  ['Run: /usr/bin/docker buildx build --load -f x .', { kind: 'build' }],
  ['Run: /usr/bin/docker buildx version', undefined],
  ['Run: docker pull debian:12', { kind: 'pull', image: 'debian:12' }],
  ['Run: docker start 0123456789ab', { kind: 'start' }],
  ['Run: docker ps -q -a --filter label=x=y', { kind: 'read' }],
  ['Run in container: /bin/sh', { kind: 'start' }],
  ['Run: /bin/sh -c docker run', undefined],
])('%j tells of progress: %j', (text, expected) => {
  expect(read(record({ type: 'start', text })).progress).toEqual(expected ? [expected] : []);
});

test('a line that is not at its end yet is told, as long as it could be a question', () => {
  const unfinished: string[] = [];
  const parser = new CliLogParser(
    { onLine: () => undefined, onProgress: () => undefined, onUnfinished: (text) => unfinished.push(text) },
    new SecretMask(['s3cret']),
  );
  for (const text of ['Done.\n', 'Password of s3cret', ': ', '\n', '10%\r', 'x'.repeat(600)]) {
    parser.push(Buffer.from(record({ type: 'raw', text })));
  }
  expect(unfinished).toEqual(['Password of ********', 'Password of ********: ', '', '']);
});

test('a record whose text is too long is cut, with its level kept', () => {
  const { lines } = read(
    record({ type: 'raw', level: 4, text: `${'é'.repeat(2 * 1024 * 1024)}\n` }) + 'next\n',
  );
  expect(lines).toHaveLength(2);
  expect(lines[0]?.level).toBe('warn');
  expect(lines[0]?.text.length).toBeLessThan(1024 * 1024 + 200);
  expect(lines[0]?.text).toMatch(/é … \(line too long: \d+ more characters dropped\)$/);
  expect(lines[1]?.text).toBe('next');
});

test('nothing makes the parser throw', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.object());
  const anyRecord = fc.record({
    type: value,
    level: value,
    text: value,
    name: value,
    status: value,
    channel: value,
  });
  const known = fc.constantFrom('raw', 'text', 'start', 'stop', 'progress');
  const line = fc.oneof(
    anyRecord.map((fields) => JSON.stringify(fields)),
    fc.tuple(anyRecord, known).map(([fields, type]) => JSON.stringify({ ...fields, type })),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      read(lines.join('\n'));
    }),
    { numRuns: 1000 },
  );
});
