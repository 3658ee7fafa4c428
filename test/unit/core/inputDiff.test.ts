import { describe, expect, test } from 'vitest';
import { effectOfInput } from '../../../src/core/effects';
import { diffInputs, type Naming } from '../../../src/core/inputDiff';
import type { InputKind, InputReading, InputValue } from '../../../src/core/ports';

const FILE = '/w/.devcontainer/devcontainer.json';
const LINES = ['', '', 'build', 'features', 'customizations'];
const CONFIG: Naming = {
  configFile: FILE,
  lineOf: ([first = '']) => (LINES.indexOf(first) > 0 ? LINES.indexOf(first) : undefined),
};

function input(
  kind: InputKind,
  values: Record<string, InputValue>,
  more: Partial<InputReading> = {},
): InputReading {
  return { kind, input: 'in', file: '/w/in', values, ...more };
}

const gone = { message: 'It does not exist.', isMissing: true };
const missing = input('dockerfile', {}, { problem: gone });

describe('diffInputs', () => {
  test.each<[string, InputReading[], InputReading[]]>([
    [
      'the same values in another order',
      [input('envFile', { A: '#1', B: '#2' })],
      [input('envFile', { B: '#2', A: '#1' })],
    ],
    [
      'another text, time or fingerprint with the same values',
      [input('dockerfile', { '': ['FROM a'] }, { text: 'FROM a', modifiedAt: 1, fingerprint: 'x' })],
      [input('dockerfile', { '': ['FROM a'] }, { text: 'from  a', modifiedAt: 2 })],
    ],
    ['an input that the configuration names newly', [], [input('dockerfile', { '': ['FROM a'] })]],
    ['a variable that the configuration does not use any more', [input('environment', { mounts: '#1' })], []],
    [
      'files of a Compose model that is the same',
      [input('compose', { a: '1' }, { input: 'm' }), input('composeFile', { x: '1' })],
      [input('compose', { a: '1' }, { input: 'm' }), input('composeFile', { x: '2' })],
    ],
    [
      'a Compose model that cannot be had today, with files that are the same',
      [input('compose', { a: '1' }, { input: 'm' }), input('composeFile', { x: '1' })],
      [
        input('compose', {}, { input: 'm', problem: { message: 'no docker' } }),
        input('composeFile', { x: '1' }),
      ],
    ],
    ['an empty lockfile that came', [], [input('lockfile', {})]],
    ['what was missing and still is', [missing], [missing]],
  ])('does not count %s', (_, before, now) => {
    expect(diffInputs(before, now, CONFIG)).toEqual([]);
  });

  test('of a Dockerfile it names the instructions that differ, and where they stand today', () => {
    const before = [input('dockerfile', { '': ['FROM a', 'RUN x', 'CMD z'] })];
    const now = [
      input('dockerfile', { '': ['FROM a', 'RUN y', 'RUN x2', 'CMD z'] }, { lines: { '': [1, 4, 5, 9] } }),
    ];
    expect(diffInputs(before, now, CONFIG)).toEqual([
      { input: 'in', file: '/w/in', from: 'RUN x', to: 'RUN y ⏎ RUN x2', line: 4, effect: 'rebuild' },
    ]);
  });

  test('of an instruction that went from the end, the line is that of the last one', () => {
    const before = [input('dockerfile', { '': ['FROM a', 'CMD z'] })];
    const now = [input('dockerfile', { '': ['FROM a'] }, { lines: { '': [3] } })];
    expect(diffInputs(before, now, CONFIG)).toEqual([
      { input: 'in', file: '/w/in', from: 'CMD z', line: 3, effect: 'rebuild' },
    ]);
  });

  test('of a folder it names each file, in the words of the workspace', () => {
    const before = [input('context', { a: '#1', 'sub/b': '#1', c: '#1' })];
    const now = [input('context', { a: '#2', 'sub/b': '#1', d: '#1' })];
    expect(diffInputs(before, now, CONFIG)).toEqual([
      { input: 'in/a', file: '/w/in/a', effect: 'rebuild' },
      { ...{ input: 'in/c', file: '/w/in/c', from: 'file', effect: 'rebuild' }, namedAt: { file: FILE } },
      { input: 'in/d', file: '/w/in/d', to: 'file', effect: 'rebuild' },
    ]);
    const root = (digest: string) => [input('context', { a: digest }, { input: '.' })];
    expect(diffInputs(root('#1'), root('#2'), CONFIG)).toMatchObject([{ input: 'a' }]);
  });

  test('of what is gone it tells the line that names it, and what is there is only no longer copied', () => {
    const lines = { 'a/b': 3, sub: 4 };
    const now = [input('context', {}, { namedIn: '/w/Dockerfile', lines, untaken: ['kept'] })];
    const before = [input('context', { 'a/b': '#1', 'sub/x/y': '#1', 'a/c': '#1', kept: '#1' })];
    const at = { file: '/w/Dockerfile' };
    expect(diffInputs(before, now, CONFIG)).toMatchObject([
      { input: 'in/a/b', from: 'file', namedAt: { ...at, line: 3 } },
      { input: 'in/a/c', from: 'file', namedAt: at },
      { input: 'in/kept', from: 'file', to: 'no longer copied' },
      { input: 'in/sub/x/y', from: 'file', namedAt: { ...at, line: 4 } },
    ]);
    expect(diffInputs(before, now, CONFIG)[2]).not.toHaveProperty('namedAt');
    const named = (kind: InputKind, line: number, today: Partial<InputReading> = {}) => {
      const [change] = diffInputs([input(kind, { a: '1' })], [input(kind, {}, today)], CONFIG);
      expect(change).toMatchObject({ file: expect.stringMatching('/w/in') as string });
      expect(change?.namedAt).toEqual({ file: FILE, line });
    };
    named('dockerfile', 2, { problem: { ...gone, property: ['build', 'dockerfile'] } });
    named('feature', 3);
    named('lockfile', 3);
    named('watched', 4);
  });

  test('of a thousand files it names fifty, and says how many more', () => {
    const many = (digest: string) =>
      input('context', Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f${n}`, digest])));
    const changes = diffInputs([many('#1')], [many('#2')], CONFIG);
    expect(changes).toHaveLength(51);
    expect(changes.at(-1)).toMatchObject({ input: 'in', to: '950 more files' });
  });

  test('never shows what is a digest, and tells what came and went all the same', () => {
    const before = [input('envFile', { A: '#1', B: '#1', D: '1', E: '#1' })];
    const now = [input('envFile', { A: '#2', C: '#3', D: '#2', E: '1' })];
    const common = { input: 'in', file: '/w/in', effect: 'recreate' };
    expect(diffInputs(before, now, CONFIG)).toEqual([
      { ...common, property: 'A' },
      { ...common, property: 'B', from: 'a value' },
      { ...common, property: 'C', to: 'a value' },
      { ...common, property: 'D', from: '1', to: 'another value' },
      { ...common, property: 'E', from: 'another value', to: '1' },
    ]);
  });

  test('of a context that two services share, the files of both count', () => {
    const taken = (values: InputReading['values']) => input('context', values, { input: '.', file: '/w' });
    const before = [taken({ a: '#1' }), taken({ b: '#1' })];
    const paths = (now: InputReading[]) => diffInputs(before, now, CONFIG).map((change) => change.input);
    expect(paths([taken({ a: '#2' }), taken({ b: '#1' })])).toEqual(['a']);
    expect(paths([taken({ a: '#1' }), taken({ b: '#2' })])).toEqual(['b']);
    expect(paths([taken({ b: '#1' }), taken({ a: '#1' })])).toEqual([]);
  });

  describe('of a merged Compose model', () => {
    const at = (
      kind: 'composeFile' | 'envFile',
      name: string,
      line: number,
      values: InputReading['values'],
    ) =>
      input(kind, values, {
        input: name,
        file: `/w/${name}`,
        lines: { [Object.keys(values)[0] ?? '']: line },
      });
    const model = (values: InputReading['values']) => input('compose', values);
    const A = 'services.app.environment.A';

    test('a change points at the file that says so', () => {
      const before = [
        model({ [A]: '1', 'services.app.init': 'true' }),
        at('envFile', 'app.env', 2, { A: '#1' }),
      ];
      const now = [
        model({ [A]: '2', 'services.app.init': 'false' }),
        at('composeFile', 'compose.yml', 7, { 'services.app.init': 'false' }),
        at('envFile', 'app.env', 3, { A: '#2' }),
      ];
      expect(diffInputs(before, now, CONFIG)).toMatchObject([
        { input: 'app.env', file: '/w/app.env', line: 3, property: A, from: '1', to: '2' },
        { input: 'compose.yml', file: '/w/compose.yml', line: 7, property: 'services.app.init' },
      ]);
      const gone = [model({ 'services.app.init': 'true' })];
      expect(diffInputs(before, gone, CONFIG)).toMatchObject([{ input: 'app.env', property: A, from: '1' }]);
    });

    test('an env file that is gone is a change, though the model cannot be merged without it', () => {
      const before = [model({ [A]: '1' }), at('envFile', 'app.env', 1, { A: '#1' })];
      const failed = input('compose', {}, { problem: { message: 'no env file' } });
      const none = input(
        'envFile',
        {},
        {
          ...{ input: 'app.env', file: '/w/app.env' },
          problem: { message: 'It is not there.', isMissing: true },
        },
      );
      expect(diffInputs(before, [failed, none], CONFIG)).toMatchObject([
        { input: 'app.env', from: 'file', to: 'missing', effect: 'recreate' },
      ]);
    });
  });

  test('a variable of the host counts as the property does in which it is used', () => {
    const of = (digest: string) => [
      input('environment', { 'build.args.X': digest, 'remoteEnv.Y': digest }, { input: '${localEnv:T}' }),
    ];
    expect(diffInputs(of('#1'), of('#2'), CONFIG)).toEqual([
      {
        ...{ input: '${localEnv:T}', property: 'build.args.X', file: FILE, effect: 'rebuild' },
        ...{ from: '${localEnv:T}', to: 'another value' },
      },
      {
        ...{ input: '${localEnv:T}', property: 'remoteEnv.Y', file: FILE, effect: 'restart' },
        ...{ from: '${localEnv:T}', to: 'another value' },
      },
    ]);
  });

  test('a file that is missing now is a change; so is one that is back where it was missing', () => {
    const there = input('dockerfile', { '': ['FROM a'] });
    expect(diffInputs([there], [missing], CONFIG)).toMatchObject([{ from: 'file', to: 'missing' }]);
    expect(diffInputs([missing], [there], CONFIG)).toMatchObject([{ to: 'file', effect: 'rebuild' }]);
    const locked = input('dockerfile', {}, { problem: { message: 'No permission.' } });
    expect(diffInputs([there], [locked], CONFIG)).toMatchObject([{ from: 'file', to: 'No permission.' }]);
  });

  test('watched files, override files and lockfiles count when they come and go', () => {
    for (const kind of ['watched', 'composeFile', 'lockfile'] as const) {
      const reading = input(kind, { a: '1' });
      expect(diffInputs([], [reading], CONFIG)).toMatchObject([{ to: 'file' }]);
      expect(diffInputs([reading], [], CONFIG)).toMatchObject([{ from: 'file' }]);
    }
  });

  test('names that objects inherit are names like any other', () => {
    const before = [input('envFile', {})];
    const now = [input('envFile', JSON.parse('{"__proto__":"a","toString":"b"}') as Record<string, string>)];
    expect(diffInputs(before, now, CONFIG).map(({ property }) => property)).toEqual([
      '__proto__',
      'toString',
    ]);
  });
});

test.each<[InputKind, string, string]>([
  ['dockerfile', '', 'rebuild'],
  ['context', 'a', 'rebuild'],
  ['feature', 'a', 'rebuild'],
  ['lockfile', 'a', 'rebuild'],
  ['watched', 'a', 'rebuild'],
  ['envFile', 'A', 'recreate'],
  ['environment', 'containerEnv.A', 'recreate'],
  ['environment', 'build.args', 'rebuild'],
  ['environment', 'forwardPorts', 'none'],
  ['compose', 'services.app.build.args.X', 'rebuild'],
  ['compose', 'services.app.image', 'rebuild'],
  ['compose', 'services.app.imagery', 'recreate'],
  ['composeFile', 'services.app.environment.build', 'recreate'],
  ['composeFile', 'volumes.data', 'recreate'],
])('a change of %s %s needs: %s', (kind, property, effect) => {
  expect(effectOfInput(kind, property)).toBe(effect);
});
