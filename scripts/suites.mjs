import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, tool } from './run.mjs';
import { setUp } from './setup.mjs';

const vscode = ['engine', 'compiler', 'browser'];

/** Every suite: the parts of the testbed it needs, how it runs, and what counts its tests. */
export const suites = {
  unit: { parts: [], run: () => vitest('unit'), count: countVitest },
  integration: {
    parts: ['engine', 'compose', 'registry', 'podman', 'git', 'mounts'],
    run: () => vitest('integration'),
    count: countVitest,
  },
  extension: { parts: vscode, build: true, run: () => tsx('test/extension/run.ts'), count: countOurs },
  workbench: { parts: vscode, build: true, run: () => vitest('workbench'), count: countVitest },
  electron: {
    parts: ['engine'],
    build: true,
    onRequest: true,
    run: () => tsx('test/extension/electron.ts'),
    count: countOurs,
  },
};

/** Runs one suite and counts it; one that breaks or runs nothing counts as one failure more. */
export async function runSuite(name) {
  const suite = suites[name];
  mkdirSync(join(root, 'out/results'), { recursive: true });
  rmSync(resultFile(name), { force: true });
  try {
    await setUp(suite.parts);
    const code = await suite.run();
    if (!existsSync(resultFile(name))) {
      throw new Error('it left no count');
    }
    return withFailure(suite.count(JSON.parse(readFileSync(resultFile(name), 'utf8'))), code);
  } catch (error) {
    console.error(`The suite ${name} broke: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** A suite's exit code also tells of what no test does, e.g. a file that cannot be loaded. */
function withFailure(counts, code) {
  const ranNothing = counts.passed + counts.failed === 0;
  return (code !== 0 || ranNothing) && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function resultFile(name) {
  return join(root, `out/results/${name}.json`);
}

function vitest(project) {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile(project)}`];
  return tool('vitest/vitest.mjs', ['run', '--project', project, ...report]);
}

function tsx(script) {
  return run(process.execPath, ['--import', 'tsx', join(root, script)]);
}

function countVitest(report) {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests, numTodoTests } = report;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}

function countOurs(counts) {
  return counts;
}
