import { expect, test } from 'vitest';
import type { InputGround } from '../../../../src/devcontainers/inputs/part';
import { hostVariablesIn, substitute } from '../../../../src/devcontainers/inputs/variables';
import { HashedFiles } from '../../../../src/devcontainers/inputs/hashedFiles';

const ground: InputGround = {
  workspaceFolder: '/w/name',
  configFile: '/w/name/.devcontainer.json',
  config: {},
  files: new HashedFiles(() => false),
  env: { A: 'one', B: 'two' },
  isTrusted: false,
  known: () => undefined,
  earlier: () => [],
};

test.each([
  ['a${localEnv:A}b${env:B}}', 'aonebtwo}', ['A', 'B']],
  ['${localEnv:GONE:x}${localEnv:GONE}', 'x', ['GONE', 'GONE']],
  ['${localWorkspaceFolder} ${localWorkspaceFolderBasename}', '/w/name name', []],
  ['${a${localEnv:A}}', '${a${localEnv:A}}', []],
  ['${localEnv:A\n} ${localEnv:A}\n${localEnv:B', '${localEnv:A\n} one\n${localEnv:B', ['A']],
  ['}${}${', '}${}${', []],
])('%j becomes %j', (text, expected, names) => {
  expect(substitute(text, ground)).toBe(expected);
  expect(hostVariablesIn(text).map(({ name }) => name)).toEqual(names);
});

test.each(['${', '}${', '${\n', '$\n'])('many times %j cost little', (piece) => {
  const text = piece.repeat(200_000);
  const began = performance.now();
  substitute(text, ground);
  hostVariablesIn(text);
  expect(performance.now() - began).toBeLessThan(2_000);
});
