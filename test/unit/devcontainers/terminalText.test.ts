import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, TerminalText } from '../../../src/devcontainers/terminalText';
import { cpuTime } from '../../support/cpuTime';

test.each([
  ['\x1b[1m\x1b[31mred\x1b[39m\x1b[22m', 'red'],
  ['\x1b[38:2::1:2:3mtrue colour', 'true colour'],
  ['\x1b[2K\x1b[1Aup', 'up'],
  ['\x1b]0;title\x07a', 'a'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['\x1b]52;c;aGk=\x1b\\a', 'a'],
  ['\x1bP1$r0m\x1b\\a', 'a'],
  ['\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\a', 'a'],
  ['\x1b(0lqk\x1b(B', 'lqk'],
  ['\x1b%Gnever', 'never'],
  ['\x1b=a\x1b>b\x1bcd', 'abd'],
  ['\x9b31mred\x9dtitle\x9ca', 'reda'],
  ['\x1b[31\x1b[32mgreen', 'green'],
  ['\x1b[31\x18red', 'red'],
  ['10%\r20%\r30%', '30%'],
  ['10%\r20%\r\nnext', '20%\nnext'],
  ['windows\r\nlines\r\r\n', 'windows\nlines'],
  ['long line\rshort', 'short'],
  ['a\tb\x00\x07\x08\x7fc', 'a\tbc'],
  ['abc\u202edef\u2066\u200f\u061c\u2028', 'abc\\u202edef\\u2066\\u200f\\u061c\\u2028'],
  ['\x1b]0;never closed\nnext line', '\nnext line'],
  ['\x1bP never closed\nnext line', '\nnext line'],
  ['emoji 🐳 ü', 'emoji 🐳 ü'],
])('%j becomes %j', (raw, expected) => {
  expect(plainText(raw)).toBe(expected);
});

/** Text made of the pieces that matter, in any order. */
const terminalText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '[',
        ']',
        'P',
        'X',
        '^',
        '_',
        '(',
        '\\',
        '\x07',
        '\r',
        '\n',
        '\r\n',
        '\x18',
        '\x9b',
        '\x9d',
      ),
      fc.constantFrom('\x9c', '31', ';', 'm', '\t', '\u202e', '\0', 'text', '🐳'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

test('the result does not depend on how the text was cut', () => {
  fc.assert(
    fc.property(terminalText, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
      const terminal = new TerminalText();
      const marks = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
      const lines = marks.flatMap((mark, index) => terminal.push(text.slice(mark, marks[index + 1])));
      expect([...lines, ...terminal.flush()].join('\n')).toBe(plainText(text));
    }),
    { numRuns: 2000 },
  );
});

test('no control but the tab and the line end is left', () => {
  fc.assert(
    fc.property(terminalText, (text) => {
      expect(plainText(text)).not.toMatch(
        /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/,
      );
    }),
    { numRuns: 2000 },
  );
});

test('a line beyond the limit is cut and says so, and the next begins afresh', () => {
  const terminal = new TerminalText(5);
  expect(terminal.push('12345678\nab\n')).toEqual(['12345 … (3 more characters dropped)', 'ab']);
  expect(terminal.push('12345678\rab\n')).toEqual(['ab']);
});

test('100 kB of anything takes less than 100 ms', () => {
  for (const piece of ['\x1b[', '\x1b]0;', '\r', 'a\r', '\x1b(', '\u202e', '\x9b1;']) {
    const text = piece.repeat(100_000 / piece.length);
    expect(cpuTime(() => plainText(text))).toBeLessThan(100);
  }
});
