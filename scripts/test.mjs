import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, npm, root } from './run.mjs';
import { setUp } from './setup.mjs';
import { runSuite, suites } from './suites.mjs';

/** `npm test` runs every suite, `npm run test:NAME` one; the last line sums up. */
main(async () => {
  const names = chosen(process.argv.slice(2));
  const results = [];
  await setUp();
  if (names.some((name) => suites[name].build)) {
    results.push(['build', await build()]);
  }
  for (const name of names) {
    console.log(`\n=== ${name} ===`);
    results.push([name, await runSuite(name)]);
  }
  return report(results);
});

function chosen(names) {
  const unknown = names.filter((name) => !(name in suites));
  if (unknown.length > 0) {
    throw new Error(`No such suite: ${unknown.join(' ')}; there are ${Object.keys(suites).join(' ')}`);
  }
  return names.length > 0 ? names : Object.keys(suites).filter((name) => !suites[name].onRequest);
}

/** A build that fails is one failure; the suites that need none of it still run. */
async function build() {
  try {
    await npm(['run', '--silent', 'build']);
    return { passed: 0, failed: 0, skipped: 0 };
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function report(results) {
  console.log('');
  for (const [name, counts] of results) {
    console.log(`${name.padEnd(12)} ${inWords(counts)}`);
  }
  const sum = (key) => results.reduce((total, [, counts]) => total + counts[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  mkdirSync(join(root, 'out/results'), { recursive: true });
  writeFileSync(join(root, 'out/results/summary.txt'), `${inWords(total)}\n`);
  console.log(inWords(total));
  return total.failed > 0 ? 1 : 0;
}

function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
