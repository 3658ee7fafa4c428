import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from 'esbuild';
import { runInPage } from '../test/support/hostPage';
import { readOutput } from '../test/support/outputFiles';
import { makeSample } from '../test/support/sample';
import { pageUrl, startVsCodeServer } from '../test/support/vscodeHost';
import { figure, type Figure } from './figures';

const LINES = 100_000;

/** What only a real extension host can tell: how long `activate` takes, and what a flood of log lines does to it. */
export async function hostFigures(
  engine: { endpoint: string; socketPath: string },
  root: string,
): Promise<Figure[]> {
  const cli = join(root, 'bench/host/floodCli.cjs');
  const tests = join(root, 'out/bench/host/index.js');
  await build({
    entryPoints: [join(root, 'bench/host/index.ts')],
    outfile: tests,
    ...{ bundle: true, platform: 'node', format: 'cjs', external: ['vscode'], logLevel: 'warning' },
  });
  const sample = await makeSample(engine.socketPath);
  const server = await startVsCodeServer({
    testDriver: true,
    env: { DOCKER_HOST: engine.endpoint, SHIPSHAPE_BENCH_LINES: String(LINES) },
    settings: { 'shipshape.cli.path': cli },
  });
  try {
    let said = '';
    await runInPage(
      pageUrl(server, sample.folder, { extension: root, tests }),
      join(root, 'out/bench/host.log'),
      (text) => (said += text),
    );
    const { tookMs, worstMs } = JSON.parse(said) as { tookMs: number; worstMs: number };
    const lines = await arrivedInOrder(server.serverDataDir);
    const activated = /Activated in ([\d.]+) ms/.exec(
      await readOutput(server.serverDataDir, 'Shipshape'),
    )?.[1];
    return [
      figure({ name: '`activate`', value: Number(activated), unit: 'ms', n: 1, bound: 30, boundOf: 'value' }),
      figure({
        name: 'log lines lost of 100,000',
        value: LINES - lines,
        unit: 'lines',
        n: 1,
        bound: 0,
        boundOf: 'value',
      }),
      figure({
        name: 'extension host blocked at most, meanwhile',
        value: worstMs,
        unit: 'ms',
        n: 1,
        bound: 50,
        boundOf: 'value',
      }),
      figure({
        name: '100,000 log lines to the channel, beside the bare program',
        value: tookMs,
        baseline: await bareFlood(cli),
        unit: 'ms',
        n: 1,
        bound: 60_000,
        boundOf: 'value',
      }),
    ];
  } finally {
    await server.stop();
    await sample.remove();
  }
}

/** How many of the flood's lines are in the channel's file, counted only as long as none is missing. */
async function arrivedInOrder(serverDataDir: string): Promise<number> {
  let next = 1;
  for (const line of (await readOutput(serverDataDir, 'Dev Container: Sample')).split('\n')) {
    if (line.endsWith(`flood line ${next} of the build`)) next++;
  }
  return next - 1;
}

async function bareFlood(cli: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'shipshape-flood-'));
  const file = openSync(join(folder, 'log'), 'w');
  const began = performance.now();
  const child = spawn(process.execPath, [cli], {
    stdio: ['ignore', file, file],
    env: { ...process.env, SHIPSHAPE_BENCH_LINES: String(LINES) },
  });
  await once(child, 'exit');
  const took = performance.now() - began;
  closeSync(file);
  rmSync(folder, { recursive: true });
  return took;
}
