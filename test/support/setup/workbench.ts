import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDockerEngine } from '../dockerEngine';
import { checkout, makeSample } from '../sample';
import { startVsCodeServer } from '../vscodeHost';
import { vscodeVersions } from '../vscodeInstall';
import type { WorkbenchPlace } from '../workbench';

declare module 'vitest' {
  interface ProvidedContext {
    /** The VS Code server all workbench tests share, on a sample workspace and an engine of its own. */
    workbench: WorkbenchPlace;
  }
}

/** Starts an engine and a VS Code server with the built extension in it; SHIPSHAPE_TEST_VSCODE chooses another one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(checkout, 'dist/extension.js'))) {
    throw new Error('dist/extension.js is missing: run `npm run build` first');
  }
  const wanted = process.env['SHIPSHAPE_TEST_VSCODE'];
  const version = vscodeVersions.find((each) => each === wanted) ?? vscodeVersions[0];
  const engine = await startDockerEngine();
  const sample = await makeSample(engine.socketPath);
  const env = { DOCKER_HOST: engine.endpoint };
  const server = await startVsCodeServer({ version, installed: checkout, env });
  const { url, serverDataDir } = server;
  project.provide('workbench', {
    ...{ url, serverDataDir, version },
    ...{ folder: sample.folder, dockerHost: engine.endpoint },
  });
  return async () => {
    await server.stop();
    await sample.remove();
    await engine.stop();
  };
}
