import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CliGround, up } from './cliGround';
import type { Heard } from './cliGround';

const ground = new CliGround();
afterEach(() => ground.clean());

/** Runs a Node.js program in the CLI's place. */
async function upWith(source: string): ReturnType<typeof up> {
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const cliPath = await ground.fakeCli(source);
  return up(await ground.cli({ cliPath }), ground.request(project));
}

const texts = (heard: Heard): string[] => heard.lines.map((line) => line.text);

test('a crash without a word is told with the exit code and the last lines', async () => {
  const result = await upWith(`console.error('first\\nsecond'); process.exit(7)`);
  expect(result.outcome).toBeUndefined();
  expect(result.exitCode).toBe(7);
  expect(result.tail).toEqual(['first', 'second']);
  expect(result.message).toBe(
    'The Dev Containers CLI ended with exit code 7 and gave no result. Its last line: second',
  );
  expect(result.failure?.kind).toBe('other');
});

test('an end by a signal and an empty log need no undefined to be told', async () => {
  const result = await upWith(`process.kill(process.pid, 'SIGKILL')`);
  expect(result.message).toBe('The Dev Containers CLI ended by SIGKILL and gave no result.');
  expect(result).not.toHaveProperty('exitCode');
});

test('what is on stdout besides the answer does no harm', async () => {
  const result = await upWith(`
    console.log('warning');
    console.log('{"outcome":"success","containerId":"0123456789ab"}');
    console.log('{ broken');
    console.log('{"outcome":"elsewhere"}');
  `);
  expect(result).toMatchObject({ outcome: 'success', containerId: '0123456789ab' });
});

test('an id that is none is left out', async () => {
  const result = await upWith(`console.log('{"outcome":"success","containerId":"../../images"}')`);
  expect(result).not.toHaveProperty('containerId');
});

test('a line of 50 MB is cut and says so; the line after it comes', async () => {
  const result = await upWith(`
    const { writeSync } = require('node:fs');
    for (let i = 0; i < 50; i++) writeSync(2, 'x'.repeat(1024 * 1024));
    writeSync(2, '\\nafter\\n');
    console.log('{"outcome":"success"}');
  `);
  expect(result.heard.lines).toHaveLength(2);
  expect(texts(result.heard)[0]?.slice(-60)).toMatch(
    / … \(line too long: 51380224 more characters dropped\)$/,
  );
  expect(texts(result.heard)[1]).toBe('after');
});

test('invalid UTF-8 and a last line without an end come out', async () => {
  const result = await upWith(`
    require('node:fs').writeSync(2, Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82]));
    require('node:fs').writeSync(2, Buffer.from([0xac, 0x20, 0x65, 0x6e, 0x64]));
    console.log('{"outcome":"success"}');
  `);
  expect(texts(result.heard)).toEqual(['a\uFFFDb', '€ end']);
});

test('100,000 lines come all and in order', async () => {
  const count = 100_000;
  const result = await upWith(`
    const { writeSync } = require('node:fs');
    for (let i = 0; i < ${count}; i++)
      writeSync(2, JSON.stringify({ type: 'raw', level: 3, timestamp: i, text: 'line ' + i + '\\n' }) + '\\n');
    console.log('{"outcome":"success"}');
  `);
  expect(result.heard.lines).toHaveLength(count);
  expect(texts(result.heard).every((text, index) => text === `line ${index}`)).toBe(true);
});

test('a listener that throws costs its own line only', async () => {
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const cliPath = await ground.fakeCli(`console.error('a\\nb'); console.log('{"outcome":"success"}')`);
  const heard: string[] = [];
  const onLine = ({ text }: { text: string }): void => {
    heard.push(text);
    throw new Error('no');
  };
  const cli = await ground.cli({ cliPath });
  const listener = { onLine, onProgress: () => undefined };
  const result = await cli.up(ground.request(project), listener, new AbortController().signal);
  expect(result).toMatchObject({ outcome: 'success' });
  expect(heard).toEqual(['a', 'b']);
});

test('the arguments are what the CLI knows, each value in its own argument', async () => {
  const result = await upWith(
    `console.error(JSON.stringify(process.argv.slice(2))); console.log('{"outcome":"success"}')`,
  );
  const args = JSON.parse(texts(result.heard)[0] ?? '') as string[];
  expect(args[0]).toBe('up');
  expect(args.slice(1).every((arg) => /^--[a-z-]+(=.+)?$/.test(arg))).toBe(true);
  expect(args).toContain('--log-format=json');
  expect(args).toContain('--oci-auth-hardening');
  expect(args).not.toContain('--remove-existing-container');
});

test('an executable may stand in for the CLI', async () => {
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const cliPath = await ground.executable(
    `#!/bin/sh\necho "$ELECTRON_RUN_AS_NODE." >&2\necho '{"outcome":"success"}'\n`,
  );
  const result = await up(await ground.cli({ cliPath }), ground.request(project));
  expect(result).toMatchObject({ outcome: 'success' });
  expect(texts(result.heard)).toEqual(['.']);
});

test.each([
  ['is not there', () => Promise.resolve(), /does not exist/],
  ['is a folder', (path: string) => mkdir(path), /is not a file/],
  ['may not be run', (path: string) => writeFile(path, '#!/bin/sh\n', { mode: 0o644 }), /is not executable/],
  ['names no interpreter that exists', badInterpreter, /cannot be started/],
])('a CLI that %s is reported with its path and the setting', async (_what, prepare, words) => {
  const path = join(await ground.folder(), 'my-cli');
  await prepare(path);
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const run = up(await ground.cli({ cliPath: path }), ground.request(project));
  await expect(run).rejects.toMatchObject({ code: 'cliMissing' });
  await expect(run).rejects.toThrow(words);
  await expect(run).rejects.toThrow(/my-cli.*shipshape\.cli\.path/);
});

async function badInterpreter(path: string): Promise<void> {
  await writeFile(path, '#!/nosuch/interpreter\n');
  await chmod(path, 0o755);
}

test('a docker program that is nowhere is reported', async () => {
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const cli = await ground.cli({ env: { PATH: await ground.folder() } });
  await expect(up(cli, ground.request(project))).rejects.toThrow(/docker was not found/);
});
