import { readdir, readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import type { DevContainersCli } from '../../../src/devcontainers/cli';
import type { CliRequest, LogLine } from '../../../src/core/ports';
import { baseImage } from '../../support/baseImage';
import { CliGround, up } from './cliGround';

const ground = new CliGround();
afterEach(() => ground.clean());

/** Command lines of all processes that name the text. */
async function processesNaming(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).filter((line) => line.includes(text));
}

/** Runs `up` and cancels it at the first line that matches; how long the end took, in milliseconds. */
async function cancelAt(cli: DevContainersCli, request: CliRequest, when: RegExp): Promise<number> {
  const controller = new AbortController();
  let at = 0;
  const onLine = (line: LogLine): void => {
    if (at > 0 || !when.test(line.text)) return;
    at = Date.now();
    controller.abort();
  };
  const run = cli.up(request, { onLine, onProgress: () => undefined }, controller.signal);
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  expect(at).toBeGreaterThan(0);
  return Date.now() - at;
}

test('cancelled in a long build: nothing is left running, the old container is untouched', async () => {
  const project = await ground.project({ 'devcontainer.json': `{ "image": "${baseImage}" }` });
  const cli = await ground.cli();
  const containerId = (await up(cli, ground.request(project))).containerId ?? '';
  const before = await ground.inspect(containerId, '{{.State.StartedAt}} {{.Name}} {{.State.Running}}');
  await ground.write(project, {
    'devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" } }',
    Dockerfile: `FROM ${baseImage}\nRUN echo now; sleep 300\n`,
  });
  const replace = { containerId, setAsideName: `aside-${Date.now()}` };
  const took = await cancelAt(cli, ground.request(project, { replace }), /^now$/);
  // The attached `docker run` of the old container lives as long as the container, by design of the CLI.
  const left = (await processesNaming(project)).filter((line) => !line.includes('--sig-proxy=false'));
  expect(left).toEqual([]);
  expect(took).toBeLessThan(5000);
  expect(await ground.inspect(containerId, '{{.State.StartedAt}} {{.Name}} {{.State.Running}}')).toBe(before);
  expect(await ground.containersOf(project)).toEqual([containerId]);
});

test('cancelled in a hook: no process is left, the attached docker run neither', async () => {
  const config = { image: baseImage, postCreateCommand: 'echo now; sleep 300' };
  const project = await ground.project({ 'devcontainer.json': JSON.stringify(config) });
  const took = await cancelAt(await ground.cli(), ground.request(project), /^now$/);
  expect(await processesNaming(project)).toEqual([]);
  expect(took).toBeLessThan(5000);
  expect(await ground.containersOf(project)).toHaveLength(1);
});

test('cancelled before it began, it begins nothing', async () => {
  const project = await ground.project({ 'devcontainer.json': `{ "image": "${baseImage}" }` });
  const run = up(await ground.cli(), ground.request(project), AbortSignal.abort());
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  expect(await ground.containersOf(project)).toEqual([]);
});

test('a CLI that ignores SIGTERM and hangs is ended with its children', async () => {
  const project = await ground.project({ 'devcontainer.json': '{}' });
  const cliPath = await ground.fakeCli(`
    process.on('SIGTERM', () => {});
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", process.argv[3]]);
    console.error('now');
    setInterval(() => {}, 1000);
  `);
  const took = await cancelAt(await ground.cli({ cliPath }), ground.request(project), /^now$/);
  expect(await processesNaming(project)).toEqual([]);
  expect(took).toBeLessThan(5000);
});
