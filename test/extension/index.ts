import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import { outputMark } from '../support/outputMark';
import { writeCounts } from '../support/results';

/** What VS Code calls in the extension host: runs every test file beside this bundle. */
export async function run(): Promise<void> {
  // The mark tells the tests' own words from what else the workbench says on the same line to the outside.
  Mocha.reporters.Base.consoleLog = (...words: unknown[]) => console.log(outputMark + format(...words));
  const grep = process.env['SHIPSHAPE_TEST_GREP'];
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false, ...(grep ? { grep } : {}) });
  for (const name of readdirSync(__dirname).filter((each) => each.endsWith('.test.js'))) {
    mocha.addFile(join(__dirname, name));
  }
  const { passes, failures, pending } = await runToEnd(mocha);
  const result = process.env['SHIPSHAPE_TEST_RESULT'];
  if (result !== undefined) {
    await writeCounts(result, { passed: passes, failed: failures, skipped: pending });
  }
  if (failures > 0) {
    throw new Error(`${failures} tests failed`);
  }
}

function runToEnd(mocha: Mocha): Promise<Mocha.Stats> {
  return new Promise((resolve, reject) => {
    const runner = mocha.run(() => {
      if (runner.stats === undefined) {
        reject(new Error('mocha kept no count'));
      } else {
        resolve(runner.stats);
      }
    });
  });
}
