import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { startDockerEngine, type TestEngine } from '../support/dockerEngine';
import { runInPage } from '../support/hostPage';
import { addCounts, noCounts, writeCounts, type Counts } from '../support/results';
import { checkout, makeSample } from '../support/sample';
import { pageUrl, startVsCodeServer } from '../support/vscodeHost';
import { vscodeVersions, type VsCodeVersion } from '../support/vscodeInstall';
import { bundleSuite } from './bundle';

/** Runs the suite in the extension host of every VS Code version, or of those named as arguments. */
async function main(): Promise<void> {
  const wanted = vscodeVersions.filter((version) => chosen().length === 0 || chosen().includes(version));
  const tests = await bundleSuite();
  const engine = await startDockerEngine();
  let total = noCounts;
  try {
    for (const version of wanted) {
      console.log(`\nVS Code ${version}`);
      total = addCounts(total, await runOn(version, engine, tests));
    }
  } finally {
    await engine.stop();
  }
  await writeCounts(join(checkout, 'out/results/extension.json'), total);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function chosen(): string[] {
  const fromEnv = process.env['SHIPSHAPE_TEST_VSCODE'];
  return [...process.argv.slice(2), ...(fromEnv === undefined ? [] : [fromEnv])];
}

async function runOn(version: VsCodeVersion, engine: TestEngine, tests: string): Promise<Counts> {
  const sample = await makeSample(engine.socketPath);
  const resultFile = join(checkout, `out/results/extension-${version}.json`);
  await writeCounts(resultFile, { ...noCounts, failed: 1 }); // What counts when the host dies before it can write.
  const server = await startVsCodeServer({
    version,
    testDriver: true,
    env: {
      DOCKER_HOST: engine.endpoint,
      SHIPSHAPE_TEST_DOCKER_HOST: engine.endpoint,
      SHIPSHAPE_TEST_WORKSPACE: sample.folder,
      SHIPSHAPE_TEST_RESULT: resultFile,
    },
  });
  const logFile = join(checkout, `out/results/extension-${version}.log`);
  try {
    await runInPage(pageUrl(server, sample.folder, { extension: checkout, tests }), logFile, (text) =>
      console.log(text),
    );
    console.log(`  all the workbench said: ${relative(checkout, logFile)}`);
  } finally {
    await server.stop();
    await sample.remove();
  }
  return JSON.parse(await readFile(resultFile, 'utf8')) as Counts;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
