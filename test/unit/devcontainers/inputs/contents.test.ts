import { afterEach, beforeEach, expect, test } from 'vitest';
import type { InputKind } from '../../../../src/core/ports';
import { HashedFiles } from '../../../../src/devcontainers/inputs/hashedFiles';
import { InputFolder } from '../../../support/inputFolder';

let folder: InputFolder;

beforeEach(async () => {
  folder = await InputFolder.make();
});

afterEach(() => folder.remove());

const configs = {
  dockerfile: { dockerFile: 'file' },
  composeFile: { dockerComposeFile: 'file', service: 'app' },
  envFile: { runArgs: ['--env-file', '.devcontainer/file'] },
};

async function problem(kind: InputKind & keyof typeof configs, content: string | Buffer): Promise<string> {
  await folder.write({ '.devcontainer/file': content });
  const [message = ''] = await folder.problems(kind, configs[kind]);
  return message;
}

test.each([
  ['dockerfile', 'FROM a\n', 20_000, 'is larger than 128 KiB.'],
  ['dockerfile', 'FROM a\n', 200_000, 'cannot be read: It is larger than 1024 KiB.'],
  ['composeFile', '# text\n', 200_000, 'cannot be read. It is larger than 1024 KiB.'],
  ['envFile', 'A=text\n', 200_000, 'cannot be read. It is larger than 1024 KiB.'],
] as const)('an edit of a %s with too many times %j is another problem', async (kind, line, times, words) => {
  const before = await problem(kind, line.repeat(times));
  expect(before).toContain(words);
  expect(await problem(kind, line.repeat(times))).toBe(before);
  expect(await problem(kind, `${line.repeat(times - 1)}${'#'.repeat(line.length)}`)).not.toBe(before);
});

test.each([
  ['dockerfile', 'FROM a\nRUN b\n', 'Dockerfile `.devcontainer/file` cannot be read:'],
  ['composeFile', 'services: {app: {image: a}}', 'Compose file `.devcontainer/file` cannot be read.'],
  ['envFile', 'A=1\n', 'Env file `.devcontainer/file` cannot be read.'],
] as const)('a %s in UTF-16 has a problem in words', async (kind, text, words) => {
  const message = `${words} It is in UTF-16: save it as UTF-8.`;
  for (const shaped of [text, `\uFEFF${text}`]) {
    const bytes = Buffer.from(shaped, 'utf16le');
    expect(await problem(kind, bytes)).toBe(message);
    expect(await problem(kind, bytes.swap16())).toBe(message);
  }
  expect(await problem(kind, `\uFEFF${text}`)).toBe('');
});

test('a file that is no text for its size has a digest all the same', async () => {
  const files = new HashedFiles(() => true);
  await folder.write({ big: 'x'.repeat(1024 * 1024 + 1) });
  expect(await files.text(folder.path('big'))).toMatchObject({ status: 'refused' });
  expect(await files.digest(folder.path('big'))).toMatchObject({ status: 'ok' });
});
