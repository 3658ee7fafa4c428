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
  if (!elements.isOver) throw new SyntaxError('The array has no end.');
  return values;
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
