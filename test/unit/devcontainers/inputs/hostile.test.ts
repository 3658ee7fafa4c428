import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InputKind } from '../../../../src/core/ports';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeAll(async () => {
  folder = await InputFolder.make();
  await folder.write({
    'a.env': 'A=1',
    '.devcontainer/Dockerfile': 'FROM scratch\nCOPY . /\n',
    '.devcontainer/c.yml': 'services: {app: {build: .}}',
    '.devcontainer/f/install.sh': '',
  });
});

afterAll(() => folder.remove());

/** Values that are right now and then, so that what lies behind the first check is reached as well. */
const path = fc.constantFrom(
  'Dockerfile',
  '../a.env',
  'c.yml',
  './f',
  '.',
  '..',
  '',
  '\0',
  '/',
  '${localEnv:A:B}',
  '**/*',
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  path,
  fc.array(path, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(undefined, NaN, '--env-file', '${localEnv:'),
);
const config = fc.record(
  {
    build: fc.oneof(
      value,
      fc.record({ dockerfile: value, context: value, args: value, target: value }, { requiredKeys: [] }),
    ),
    dockerFile: value,
    context: value,
    dockerComposeFile: value,
    service: value,
    runServices: value,
    runArgs: fc.oneof(value, fc.array(fc.oneof(value, fc.constant('--env-file')), { maxLength: 4 })),
    features: fc.oneof(value, fc.dictionary(path, value, { maxKeys: 3 })),
    containerEnv: fc.oneof(value, fc.dictionary(fc.string(), value, { maxKeys: 3 })),
    customizations: fc.oneof(value, fc.record({ shipshape: fc.oneof(value, fc.record({ watch: value })) })),
  },
  { requiredKeys: [] },
);

test('no configuration makes the reader reject or forget to say what is wrong', async () => {
  await fc.assert(
    fc.asyncProperty(config, async (it) => {
      const { readings } = await folder.read(it);
      for (const reading of readings) {
        if (!reading.problem) continue;
        expect(reading.values).toEqual({});
        expect(reading.problem.message).not.toBe('');
        // The net below each part: nothing is meant to fall into it.
        expect(reading.problem.message).not.toContain('while reading the inputs');
      }
    }),
    { numRuns: 400 },
  );
}, 60_000);

test.each([
  ['nothing that it names', { dockerComposeFile: 'c.yml' }],
  ['a Compose file of 10 MB', { dockerComposeFile: 'big.yml' }],
  ['an alias bomb', { dockerComposeFile: 'bomb.yml' }],
  ['an anchor inside itself', { dockerComposeFile: 'self.yml' }],
  ['brackets without end', { dockerComposeFile: 'deep.yml' }],
])('%s is answered in a second', async (what, it) => {
  const levels = Array.from({ length: 12 }, (_, n) => `x${n + 1}: &x${n + 1} [${`*x${n},`.repeat(9)}]`);
  await folder.write({
    '.devcontainer/big.yml': `services: {app: {image: x}}\n${'# padding\n'.repeat(1_000_000)}`,
    '.devcontainer/bomb.yml': `x0: &x0 [a]\n${levels.join('\n')}\nnetworks: *x12\nservices: {app: {image: x, command: *x12}}\n`,
    '.devcontainer/self.yml': 'services: {app: &a {image: x, deploy: *a}}',
    '.devcontainer/deep.yml': `services: {app: ${'['.repeat(100_000)}`,
  });
  const start = performance.now();
  const problems = await folder.problems('composeFile', it);
  expect(performance.now() - start).toBeLessThan(1000);
  if (what.startsWith('nothing')) expect(problems).toEqual([]);
  else
    expect(problems).toEqual([
      expect.stringMatching(/^Compose file `.devcontainer\/\w+\.yml` cannot be read\. ./),
    ]);
});

test.each<[string, InputKind, Record<string, unknown>, RegExp]>([
  ['stars that multiply', 'watched', watching('*a*a*a*a*b'), /too many wildcards/],
  ['braces that multiply', 'watched', watching('{a*,*a}{a*,*a}{a*,*a}{a*,*a}'), /too many wildcards/],
  ['folders that multiply', 'watched', watching('**/a/**/b/**/c/**/d'), /too many wildcards/],
  ['repeated choices that overlap', 'watched', watching('+([a-z]|a)x'), /too many wildcards/],
  ['a repeated class', 'watched', watching('*([a-z])x'), /too many wildcards/],
  ['repetitions in repetitions', 'watched', watching('+(a+)x'), /too many wildcards/],
  ['a repeated group', 'watched', watching('(a|aa)+x'), /too many wildcards/],
  ['repeated braces', 'watched', watching('{a,aa}+x'), /too many wildcards/],
  [
    'a thousand local Features',
    'feature',
    { features: Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`./f${n}`, {}])) },
    /more than 64 local Features/,
  ],
  [
    'a thousand variables of the host',
    'environment',
    {
      containerEnv: Object.fromEntries(
        Array.from({ length: 1000 }, (_, n) => [`A${n}`, `\${localEnv:X${n}}`]),
      ),
    },
    /more than 500 variables/,
  ],
  ['a Dockerfile of 200 kB', 'dockerfile', { dockerFile: 'Huge' }, /larger than 128 KiB/],
])('%s are refused in words', async (_, kind, it, words) => {
  await folder.write({ '.devcontainer/Huge': 'FROM a\n'.repeat(30_000), ['a'.repeat(200)]: '' });
  expect(await folder.problems(kind, it)).toEqual([expect.stringMatching(words)]);
});

test('globs that repeat or choose plain text are taken', async () => {
  await folder.write({ 'ab.q': '', 'aab.q': '' });
  for (const glob of ['+(a)b.q', '@(ab|aab).q', '?(a)ab.q', '{ab,aab}.q'])
    expect(await folder.problems('watched', watching(glob))).toEqual([]);
});

test('an env file of 5,000 lines counts as a whole', async () => {
  const lines = (first: string): string =>
    [first, ...Array.from({ length: 5000 }, (_, n) => `A${n}=1`)].join('\n');
  const it = { runArgs: ['--env-file', 'many.env'] };
  await folder.write({ 'many.env': lines('X=1') });
  const [before] = Object.values(await folder.values('envFile', it));
  await folder.write({ 'many.env': lines('X=2') });
  const [now] = Object.values(await folder.values('envFile', it));
  expect(Object.keys(now ?? {})).toEqual(['']);
  expect(now).not.toEqual(before);
});

function watching(glob: string): Record<string, unknown> {
  return { customizations: { shipshape: { watch: [glob] } } };
}
