import { execFileSync } from 'node:child_process';
import fs, { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigReading } from '../../../src/core/ports';
import { FileConfigReader } from '../../../src/devcontainers/configReader';

let root = '';
let config = '';
let reader: FileConfigReader;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-read-')));
  config = join(root, 'devcontainer.json');
  reader = new FileConfigReader({ mayRead: (path) => path.startsWith(join(root, 'inside')) });
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function reading(content: string | Uint8Array): Promise<ConfigReading> {
  await writeFile(config, content);
  return reader.read(config);
}

/** The problem of a reading that must be invalid. */
async function problem(content: string | Uint8Array): Promise<unknown> {
  const { status, ...rest } = await reading(content);
  expect(status).toBe('invalid');
  return 'problem' in rest ? rest.problem : undefined;
}

test('JSON with comments, trailing commas and CRLF is read', async () => {
  const text = '// hello\r\n{\r\n  "image": "x", /* y */ "list": [1, 2,],\r\n}\r\n';
  const result = await reading(text);
  expect(result).toMatchObject({ status: 'ok', text, value: { image: 'x', list: [1, 2] } });
  expect(result.status === 'ok' && Math.abs(result.modifiedAt - Date.now())).toBeLessThan(60_000);
});

test('a byte order mark is no part of the text', async () => {
  expect(await reading('\uFEFF{"a":1}')).toMatchObject({ status: 'ok', text: '{"a":1}', value: { a: 1 } });
});

test('__proto__ is a key like any other', async () => {
  const result = await reading('{"__proto__": {"polluted": true}, "constructor": 1}');
  const value = result.status === 'ok' ? result.value : {};
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
  expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test.each([
  ['', { message: 'The file is empty.' }],
  ['  \n', { message: 'The file is empty.' }],
  ['{"image":', { message: 'A value is expected', line: 1 }],
  ['{\n  "a": 1\n  "b": 2\n}', { message: 'A comma is expected', line: 3, column: 3 }],
  ['{\n\t"a": tru\n}', { message: 'Unknown word', line: 2, column: 7 }],
  ['{"a": 1} {}', { message: 'Something follows after the end of the configuration', column: 10 }],
  ['[1]', { message: 'The top level must be an object.', line: 1, column: 1 }],
  ['"text"', { message: 'The top level must be an object.' }],
  ['null', { message: 'The top level must be an object.' }],
  ['{"a": "open\n}', { message: 'A string is not closed', line: 1 }],
])('%j is invalid, and the problem says where', async (text, expected) => {
  expect(await problem(text)).toMatchObject(expected);
});

test('nesting beyond 200 levels is refused before parsing, in linear time', async () => {
  expect(await problem('{"a":' + '['.repeat(400_000))).toMatchObject({
    message: 'Nested deeper than 200 levels',
    line: 1,
    column: 205,
  });
  // Brackets that close nothing make no room for others.
  const strays = `{"a": ${']'.repeat(20_000)}, "b": ${'['.repeat(20_000)}`;
  expect(await reading(strays)).toMatchObject({ status: 'invalid' });
  const brackets = `{"a": "${'['.repeat(1000)}", /* ${'['.repeat(1000)} */ "b": 1 // ${'['.repeat(1000)}\n}`;
  expect(await reading(brackets)).toMatchObject({ status: 'ok' });
  const closed = `{"a": ${'['.repeat(199)}${']'.repeat(199)}}`;
  expect(await reading(closed)).toMatchObject({ status: 'ok' });
});

test('UTF-16 and broken UTF-8 are named', async () => {
  const utf16 = Buffer.from('\uFEFF{"a":1}', 'utf16le');
  expect(await problem(utf16)).toEqual({ message: 'The file is in UTF-16: save it as UTF-8.' });
  expect(await problem(utf16.swap16())).toEqual({ message: 'The file is in UTF-16: save it as UTF-8.' });
  expect(await problem(Buffer.from('{"a":1}', 'utf16le'))).toMatchObject({
    message: 'The file is in UTF-16: save it as UTF-8.',
  });
  expect(await problem(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual({ message: 'The file is not valid UTF-8.' });
});

test('what is too large is refused', async () => {
  const megabyte = 1024 * 1024;
  const padded = (size: number): string => `{}${' '.repeat(size - 2)}`;
  expect(await reading(padded(megabyte))).toMatchObject({ status: 'ok' });
  expect(await problem(padded(megabyte + 1))).toEqual({ message: 'It is larger than 1024 KiB.' });
});

describe('a file that is written while it is read', () => {
  const { open } = fs;

  afterEach(() => {
    fs.open = open;
    syncBuiltinESMExports();
  });

  /** The next `times` looks at an open file are each followed by a write. */
  function writeAtEachLook(times: number): void {
    let text = '{"a":1}';
    fs.open = async (...args) => {
      const file = await open(...args);
      const stat = file.stat.bind(file);
      const looking = async (options: { bigint: true }) => {
        const stats = await stat(options);
        if (times-- > 0) await writeFile(config, (text += ' '));
        return stats;
      };
      return Object.assign(file, { stat: looking });
    };
    syncBuiltinESMExports();
  }

  test('is read again until it rests', async () => {
    await writeFile(config, '{"a":1}');
    writeAtEachLook(1);
    expect(await reader.read(config)).toMatchObject({ status: 'ok', text: '{"a":1} ' });
    await writeFile(config, '{"a":1}');
    writeAtEachLook(4);
    expect(await reader.read(config)).toMatchObject({ status: 'ok', text: '{"a":1}    ' });
  });

  test('is refused when it does not rest', async () => {
    await writeFile(config, '{"a":1}');
    writeAtEachLook(Infinity);
    expect(await reader.read(config)).toMatchObject({
      status: 'invalid',
      problem: { message: 'It is being written right now.' },
    });
  });
});

test('what is not there is missing, also below a file', async () => {
  expect(await reader.read(config)).toEqual({ status: 'missing' });
  await writeFile(config, '{}');
  expect(await reader.read(join(config, 'devcontainer.json'))).toEqual({ status: 'missing' });
});

test('folders, FIFOs and devices are refused without blocking', async () => {
  await mkdir(config);
  expect(await reader.read(config)).toMatchObject({
    problem: { message: 'It is a directory, not a regular file.' },
  });
  const fifo = join(root, 'fifo');
  execFileSync('mkfifo', [fifo]);
  expect(await reader.read(fifo)).toMatchObject({
    problem: { message: 'It is a FIFO, not a regular file.' },
  });
  expect(await reader.read('/dev/zero')).toMatchObject({
    problem: { message: 'It is a device, not a regular file.' },
  });
});

test('a link is followed within the allowed folders only', async () => {
  await mkdir(join(root, 'inside'));
  const inside = join(root, 'inside', 'x.json');
  const outside = join(root, 'outside.json');
  await writeFile(inside, '{"a":1}');
  await writeFile(outside, '{"a":1}');
  await symlink(inside, config);
  expect(await reader.read(config)).toMatchObject({ status: 'ok', value: { a: 1 } });
  await rm(config);
  await symlink(outside, config);
  expect(await reader.read(config)).toMatchObject({
    status: 'invalid',
    problem: { message: `${config} leads to ${outside}, which lies outside the folders that may be read.` },
  });
});

test('a link in a folder above leads no further than one in the place of the file', async () => {
  await mkdir(join(root, 'outside'));
  await writeFile(join(root, 'outside', 'devcontainer.json'), '{"a":1}');
  await symlink(join(root, 'outside'), join(root, '.devcontainer'));
  expect(await reader.read(join(root, '.devcontainer', 'devcontainer.json'))).toMatchObject({
    status: 'invalid',
    problem: { message: expect.stringContaining('outside the folders that may be read') as string },
  });
});

test('a link into the void and a loop of links are told apart from a missing file', async () => {
  await symlink(join(root, 'nowhere'), config);
  expect(await reader.read(config)).toMatchObject({
    status: 'invalid',
    problem: { message: `${config} is a symbolic link to ${join(root, 'nowhere')}, which does not exist.` },
  });
  await rm(config);
  await symlink(config, config);
  expect(await reader.read(config)).toMatchObject({
    status: 'invalid',
    problem: { message: 'It is a symbolic link that leads back to itself.' },
  });
});

test('the line of a property is found, in lists too', () => {
  const text = '{\n  "a": {\n    "b": 1,\n    "c": [\n      1,\n      2\n    ]\n  },\n  "a.b": 3\n}';
  expect(reader.placesIn(text)(['a'])?.line).toBe(2);
  expect(reader.placesIn(text)(['a', 'b'])?.line).toBe(3);
  expect(reader.placesIn(text)(['a', 'c', '1'])?.line).toBe(6);
  expect(reader.placesIn(text)(['a.b'])?.line).toBe(9);
  expect(reader.placesIn(text)(['a', 'nosuch'])).toBeUndefined();
  expect(reader.placesIn('[')(['a'])).toBeUndefined();
  expect(reader.placesIn('')(['a'])).toBeUndefined();
});
