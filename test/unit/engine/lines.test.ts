import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../src/engine/lines';

function split(chunks: readonly Buffer[], limit = 1_000): { lines: string[]; tooLong: number } {
  let tooLong = 0;
  const splitter = new LineSplitter(limit, () => tooLong++);
  return { lines: chunks.flatMap((chunk) => splitter.push(chunk)), tooLong };
}

/** The bytes cut at these places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('LineSplitter', () => {
  it('gives the same lines wherever the bytes are cut, also inside a character', () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const whole = bytes.toString().split('\n').slice(0, -1);
        expect(split(pieces(bytes, cuts)).lines).toEqual(whole);
      }),
    );
  });

  it('keeps back what has no end yet', () => {
    expect(split([Buffer.from('a\nb')]).lines).toEqual(['a']);
  });

  it('leaves out a line that is too long, wherever it is cut, and goes on after it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        const bytes = Buffer.from(`first\n${'x'.repeat(50)}\nlast\n`);
        expect(split(pieces(bytes, cuts), 10)).toEqual({ lines: ['first', 'last'], tooLong: 1 });
      }),
    );
  });

  it('takes a line of exactly the limit', () => {
    expect(split([Buffer.from('12345\n')], 5)).toEqual({ lines: ['12345'], tooLong: 0 });
  });

  it('survives bytes that are no text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array()),
        (chunks) => void split(chunks.map((chunk) => Buffer.from(chunk))),
      ),
    );
  });
});
