import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RawLog } from '../../../src/devcontainers/rawLog';
import { SecretMask } from '../../../src/devcontainers/redaction';
import { StreamMask } from '../../../src/devcontainers/streamMask';
import { TerminalFilter } from '../../../src/devcontainers/terminalFilter';
import { cpuTime } from '../../support/cpuTime';

const filtered = (text: string): string => new TerminalFilter().push(text);

describe('TerminalFilter', () => {
  test.each([
    ...['\x1b[1m\x1b[31mred\x1b[0m', '\x1b[38;2;1;2;3mtrue\x1b[38:2::1:2:3m colour', '\x1b[m'],
    ...['\x1b[2K\x1b[1A\x1b[3;4H\x1b[K\x1b[2J', '10%\r20%\r\n', 'a\bb\tc', 'emoji 🐳 ü'],
  ])('%j passes', (text) => {
    expect(filtered(text)).toBe(text);
  });

  test.each([
    ['a title', '\x1b]0;title\x07a', 'a'],
    ['a link', '\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['the clipboard', '\x1b]52;c;aGk=\x1b\\a', 'a'],
    ['DCS', '\x1bP1$r0m\x1b\\a', 'a'],
    ['APC, PM and SOS', '\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\a', 'a'],
    ['the C1 forms', '\x9b31mred\x9dtitle\x9ca\x90dcs\x9cb\x85c', '\x1b[31mredabc'],
    ['character sets', '\x1b(0lqk\x1b(B', 'lqk'],
    ['reset and keypad', '\x1bc\x1b=\x1b7a\x1b8', 'a'],
    ['modes', '\x1b[?1049h\x1b[?2004h\x1b[4ha\x1b[?25l', 'a'],
    ['reports', '\x1b[6n\x1b[c\x1b[>q\x1b[18ta\x1b[5i', 'a'],
    ['private colours', '\x1b[>4;2m\x1b[?4ma', 'a'],
    ['what was scrolled away', '\x1b[3Ja', 'a'],
    ['scroll regions', '\x1b[1;5ra\x1b[9999b', 'a'],
    ['one that is too long', `\x1b[${'1;'.repeat(100)}ma`, 'a'],
    ['one within another', '\x1b[31\x1b[32mgreen', '\x1b[32mgreen'],
    ['one that is cancelled', '\x1b[31\x18red', 'red'],
    ['one that is never closed', '\x1b]0;never\nnext', '\nnext'],
    ['one that a line end cuts', '\x1b[31\n\x9b32mgreen', '\n\x1b[32mgreen'],
    ['C0 controls and DEL', 'a\x00\x07\x0b\x0e\x7f\x05b', 'ab'],
  ])('%s: %j becomes %j', (_, text, expected) => {
    expect(filtered(text)).toBe(expected);
  });

  test('marks of writing direction are shown', () => {
    expect(filtered('abc\u202edef\u2066\u200f\u061c')).toBe('abc\\u202edef\\u2066\\u200f\\u061c');
  });

  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '[',
        ']',
        'P',
        '(',
        '\\',
        '\x07',
        '\r',
        '\n',
        '\b',
        '\x18',
        '\x9b',
        '\x9d',
        '\x9c',
      ),
      fc.constantFrom(
        '31',
        ';',
        'm',
        'J',
        '?',
        '25',
        'h',
        '\t',
        '\u202e',
        '\0',
        'text',
        '🐳',
        '\x1b[31m',
        '\x1b[3J',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  );

  test('the result is the same for every split', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(10), { maxLength: 60 }), (parts, sizes) => {
        const text = parts.join('');
        const filter = new TerminalFilter();
        let out = '';
        let at = 0;
        for (const size of sizes) out += filter.push(text.slice(at, (at += size)));
        expect(out + filter.push(text.slice(at))).toBe(filtered(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('nothing passes but text, colours, movements and erasing', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const rest = filtered(parts.join('')).replace(/\x1b\[(?:[0-9;:]*m|[0-9;]*[A-HKdf]|[0-2]?J)/g, '');
        expect(rest).not.toMatch(
          /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('takes time that grows with the text, not with its square', () => {
    const slow = '\x1b[31m\x1b]0;x'.repeat(100_000);
    expect(cpuTime(() => filtered(slow))).toBeLessThan(2000);
  });
});

describe('StreamMask', () => {
  const secrets = new SecretMask(['s3cret', 's3', 'cretin', 'ss3']).values;
  const masked = (...chunks: string[]): string => {
    const mask = new StreamMask(secrets);
    return chunks.map((chunk) => mask.push(chunk)).join('') + mask.end();
  };

  test.each([
    ['it is s3cret.', 'it is ********.'],
    ['s3', '********'],
    ['s3cre', '********cre'],
    ['cret', 'cret'],
    [
      'Step 6/6 : LABEL devcontainer.metadata="[{}]"\nnext',
      'Step 6/6 : LABEL devcontainer.metadata=********\nnext',
    ],
  ])('%j becomes %j', (text, expected) => {
    expect(masked(text)).toBe(expected);
    expect(masked(...Array.from(text))).toBe(expected);
  });

  test('the result is the same for every split, and has no secret in it', () => {
    const part = fc.constantFrom(
      's',
      '3',
      'cret',
      'in',
      ' ',
      '\n',
      'LABEL devcontainer.',
      'metadata=',
      's3cret',
      'x',
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 40 }),
        fc.array(fc.nat(9), { maxLength: 40 }),
        (parts, sizes) => {
          const text = parts.join('');
          const chunks: string[] = [];
          let at = 0;
          for (const size of sizes) chunks.push(text.slice(at, (at += size)));
          const out = masked(...chunks, text.slice(at));
          expect(out).toBe(masked(text));
          expect(out).not.toMatch(/s3|cretin/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('RawLog', () => {
  const record = (fields: Readonly<Record<string, unknown>>): string =>
    `${JSON.stringify({ level: 3, timestamp: 1, ...fields })}\n`;
  const shown = (log: string | Buffer, sizes: readonly number[] = []): string => {
    const raw = new RawLog(new SecretMask(['s3cret']));
    const bytes = Buffer.from(log);
    let out = '';
    let at = 0;
    for (const size of sizes) out += raw.push(bytes.subarray(at, (at += size)));
    out += raw.push(bytes.subarray(at));
    return out + raw.end();
  };

  test('shows output with its colours and progress bars, commands without values, no chatter', () => {
    const log =
      record({ type: 'start', level: 2, text: 'Run: docker ps' }) +
      record({ type: 'start', text: 'Run: docker build --build-arg K=hunter2 -t x\nmore' }) +
      record({ type: 'raw', text: '\x1b[31m10%\r20%' }) +
      record({ type: 'raw', text: '\r100%\x1b[0m s3c' }) +
      record({ type: 'raw', text: 'ret' }) +
      record({ type: 'text', text: 'done' }) +
      record({ type: 'text', level: 2, text: 'Exit code 1' }) +
      'Error: docker run -e K=hunter2 -l x\n    at y\n';
    expect(shown(log)).toBe(
      '\x1b[2m$ docker build --build-arg K=******** -t x\x1b[0m\r\n' +
        '\x1b[31m10%\r20%\r100%\x1b[0m ********\r\ndone\r\n' +
        'Error: docker run -e K=******** -l x\r\n\x1b[0m',
    );
  });

  test('a question without a line end is to be seen', () => {
    const raw = new RawLog(new SecretMask([]));
    expect(raw.push(Buffer.from(record({ type: 'raw', text: 'Continue [y/N] ' })))).toBe('Continue [y/N] ');
  });

  test.each(['success', 'build-failure', 'compose-success', 'hook-failure', 'run-failure'])(
    'of the recorded %s nothing secret, the same for every split',
    (name) => {
      const log = readFileSync(`test/fixtures/cli-logs/${name}.ndjson`);
      const whole = shown(log);
      expect(whole.length).toBeGreaterThan(100);
      expect(whole).not.toMatch(/hunter2|hunter3|secretarg/);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 60 }), (sizes) => {
          expect(shown(log, sizes)).toBe(whole);
        }),
        { numRuns: 20 },
      );
    },
  );
});
