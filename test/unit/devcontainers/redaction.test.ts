import { expect, test } from 'vitest';
import {
  CommandRedactor,
  isDump,
  redactCommand,
  SecretMask,
  secretValues,
} from '../../../src/devcontainers/redaction';

test.each([
  ['docker run -e A=secret -e B=secret img', 'docker run -e A=******** -e B=********'],
  [
    'docker run -e A=a secret -l x=y --entrypoint /bin/sh img',
    'docker run -e A=******** -l x=y --entrypoint /bin/sh img',
  ],
  ['docker exec -i -u root -e A=secret -w /w id sh', 'docker exec -i -u root -e A=******** -w /w id sh'],
  ['docker build --build-arg K=secret -t tag .', 'docker build --build-arg K=******** -t tag .'],
  ['docker run --env=A=secret -v x:y img', 'docker run --env=A=******** -v x:y img'],
  ['docker run -eA=secret -v x:y img', 'docker run -eA=******** -v x:y img'],
  ['docker run -e A -e B= -v x:y img', 'docker run -e A -e B=******** -v x:y img'],
  [
    'docker run -l devcontainer.metadata=[{"containerEnv":{"A":"secret"}}] img -c x',
    'docker run -l devcontainer.metadata=********',
  ],
  ['docker ps -q --filter label=a=b', 'docker ps -q --filter label=a=b'],
  ['Step 1/2 : RUN echo a=b', 'Step 1/2 : RUN echo a=b'],
])('%j becomes %j', (command, expected) => {
  expect(redactCommand(command)).toBe(expected);
});

test('a value of several lines stays masked up to the next option', () => {
  const redactor = new CommandRedactor();
  expect(redactor.line('docker build --build-arg KEY=-----BEGIN')).toBe(
    'docker build --build-arg KEY=********',
  );
  expect(redactor.line('c2VjcmV0')).toBe('');
  expect(redactor.line('-----END -t tag .')).toBe('-t tag .');
});

test.each([
  ['HOME=/root\0PATH=/bin', true],
  ['PATH=/bin\nTOKEN=secret', true],
  ['userEnvProbe parsed: {\n "TOKEN": "secret" }', true],
  ['services:\n  app:\n    environment: { A: secret }', true],
  ['Docker Compose override file for creating container:\nservices:\n', true],
  ['userEnvProbe: not found in cache', false],
  ['Exit code 1', false],
  ['A=1', false],
])('%j is a dump: %j', (text, expected) => {
  expect(isDump(text)).toBe(expected);
});

test('every secret is hidden, the longest first, those of several lines by line', () => {
  const secrets = new SecretMask(['abc', 'abcdef', 'first line\nsecond line\n', '']);
  expect(secrets.hide('x abcdef y abc')).toBe('x ******** y ********');
  expect(secrets.hide('the first line')).toBe('the ********');
  expect(secrets.hide('the second line')).toBe('the ********');
  expect(new SecretMask(['$&', '.*']).hide('a $& .* b')).toBe('a ******** ******** b');
});

test('only strings of an object are secrets', () => {
  expect(secretValues({ A: 'x', B: 1, C: null, D: 'y' })).toEqual(['x', 'y']);
  expect(secretValues(null)).toEqual([]);
  expect(secretValues('text')).toEqual([]);
});
