import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ArrayElements } from '../../../src/engine/elements';

/** Reads the text in pieces of this length. */
function read(text: string, length: number): unknown[] {
  const elements = new ArrayElements();
  const bytes = Buffer.from(text);
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    values.push(...elements.push(bytes.subarray(at, at + length)));
  }
  return [...values, ...elements.end()];
}

it('gives what JSON.parse gives, wherever the text is cut', () => {
  const pieces = fc.integer({ min: 1, max: 40 });
  const spaces = fc.constantFrom(undefined, 2, '\t');
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), pieces, spaces, (array, length, space) => {
      const text = `\n${JSON.stringify(array, undefined, space)} \n`;
      expect(read(text, length)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

/** What looks like the border of two elements, deeper and in strings. */
const tricky = fc.array(
  fc.record({
    Id: fc.constantFrom('a', '},{"Id":', '\\"},{"Id":"é', '"}]'),
    Inner: fc.constantFrom(
      [],
      [{ Id: 1 }, { Id: 2 }],
      '},{"Id":',
      [[{}, { Id: [] }]],
      [{ x: 1 }, { Id: '}' }],
    ),
  }),
);

it('is not taken in by what looks like the end of an element', () => {
  const pieces = fc.integer({ min: 8, max: 200 });
  fc.assert(
    fc.property(tricky, pieces, (array, length) => {
      expect(read(JSON.stringify(array), length)).toEqual(array);
    }),
    { numRuns: 2_000 },
  );
});

it('gives elements as they come in', () => {
  const elements = new ArrayElements();
  expect(elements.push(Buffer.from('[{"Id":1},{"Id":2},{"Id":'))).toEqual([{ Id: 1 }, { Id: 2 }]);
  expect(elements.push(Buffer.from('3}]'))).toEqual([]);
  expect(elements.end()).toEqual([{ Id: 3 }]);
});

it.each([
  '',
  ' ',
  'null',
  '{}',
  '[',
  '[1',
  '[1,',
  '[1,]',
  '[,]',
  '[]]',
  '[] x',
  '[{]',
  '["]',
  '[nope]',
  '<html>',
])('%j is no array', (text) => {
  for (const length of [1, 100]) expect(() => read(text, length)).toThrow(SyntaxError);
});
