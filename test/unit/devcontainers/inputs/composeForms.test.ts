/** Without a compose command our own reader has to know which forms of a Compose file mean the same. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

async function valuesWith(line: string): Promise<unknown> {
  const others = ['b', 'c'].map((name) => `  ${name}: { image: x }\n`).join('');
  const text = `services:\n  app:\n    image: x\n    ${line}\n${others}`;
  await folder.write({ 'compose.yml': text, 'a.env': 'A=1\n', 'd/Dockerfile': 'FROM x\n' });
  const config = { dockerComposeFile: '../compose.yml', service: 'app' };
  const { readings } = await folder.read(config);
  return readings.find(({ kind }) => kind === 'composeFile')?.values;
}

test.each([
  ['env_file: a.env', 'env_file: [a.env]'],
  ['env_file: a.env', 'env_file: [{ path: a.env }]'],
  ['env_file: [a.env]', 'env_file: [{ path: a.env, required: true }]'],
  ['build: ./d', 'build: { context: ./d }'],
  [
    'depends_on: [b, c]',
    'depends_on: { c: { condition: service_started }, b: { condition: service_started } }',
  ],
  ['networks: [n, m]', 'networks: { m: , n: }'],
  ['dns: 1.1.1.1', 'dns: [1.1.1.1]'],
  ['dns_search: a', 'dns_search: [a]'],
  ['tmpfs: /run', 'tmpfs: [/run]'],
  ['extends: b', 'extends: { service: b }'],
])('%s is the same as %s', async (a, b) => {
  expect(await valuesWith(a)).toEqual(await valuesWith(b));
});

test.each([
  ['command: a b', 'command: [a b]'],
  ['env_file: [a.env]', 'env_file: [{ path: a.env, required: false }]'],
  ['env_file: [a.env]', 'env_file: [{ path: a.env, format: raw }]'],
  ['env_file: [a.env, b.env]', 'env_file: [b.env, a.env]'],
  ['depends_on: [b]', 'depends_on: { b: { condition: service_healthy } }'],
  ['networks: [n]', 'networks: { n: { aliases: [x] } }'],
])('%s is not the same as %s', async (a, b) => {
  expect(await valuesWith(a)).not.toEqual(await valuesWith(b));
});
