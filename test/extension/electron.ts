import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { startDockerEngine } from '../support/dockerEngine';
import { noCounts, writeCounts, type Counts } from '../support/results';
import { checkout, makeSample } from '../support/sample';
import { bundleSuite } from './bundle';

const resultFile = join(checkout, 'out/results/electron.json');

/** Runs the same suite in a downloaded desktop VS Code; SHIPSHAPE_TEST_VSCODE names another than the stable one. */
async function main(): Promise<void> {
  const executable = await download(process.env['SHIPSHAPE_TEST_VSCODE'] ?? 'stable');
  const tests = await bundleSuite();
  await writeCounts(resultFile, { ...noCounts, failed: 1 }); // What counts when VS Code dies before it can write.
  const engine = await startDockerEngine();
  const sample = await makeSample(engine.socketPath);
  const dataDir = await mkdtemp(join(tmpdir(), 'shipshape-desktop-'));
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: checkout,
      extensionTestsPath: tests,
      launchArgs: [sample.folder, '--disable-workspace-trust', '--no-sandbox', '--user-data-dir', dataDir],
      extensionTestsEnv: {
        DOCKER_HOST: engine.endpoint,
        SHIPSHAPE_TEST_DOCKER_HOST: engine.endpoint,
        SHIPSHAPE_TEST_WORKSPACE: sample.folder,
        SHIPSHAPE_TEST_RESULT: resultFile,
      },
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    await sample.remove();
    await engine.stop();
  }
  const { failed } = JSON.parse(await readFile(resultFile, 'utf8')) as Counts;
  process.exitCode = failed > 0 ? 1 : 0;
}

async function download(version: string): Promise<string> {
  try {
    return await downloadAndUnzipVSCode(version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`VS Code ${version} cannot be downloaded here, so this suite cannot run: ${reason}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
