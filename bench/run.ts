import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDockerEngine, type TestEngine } from '../test/support/dockerEngine';
import { chaosFigures } from './chaos';
import { dirtyLatency } from './dirty';
import { inputLatency } from './dirtyInputs';
import { faultFigures } from './faults';
import { isWithinBound, table, type Figure } from './figures';
import { hostFigures } from './host';
import { imageFigures } from './images';
import { contextFigures } from './inputs';
import { inventoryFigures } from './inventory';
import { recreateFigures } from './recreate';
import { sizes } from './size';
import { workbenchFigures } from './workbench';

const root = process.cwd();

/** Figures that are measured together, by the name by which they can be asked for. */
const GROUPS: Readonly<Record<string, () => Promise<Figure[]> | Figure[]>> = {
  sizes: () => sizes(root),
  dirty: () => onEngine(async (engine) => [await dirtyLatency(engine.endpoint)]),
  inputs: () => onEngine(inputLatency),
  recreate: () => onEngine((engine) => recreateFigures(engine.endpoint, root)),
  host: () => onEngine((engine) => hostFigures(engine, root)),
  inventory: inventoryFigures,
  workbench: () => workbenchFigures(root),
  contexts: contextFigures,
  images: imageFigures,
  chaos: chaosFigures,
  faults: faultFigures,
};
/** Take some ten minutes more, and are only measured with `--full` or by name. */
const LONG = ['chaos', 'faults'];

/**
 * Measures the figures on real parts, prints them, and writes `bench/results.json` after each group: all groups, or those
 * whose names are given; what is not measured stays as it was.
 */
async function main(): Promise<void> {
  mkdirSync(join(root, 'out/bench'), { recursive: true });
  const args = process.argv.slice(2);
  const named = args.filter((arg) => Object.hasOwn(GROUPS, arg));
  const all = Object.keys(GROUPS).filter((name) => args.includes('--full') || !LONG.includes(name));
  const measured: Figure[] = [];
  for (const name of named.length > 0 ? named : all) {
    const figures = (await GROUPS[name]?.()) ?? [];
    console.log(`\n${name}\n${table(figures)}`);
    measured.push(...figures);
    keep(figures);
  }
  if (!measured.every(isWithinBound)) process.exitCode = 1;
}

async function onEngine(measure: (engine: TestEngine) => Promise<Figure[]>): Promise<Figure[]> {
  const engine = await startDockerEngine();
  try {
    return await measure(engine);
  } finally {
    await engine.stop();
  }
}

function keep(figures: readonly Figure[]): void {
  const file = join(root, 'bench/results.json');
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Figure[]) : [];
  const fresh = new Map(figures.map((figure) => [figure.name, figure]));
  const kept = before.map((figure) => fresh.get(figure.name) ?? figure);
  const known = new Set(before.map(({ name }) => name));
  const all = [...kept, ...figures.filter(({ name }) => !known.has(name))];
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

void main();
