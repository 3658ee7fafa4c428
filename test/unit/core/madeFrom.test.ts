import { describe, expect, test } from 'vitest';
import {
  copiedProperties,
  isOlderThan,
  labelledProperties,
  parseMadeFrom,
  type MadeFrom,
} from '../../../src/core/madeFrom';
import { container } from '../../support/fakeEngine';

const METADATA = 'devcontainer.metadata';
const record: MadeFrom = {
  version: 2,
  engine: 'e',
  containerId: 'a'.repeat(64),
  configFile: '/w/c.json',
  source: 'observed',
  text: '{}',
  value: { image: 'a' },
  inputs: [
    { kind: 'dockerfile', input: 'Dockerfile', values: { '': ['FROM a', 'RUN b'] } },
    { kind: 'envFile', input: '.env', values: { A: '#1234' }, problem: { message: 'x' } },
  ],
  images: { a: 'sha256:1' },
};

describe('parseMadeFrom', () => {
  test('takes what we write, without what others added', () => {
    expect(parseMadeFrom({ ...record, more: 1 })).toEqual(record);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', [record]],
    ['another version', { ...record, version: 1 }],
    ['no engine', { ...record, engine: undefined }],
    ['an id that is none', { ...record, containerId: '../x' }],
    ['an unknown source', { ...record, source: 'guessed' }],
    ['no text', { ...record, text: null }],
    ['a list as configuration', { ...record, value: [] }],
    ['no configuration', { ...record, value: null }],
    ['no file', { ...record, configFile: 1 }],
    ['no images', { ...record, images: undefined }],
    ['images that are none', { ...record, images: { a: 1 } }],
    ['no inputs', { ...record, inputs: undefined }],
    ['inputs that are none', { ...record, inputs: [null] }],
    ['an input without values', { ...record, inputs: [{ kind: 'context', input: '.' }] }],
    ['an input with a number', { ...record, inputs: [{ kind: 'context', input: '.', values: { a: 1 } }] }],
    [
      'an input with a list of numbers',
      { ...record, inputs: [{ kind: 'context', input: '.', values: { a: [1] } }] },
    ],
    [
      'a problem without words',
      { ...record, inputs: [{ kind: 'context', input: '.', values: {}, problem: {} }] },
    ],
  ])('refuses %s', (_, value) => {
    expect(parseMadeFrom(value)).toBeUndefined();
  });
});

describe('labelledProperties', () => {
  test.each<[string, string | undefined, unknown]>([
    ['the last entry of a list', '[{"init":true},{"remoteUser":"me"}]', { remoteUser: 'me' }],
    ['the only entry of old CLIs', '{"remoteUser":"me"}', { remoteUser: 'me' }],
    ['properties that the CLI copies, no others', '[{"remoteUser":"me","image":"x"}]', { remoteUser: 'me' }],
    ['nothing of an empty list', '[]', {}],
    ['none of a Feature', '[{"id":"ghcr.io/f","init":true}]', undefined],
    ['none without a label', undefined, undefined],
    ['none of broken JSON', '[{', undefined],
    ['none of a text', '"x"', undefined],
    ['none of null', 'null', undefined],
    ['none of a huge label', `[{"remoteUser":"${'x'.repeat(256 * 1024)}"}]`, undefined],
  ])('gives %s', (_, label, properties) => {
    const labels = label === undefined ? {} : { [METADATA]: label };
    expect(labelledProperties(container('a', { labels }))).toEqual(properties);
  });
});

test('what the CLI copies into the label is told from what it does not', () => {
  const value = { image: 'a', name: 'b', runArgs: [], forwardPorts: [1], postCreateCommand: 'c', build: {} };
  expect(copiedProperties(value)).toEqual({ forwardPorts: [1], postCreateCommand: 'c' });
});

const MINUTES = 60_000;
test.each([
  // Written, made (on the engine's clock), skew, older
  [0, 1, 0, true],
  [1, 1, 0, true],
  [2, 1, 0, false],
  [10 * MINUTES, 14 * MINUTES, 5 * MINUTES, false],
  [10 * MINUTES, 16 * MINUTES, 5 * MINUTES, true],
  [10 * MINUTES, 6 * MINUTES, -5 * MINUTES, true],
  [10 * MINUTES, 4 * MINUTES, -5 * MINUTES, false],
])(
  'a file of %i is older than a container of %i with a skew of %i: %s (S4-11)',
  (modifiedAt, at, skew, older) => {
    const reading = { status: 'ok', text: '', value: {}, modifiedAt } as const;
    expect(isOlderThan(reading, container('a', { createdAt: at }), skew)).toBe(older);
  },
);

test.each([
  // What the CLI wrote for Compose, the file's time, older
  [
    'build-1700000000000.yml,/tmp/docker-compose.devcontainer.containerFeatures-1700000060000-ab.yml',
    0,
    true,
  ],
  [
    'build-1700000000000.yml,/tmp/docker-compose.devcontainer.containerFeatures-1700000060000-ab.yml',
    1,
    false,
  ],
  ['containerFeatures-1700000060000-ab.yml', MINUTES, true],
  ['containerFeatures-1700000060000-ab.yml', MINUTES + 1, false],
  // Of another container, or of another clock.
  ['build-1600000000000.yml', MINUTES + 1, true],
  ['build-1800000000000.yml', MINUTES + 1, true],
])('next to %s, a file written %i ms after the build began is older: %s', (name, after, older) => {
  const labels = {
    'com.docker.compose.project.config_files': `/w/compose.yml,/tmp/docker-compose.devcontainer.${name}`,
  };
  const made = container('a', { createdAt: 1_700_000_000_000 + 7 * MINUTES, labels });
  expect(isOlderThan({ modifiedAt: 1_700_000_000_000 + after }, made, 5 * MINUTES)).toBe(older);
});
