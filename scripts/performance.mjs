/** Puts the table of README.md's section "Performance" there, made of bench/results.json; with `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, root } from './run.mjs';

/** What users want to know, by the names of the figures; `beside` says what the figure's baseline is. */
const ROWS = [
  ['An event of the engine until its row is painted, 10 containers, p95', 'raw event to painted row, p95, 10 containers, Docker'],
  ['The same with 1,000 containers', 'raw event to painted row, p95, 1000 containers, Docker'],
  ['Each of 40 containers created 200 ms apart, 1,000 there already, worst', 'raw event to painted row, worst of a burst, 1000 containers, Docker'],
  ['First click on the icon until rows are painted, 1,000 containers', 'click on the cold view to painted rows, 1000 containers, Docker'],
  ['The same with 10,000 containers', 'click on the cold view to painted rows, 10000 containers, stub'],
  ['First list of 1,000 containers', 'first snapshot, 1000 containers, Docker (baseline: the bare list)', 'the engine’s own answer'],
  ['Memory after 100 changes, 1,000 containers', 'heap grown by 100 changes and all before, 1000 containers, Docker'],
  ['Requests to the engine in a minute without changes', 'engine requests in an idle minute, 1,000 containers'],
  ['A configuration is saved until its dev container is marked, p95', 'config saved to dirty, p95', 'the file system’s own event'],
  ['A start that fails: time without a running container, p95', 'time without a container when a start fails, p95'],
  ['Recreate', 'recreate against the bare CLI (build, then up)', 'the bare Dev Containers CLI'],
  ['The same beside its `up --remove-existing-container`, all in the cache', 'recreate against the bare CLI (up --remove-existing-container), warm cache', 'the bare Dev Containers CLI'],
  ['Recreate whose build takes 10 s: time without a running container', 'time without a container, a recreate whose build takes 10 s (baseline: the bare CLI)', 'the bare Dev Containers CLI'],
  ['Start of the extension', '`activate`'],
  ['Engine killed and started again: its first answer until the list is right, worst', 'engine killed: its first answer to the right snapshot, worst (p50 as baseline)', 'the median'],
  ['Containers lost or wrong after random operations and kills of the engine', 'containers lost or ghosts, 10000 random operations, 10 kills'],
  ['Size of the VSIX', 'VSIX'],
]; // prettier-ignore

const MARKS = ['<!-- performance: written by npm run bench -->', '<!-- end of performance -->'];

main(async () => {
  const file = join(root, 'README.md');
  const before = readFileSync(file, 'utf8');
  const [start, end] = MARKS.map((mark) => before.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`README.md lacks the lines ${MARKS.join(' and ')}.`);
  const figures = JSON.parse(readFileSync(join(root, 'bench/results.json'), 'utf8'));
  const after = `${before.slice(0, start)}${MARKS[0]}\n\n${table(figures)}\n\n${before.slice(end)}`;
  if (before === after) return;
  if (process.argv.includes('--check'))
    throw new Error('README.md and bench/results.json differ: run node scripts/performance.mjs');
  writeFileSync(file, after);
});

/** As the formatter wants a table; figures that were not measured have no row. */
function table(figures) {
  const rows = ROWS.flatMap(([what, name, beside]) => {
    const figure = figures.find((each) => each.name === name);
    return figure ? [[what, words(figure.value, figure.unit), besideWords(figure, beside)]] : [];
  });
  const all = [['what', 'measured', 'beside'], ...rows];
  const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => row[i].length)));
  const lines = all.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`);
  return [lines[0], `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)].join(
    '\n',
  );
}

function besideWords({ baseline, bound, boundOf, unit }, beside) {
  if (beside && baseline !== null) return `${beside}: ${words(baseline, unit)}`;
  return boundOf === 'value' ? `at most ${words(bound, unit)}` : '';
}

/** `31 ms`, `1.33 s`, `0.72 MB` */
function words(value, unit) {
  if (unit === 'ms' && value >= 1000) return words(value / 1000, 's');
  if (unit === 'kB' && value >= 500) return words(value / 1000, 'MB');
  const digits = value >= 10 || Number.isInteger(value) ? 0 : value >= 1 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`.trim();
}
