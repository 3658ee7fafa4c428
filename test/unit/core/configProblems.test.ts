import { describe, expect, test } from 'vitest';
import { problemsByFile, problemsOf } from '../../../src/core/configProblems';
import { diffInputs } from '../../../src/core/inputDiff';
import type { ConfigReading, InputReading } from '../../../src/core/ports';
import { parseJsonc, placesIn } from '../../../src/devcontainers/jsonc';

function reading(text: string): ConfigReading {
  const parsed = parseJsonc(text);
  if ('problem' in parsed) return { status: 'invalid', problem: parsed.problem };
  return { status: 'ok', text, value: parsed.value as Record<string, unknown>, modifiedAt: 0 };
}
const problems = (text: string, inputs: readonly InputReading[] = []) =>
  problemsOf(reading(text), inputs, placesIn).map((found) => ({
    place: [found.line, found.column, found.length],
    said: `${found.severity}: ${found.message}`,
  }));
const said = (value: unknown): string[] => problems(JSON.stringify(value)).map((found) => found.said);

describe('problemsOf', () => {
  test('finds nothing in what the specification allows', () => {
    const value = {
      $schema: 'https://x',
      name: 'api',
      build: {
        dockerfile: 'D',
        context: '..',
        args: { A: '1' },
        cacheFrom: ['a'],
        target: 't',
        options: ['-q'],
      },
      features: { a: {}, b: 'latest' },
      mounts: ['type=bind,…', { type: 'volume', target: '/x' }],
      containerEnv: { A: '${localEnv:A}' },
      remoteEnv: { A: null, B: 'b' },
      appPort: [3000, '8000:8010'],
      forwardPorts: [3000, 'db:5432'],
      onCreateCommand: 'a',
      postCreateCommand: ['a', 'b'],
      postStartCommand: { one: 'a', two: ['b', 'c'] },
      hostRequirements: { cpus: 2, memory: '4gb', gpu: { cores: 1 } },
      customizations: { whatever: { it: 'is' } },
    };
    expect(said(value)).toEqual([]);
    expect(said({ dockerComposeFile: ['a', 'b'], service: 's', runServices: [] })).toEqual([]);
  });

  test('text that is no JSON is an error, at its place', () => {
    expect(problems('{\n  "image": \n')).toEqual([
      { place: [3, 1, undefined], said: 'error: A value is expected.' },
    ]);
    expect(problems('')).toEqual([{ place: [1, 1, undefined], said: 'error: The file is empty.' }]);
  });

  test('a value of a wrong type is a warning, at the property or the item that is to blame', () => {
    const text =
      '{\n  "image": 5,\n  "runArgs": [\n    "-q",\n    7\n  ],\n  "build": { "args": { "A": 1 } }\n}';
    expect(problems(text)).toEqual([
      { place: [2, 3, 7], said: 'warning: "image" must be a text.' },
      { place: [5, 5, 1], said: 'warning: "runArgs" must be a list of texts.' },
      { place: [7, 24, 3], said: 'warning: "build.args" must be an object with texts.' },
    ]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ postCreateCommand: 5 }, 'a text, or a list of texts, or an object with texts or lists of texts'],
    [{ remoteEnv: { A: 1 } }, 'an object with texts or null'],
    [{ init: 'yes' }, 'true or false'],
    [{ features: [] }, 'an object'],
    [{ features: null }, 'an object'],
    [{ appPort: 1.5 }, 'a whole number, or a text, or a list of whole numbers or texts'],
  ])('%j: what it must be, in words', (value, words) => {
    expect(said(value)).toEqual([`warning: "${Object.keys(value)[0] ?? ''}" must be ${words}.`]);
  });

  test('an unknown property is an information, with the one that is meant if one is near', () => {
    expect(said({ Image: 'x', containerEnvs: {}, nothing: 1, __proto__x: 2, toString: 3 })).toEqual([
      'information: "Image" is no property of a dev container configuration, and has no effect. Did you mean "image"?',
      'information: "containerEnvs" is no property of a dev container configuration, and has no effect. Did you mean "containerEnv"?',
      'information: "nothing" is no property of a dev container configuration, and has no effect.',
      'information: "__proto__x" is no property of a dev container configuration, and has no effect.',
      'information: "toString" is no property of a dev container configuration, and has no effect.',
    ]);
    expect(said({ build: { dockerFile: 'x' } })).toEqual([
      'information: "dockerFile" is no property of "build", and has no effect. Did you mean "dockerfile"?',
    ]);
  });

  test('trouble with a place in an input is told there, and only there', () => {
    const problem = { message: 'Compose file cannot be read.', line: 4, property: ['dockerComposeFile'] };
    const input = { kind: 'composeFile', input: 'c.yml', file: '/w/c.yml', values: {}, problem } as const;
    const flawed: InputReading = {
      ...({ kind: 'dockerfile', input: 'D', file: '/w/D', values: { '': ['COPY a /'] } } as const),
      flaws: [{ message: '`a` is not in the build context.', line: 2 }],
    };
    const found = problemsByFile('/w/d.json', reading('{"nothing": 1}'), [input, flawed], placesIn);
    const told = [...found].map(([file, all]) => [file, all.map((one) => [one.line, one.severity])]);
    expect(told).toEqual([
      ['/w/d.json', [[1, 'information']]],
      ['/w/c.yml', [[4, 'error']]],
      ['/w/D', [[2, 'warning']]],
    ]);
    const before: InputReading = {
      kind: 'composeFile',
      input: 'c.yml',
      file: '/w/c.yml',
      values: { a: 'b' },
    };
    expect(diffInputs([before], [input], { configFile: '/w/d.json', lineOf: () => undefined })).toMatchObject(
      [{ file: '/w/c.yml', line: 4 }],
    );
  });

  test('what Compose refuses is told in the file that is to blame, once, and not in the configuration', () => {
    const problem = { message: 'no', file: '/w/base.yml', line: 3, property: ['dockerComposeFile'] };
    const input = { kind: 'compose', input: 'c.yml', file: '/w/c.yml', values: {}, problem } as const;
    const found = problemsByFile('/w/d.json', reading('{}'), [input], placesIn);
    expect(found.get('/w/base.yml')).toMatchObject([{ line: 3, severity: 'error' }]);
    expect([...found.values()].flat()).toHaveLength(1);
  });

  test('an input that cannot be read is a warning at the property that names it, else at the top', () => {
    const input = (property?: readonly string[]): InputReading => ({
      kind: 'dockerfile',
      input: 'Dockerfile',
      values: {},
      problem: { message: 'Dockerfile does not exist', line: 7, ...(property ? { property } : {}) },
    });
    const text = '{\n  "build": {\n    "dockerfile": "Dockerfile"\n  }\n}';
    const warning = 'warning: Dockerfile does not exist.';
    expect(problems(text, [input(['build', 'dockerfile'])])).toEqual([{ place: [3, 5, 12], said: warning }]);
    expect(problems(text, [input(['build', 'gone'])])).toEqual([{ place: [2, 3, 7], said: warning }]);
    expect(problems(text, [input()])).toEqual([{ place: [1, 1, 1], said: warning }]);
    expect(problems(text, [{ kind: 'context', input: '.', values: {} }])).toEqual([]);
  });

  test('of a file with thousands of wrong properties a hundred are told, and it is read once for that', () => {
    const keys = Array.from({ length: 5_000 }, (_, n) => `"key${n}": ${n}`);
    const texts: string[] = [];
    const found = problemsOf(reading(`{${keys.join(',\n')}}`), [], (text) => {
      texts.push(text);
      return placesIn(text);
    });
    expect(found).toHaveLength(100);
    expect(found.at(-1)).toMatchObject({ line: 100, column: 1 });
    expect(texts).toHaveLength(1);
  });
});
