import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDockerEngine } from '../test/support/dockerEngine';
import { chaosFigures } from './chaos';
import { dirtyLatency } from './dirty';
import { inputLatency } from './dirtyInputs';
import { isWithinBound, table, type Figure } from './figures';
import { hostFigures } from './host';
import { contextFigures } from './inputs';
import { inventoryFigures } from './inventory';
import { recreateTime } from './recreate';
import { sizes } from './size';
import { workbenchFigures } from './workbench';

/** Measures every figure on real parts, prints them, and writes `bench/results.json`; with `--full`, the long ones too. */
async function main(): Promise<void> {
  const root = process.cwd();
  mkdirSync(join(root, 'out/bench'), { recursive: true });
  const figures: Figure[] = sizes(root);
  const engine = await startDockerEngine();
  try {
    figures.push(await dirtyLatency(engine.endpoint));
    figures.push(...(await inputLatency(engine)));
    figures.push(await recreateTime(engine.endpoint, root));
    figures.push(...(await hostFigures(engine, root)));
  } finally {
    await engine.stop();
  }
  figures.push(...(await inventoryFigures()));
  figures.push(...(await workbenchFigures(root)));
  figures.push(...(await contextFigures()));
  if (process.argv.includes('--full')) figures.push(...(await chaosFigures()));
  console.log(`\n${table(figures)}`);
  writeFileSync(join(root, 'bench/results.json'), `${JSON.stringify(figures, undefined, 2)}\n`);
  if (!figures.every(isWithinBound)) process.exitCode = 1;
}

void main();
