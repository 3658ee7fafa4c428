import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CliGround } from './cliGround';

const ground = new CliGround();
afterEach(() => ground.clean());

test('the CLI outlives the extension host and finishes its job', async () => {
  const storageFolder = await ground.folder();
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const go = join(storageFolder, 'go');
  const cliPath = await ground.fakeCli(`
    const { existsSync } = require('node:fs');
    console.error('begun');
    const timer = setInterval(() => {
      if (!existsSync(${JSON.stringify(go)})) return;
      clearInterval(timer);
      console.error('done');
      console.log('{"outcome":"success"}');
    }, 10);
  `);
  const options = { storageFolder, bundledCli: cliPath };
  const host = `
    const module = await import(${JSON.stringify(resolve('src/devcontainers/cli.ts'))});
    const { DevContainersCli } = module.default;
    const quiet = () => undefined;
    const logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
    const cli = new DevContainersCli({ ...${JSON.stringify(options)}, cliPath: quiet, logger });
    const listener = { onLine: (line) => console.log(line.text), onProgress: quiet };
    await cli.up(${JSON.stringify(ground.request(project))}, listener, new AbortController().signal);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', host], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await vi.waitFor(() => expect(heard).toBe('begun\n'), { timeout: 20_000, interval: 20 });
  const gone = new Promise((resolveGone) => child.once('exit', resolveGone));
  child.kill('SIGKILL');
  await gone;
  await writeFile(go, '');
  const [job = ''] = await readdir(join(storageFolder, 'jobs'));
  const read = (name: string): Promise<string> => readFile(join(storageFolder, 'jobs', job, name), 'utf8');
  await vi.waitFor(async () => expect(await read('answer.json')).toContain('"success"'), {
    timeout: 5000,
    interval: 20,
  });
  expect(await read('log.ndjson')).toBe('begun\ndone\n');
});
