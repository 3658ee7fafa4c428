import { join } from 'node:path';
import { openDesktop } from './desktop';
import { startDockerEngine } from './dockerEngine';
import { run, runToEnd } from './processes';
import { checkout, makeSample, sampleImage } from './sample';
import { pageUrl, startVsCodeServer } from './vscodeHost';

/** What has to be undone at the end, last first. */
const undo: (() => Promise<unknown>)[] = [];

/** `npm start`: the extension in a real VS Code, on a sample with a real dev container, until interrupted. */
async function main(): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).forEach((signal) => process.on(signal, resolve));
  });
  try {
    const socketPath = await findOrStartEngine();
    const folder = await makeWorkspace(socketPath);
    const { closed } = await openVsCode(folder, `unix://${socketPath}`);
    await Promise.race([interrupted, closed]);
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => console.error(error));
    }
  }
}

/** scripts/start.mjs looked for the user's own engine; without one there is a private one. */
async function findOrStartEngine(): Promise<string> {
  const users = process.env['SHIPSHAPE_START_SOCKET'];
  if (users) {
    console.log(`Using the engine on ${users}`);
    return users;
  }
  const engine = await startDockerEngine({ baseImage: false });
  undo.push(() => engine.stop());
  return engine.socketPath;
}

/** A copy of the sample, its dev container, and a plain container beside it. */
async function makeWorkspace(socketPath: string): Promise<string> {
  const sample = await makeSample(socketPath);
  const env = { ...process.env, DOCKER_HOST: `unix://${socketPath}` };
  undo.push(() => sample.remove());
  undo.push(() => removeContainers(env, sample.folder));
  const cli = join(checkout, 'node_modules/@devcontainers/cli/devcontainer.js');
  await run(process.execPath, [cli, 'up', '--workspace-folder', sample.folder], { env });
  const label = `shipshape.sample=${sample.folder}`;
  const serve =
    "trap 'exit 0' TERM; echo ahoy > /tmp/index.html; httpd -p 8080 -h /tmp; while :; do sleep 1; done";
  const args = ['--detach', '--label', label, '--name', `shipshape-sample-${process.pid}`];
  await run('docker', ['run', ...args, sampleImage, 'sh', '-c', serve], { env });
  return sample.folder;
}

/** On a user's own engine, too, nothing of ours may stay: the containers go, and the images made for them. */
async function removeContainers(env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const docker = async (...args: string[]) =>
    (await runToEnd('docker', args, { env })).stdout.split(/\s+/).filter(Boolean);
  for (const label of [`devcontainer.local_folder=${folder}`, `shipshape.sample=${folder}`]) {
    const ids = await docker('ps', '--all', '--quiet', '--filter', `label=${label}`);
    for (const id of ids) {
      const [image = sampleImage] = await docker('inspect', '--format', '{{.Config.Image}}', id);
      await docker('rm', '--force', '--volumes', id);
      await docker('rmi', image);
    }
  }
  await docker('rmi', sampleImage);
}

/** Opens VS Code, says where, and tells when the user closes it: never, for the one in a browser. */
async function openVsCode(folder: string, dockerHost: string): Promise<{ closed: Promise<void> }> {
  if (process.env['SHIPSHAPE_START_HOST'] === 'desktop') {
    const desktop = await openDesktop(folder, dockerHost);
    undo.push(() => desktop.stop());
    console.log(`ready desktop ${folder}`);
    return { closed: desktop.closed };
  }
  const port = process.env['SHIPSHAPE_PORT'];
  const server = await startVsCodeServer({
    installed: checkout,
    env: { DOCKER_HOST: dockerHost },
    ...(port ? { port: Number(port) } : {}),
  });
  undo.push(() => server.stop());
  console.log(`ready workbench ${pageUrl(server, folder)}`);
  return { closed: new Promise(() => undefined) };
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
