import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../../src/registry/challenges';

describe('parseChallenges', () => {
  test.each([
    ['', []],
    ['Basic realm="Registry"', [{ scheme: 'basic', parameters: { realm: 'Registry' } }]],
    ['Basic', [{ scheme: 'basic', parameters: {} }]],
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://auth.example/token',
            service: 'registry.example',
            scope: 'repository:a/b:pull,push',
          },
        },
      ],
    ],
    [
      'BEARER Realm = "https://a.example/Token?x=1,2&y=\\"3\\"" , error=insufficient_scope',
      [
        {
          scheme: 'bearer',
          parameters: { realm: 'https://a.example/Token?x=1,2&y="3"', error: 'insufficient_scope' },
        },
      ],
    ],
    [
      'Negotiate, Basic realm="a", charset=UTF-8, Bearer realm=https://a.example/t',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'a', charset: 'UTF-8' } },
        { scheme: 'bearer', parameters: { realm: 'https://a.example/t' } },
      ],
    ],
    [
      'Negotiate YIIabc+/==, Basic realm="a"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'a' } },
      ],
    ],
    ['Basic realm="not closed', [{ scheme: 'basic', parameters: {} }]],
    ['="x"', []],
  ])('%s', (header, challenges) => expect(parseChallenges(header)).toEqual(challenges));

  test("a parameter of any name is the challenge's own", () => {
    const [challenge] = parseChallenges('Bearer __proto__="x", constructor="y"');
    expect(Object.entries(challenge?.parameters ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  test('what is written by the rules is read as it was meant', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const challenge = fc.record({
      scheme: token,
      parameters: fc.dictionary(token, fc.string(), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    });
    const written = ({
      scheme,
      parameters,
    }: {
      scheme: string;
      parameters: Record<string, string>;
    }): string =>
      `${scheme} ${Object.entries(parameters)
        .map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)
        .join(', ')}`;
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 3 }), (wanted) => {
        expect(parseChallenges(wanted.map(written).join(', '))).toEqual(wanted);
      }),
      { numRuns: 2_000 },
    );
  });

  test('100 kB of anything takes no time', () => {
    for (const text of ['"', '\\', 'a=', 'a="', ' ', ',', 'a ', '="a",', 'a=b ']) {
      const began = performance.now();
      parseChallenges(`Bearer ${text.repeat(100_000 / text.length)}`);
      expect(performance.now() - began).toBeLessThan(200);
    }
  });
});
