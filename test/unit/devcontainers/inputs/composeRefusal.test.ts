import { expect, test } from 'vitest';
import { refusedAt } from '../../../../src/devcontainers/inputs/composeRefusal';
import { parseCompose } from '../../../../src/devcontainers/inputs/composeYaml';

const COMPOSE = `services:
  app:
    image: a
    comand: x
    ports: 5
    networks: [nope]
  web.ui:
    image: b
`;
const OVERRIDE = `services:
  app:
    ports: 6
`;

const parsed = async (file: string, text: string) => ({
  file,
  parsed: await parseCompose(text),
  content: { status: 'ok', text, digest: '', modifiedAt: 0 } as const,
});
const files = await Promise.all([parsed('/w/compose.yml', COMPOSE), parsed('/w/override.yml', OVERRIDE)]);

test.each<[string, string, number]>([
  // Compose 1
  [
    "The Compose file '/w/compose.yml' is invalid because: Unsupported config option for services.app: 'comand'",
    '/w/compose.yml',
    4,
  ],
  ['services.app.ports contains an invalid type, it should be an array', '/w/override.yml', 3],
  [
    "The Compose file '/w/compose.yml' is invalid because: services.app.ports contains an invalid type",
    '/w/compose.yml',
    5,
  ],
  ['Circular reference: app in /w/override.yml extends app in /w/override.yml', '/w/override.yml', 2],
  ["Service 'app' depends on service 'nope' which is undefined.", '/w/override.yml', 2],
  ["Service 'web.ui' depends on service 'nope' which is undefined.", '/w/compose.yml', 7],
  [
    'Missing mandatory value for "image" option interpolating ${X:?must} in service "app": must',
    '/w/compose.yml',
    3,
  ],
  // Compose 2
  ["validating /w/compose.yml: services.app additional properties 'comand' not allowed", '/w/compose.yml', 4],
  ['services.app Additional property comand is not allowed', '/w/compose.yml', 4],
  ['validating /w/override.yml: services.app.ports must be a array', '/w/override.yml', 3],
  ['service "app" refers to undefined network nope: invalid compose project', '/w/override.yml', 2],
  ['parsing /w/compose.yml: yaml: line 7: did not find expected key', '/w/compose.yml', 7],
  // No place that is there.
  ['validating /w/override.yml: secrets.a must be a mapping', '/w/override.yml', 1],
  ['exit code 3', '/w/compose.yml', 1],
])('"%s" is about %s, line %i', (said, file, line) => {
  expect(refusedAt(said, files)).toMatchObject({ file, line });
});

test('the column is that of the key, behind its indentation', () => {
  expect(refusedAt('services.app.ports must be a array', files)).toMatchObject({ line: 3, column: 5 });
});

test('without a file there is no place', () => expect(refusedAt('services.app: no', [])).toBeUndefined());

test.each(['services.app.', "'", 'service "', 'line ', "x'y ", 'property '])(
  'a hostile answer of four megabytes of "%s" leads into the first file',
  (part) => expect(refusedAt(part.repeat(4_000_000 / part.length), files)?.line).toBeLessThanOrEqual(2),
);
