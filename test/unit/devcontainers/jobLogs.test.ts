import { existsSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  mkdtemp,
  mkdir,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KEPT_RUNS } from '../../../src/core/history';
import type { LogLine } from '../../../src/core/ports';
import { explainRun } from '../../../src/devcontainers/cliExplanation';
import { CliLogParser } from '../../../src/devcontainers/cliLog';
import { makeJobFolder } from '../../../src/devcontainers/jobFolder';
import { FileLogs } from '../../../src/devcontainers/jobLogs';
import { limitLog, lineAfterCut } from '../../../src/devcontainers/logLimit';
import { LogMemory } from '../../../src/devcontainers/logMemory';
import { SecretMask } from '../../../src/devcontainers/redaction';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('job folders', () => {
  /** A run's folder with a log that was last written to so many hours ago. */
  async function ran(n: number, hoursAgo: number): Promise<string> {
    const path = join(folder, `${1_700_000_000_000 + n}-${n.toString(16).padStart(12, '0')}`);
    await mkdir(path);
    const log = join(path, 'log.ndjson');
    await writeFile(log, 'x');
    const at = Date.now() / 1000 - hoursAgo * 3600;
    await utimes(log, at, at);
    return log;
  }

  test('the logs of the runs that are kept stay, others go; what may be at work stays too', async () => {
    const kept = await Promise.all(Array.from({ length: KEPT_RUNS }, (_, n) => ran(n, 24 * 365)));
    const dropped = await ran(100, 25);
    const atWork = await ran(101, 23);
    await mkdir(join(folder, 'not-ours'));
    const job = await makeJobFolder(folder, () => Promise.resolve(new Set(kept)));
    expect([...kept, atWork].filter((log) => !existsSync(log))).toEqual([]);
    expect(existsSync(dropped)).toBe(false);
    expect((await readdir(folder)).length).toBe(KEPT_RUNS + 3);
    expect(existsSync(job.folder)).toBe(true);
  });

  test('as long as nobody knows which are kept, all are', async () => {
    const old = await ran(1, 24 * 365);
    await makeJobFolder(folder, () => Promise.reject(new Error('no')));
    expect(existsSync(old)).toBe(true);
  });
});

describe('the limit of a log', () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n + 1} ${'x'.repeat(n % 50)}`);

  test('keeps its beginning and its end, and says what is missing', async () => {
    const log = join(folder, 'log');
    await writeFile(log, `${lines.join('\n')}\n`);
    const cut = await limitLog(log, 1000, 2000);
    const after = (await readFile(log, 'utf8')).split('\n').slice(0, -1);
    const kept = cut?.kept ?? 0;
    expect(after.slice(0, kept)).toEqual(lines.slice(0, kept));
    expect(after[kept]).toMatch(/^\{"type":"text","level":4,"text":"… \(\d+ lines, \d+ bytes dropped\)"\}$/);
    expect(after.slice(kept + 1)).toEqual(lines.slice(kept + (cut?.dropped ?? 0)));
    expect(after.join('\n').length).toBeLessThan(3200);
    for (const line of [1, kept, 20_000])
      expect(after[(lineAfterCut(line, cut) ?? 0) - 1]).toBe(lines[line - 1]);
    expect(lineAfterCut(kept + 1, cut)).toBeUndefined();
    expect(await readdir(folder)).toEqual(['log']);
  });

  test('a log that is short enough stays as it is, and one line without an end is cut as well', async () => {
    const log = join(folder, 'log');
    await writeFile(log, 'a\nb\n');
    expect(await limitLog(log, 2, 2)).toBeUndefined();
    await writeFile(log, 'x'.repeat(5000));
    expect(await limitLog(log, 1000, 1000)).toEqual({ kept: 0, dropped: 0 });
    expect((await readFile(log, 'utf8')).length).toBeLessThan(100);
  });
});

test.each([
  ['hook-failure', 'failed with exit code 3. Skipping'],
  ['build-failure', 'returned a non-zero code: 1'],
  ['run-failure', 'bind: address already in use'],
])('the place of %s in its log is the line that says so', async (name, expected) => {
  const memory = new LogMemory();
  const listener = { onLine: (line: LogLine) => memory.line(line), onProgress: () => undefined };
  const parser = new CliLogParser(listener);
  const log = await readFile(`test/fixtures/cli-logs/${name}.ndjson`, 'utf8');
  parser.push(Buffer.from(log));
  parser.end();
  const { message, description } = JSON.parse(
    await readFile(`test/fixtures/cli-logs/${name}.json`, 'utf8'),
  ) as Record<string, string>;
  const answer = {
    outcome: 'error' as const,
    ...(message ? { message } : {}),
    ...(description ? { description } : {}),
  };
  const request = {
    ...{ workspaceFolder: '/w', configFile: '/w/none.json', noCache: false },
    engine: { key: '', name: '', endpoint: '', env: {} },
  };
  const exit = { code: 1, signal: undefined };
  const { failure } = await explainRun(request, { answer, exit, memory, cut: undefined }, new SecretMask([]));
  expect(log.split('\n')[(failure?.logLine ?? 0) - 1]).toContain(expected);
});

describe('FileLogs', () => {
  const logs = new FileLogs(() => undefined);

  test('tells a log again; lines without a time of their own came after the ones before', async () => {
    const log = join(folder, 'log');
    await copyFile('test/fixtures/cli-logs/hook-failure.ndjson', log);
    const lines: LogLine[] = [];
    const hooks: string[] = [];
    const told = await logs.replay(log, 1_795_317_700_000, {
      onLine: (line) => lines.push(line),
      onProgress: (progress) => progress.kind === 'hook' && hooks.push(progress.status),
    });
    expect(told).toBe(true);
    expect(hooks).toEqual(['running', 'running', 'failed']);
    const times = lines.map(({ at }) => at);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(60_000);
    expect(lines.at(-1)?.line).toBeGreaterThan(100);
  });

  test('a log that is gone is said to be', async () => {
    const listener = { onLine: () => undefined, onProgress: () => undefined };
    expect(await logs.replay(join(folder, 'none'), 0, listener)).toBe(false);
  });

  test('the secrets of the setting are masked', async () => {
    const log = join(folder, 'log');
    const secrets = join(folder, 'secrets.json');
    await writeFile(secrets, '{"TOKEN":"s3cret"}');
    await writeFile(log, '{"type":"raw","level":3,"text":"it is s3cret\\n"}\n');
    const masking = new FileLogs(() => secrets);
    const lines: string[] = [];
    await masking.replay(log, 0, { onLine: ({ text }) => lines.push(text), onProgress: () => undefined });
    expect(lines).toEqual(['it is ********']);
    let shown = '';
    await masking.follow(log, (text) => (shown += text)).finish();
    expect(shown).toBe('it is ********\r\n\x1b[0m');
  });

  test('follows a log while it grows, to its end', async () => {
    const log = join(folder, 'log');
    const record = (text: string): string => `${JSON.stringify({ type: 'raw', level: 3, text })}\n`;
    await writeFile(log, record('\x1b[32mone\r\n'));
    let shown = '';
    let heard: (text: string) => void = () => undefined;
    const saying = (words: string): Promise<void> =>
      new Promise((resolve) => {
        heard = () => shown.includes(words) && resolve();
        heard('');
      });
    const following = logs.follow(log, (text) => {
      shown += text;
      heard(text);
    });
    await saying('one');
    await appendFile(log, record('two'));
    await saying('two');
    await appendFile(log, record(' three\n'));
    await following.finish();
    expect(shown).toBe('\x1b[32mone\r\r\ntwo three\r\n\x1b[0m');
  });

  test('a log that cannot be read is said to', async () => {
    let shown = '';
    await logs.follow(join(folder, 'none'), (text) => (shown += text)).finish();
    expect(shown).toContain('ENOENT');
  });

  test('nothing is told after it was left', async () => {
    const log = join(folder, 'log');
    await writeFile(log, '{"type":"raw","level":3,"text":"late\\n"}\n');
    let shown = '';
    const following = logs.follow(log, (text) => (shown += text));
    following.dispose();
    await following.finish();
    expect(shown).toBe('');
  });
});
