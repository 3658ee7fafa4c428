import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { onTestFinished } from 'vitest';
import { DockerEngine, type EngineOptions } from '../../../src/engine/client';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import { run } from '../../support/processes';

export const image = 'shipshape-test/base:1';

/** Our client for an engine; disposed after the test. */
export async function connect(host: string, options?: EngineOptions): Promise<DockerEngine> {
  const engine = new DockerEngine(await resolveEndpoint(host), options);
  onTestFinished(() => engine.dispose());
  return engine;
}

/** The docker command as an independent witness. */
export async function docker(host: string, ...args: string[]): Promise<string> {
  return (await run('docker', args, { env: { ...process.env, DOCKER_HOST: host } })).trim();
}

/** Makes a container that sleeps and ends at once when told to; removed after the test. Gives its id. */
export async function createContainer(host: string, ...args: string[]): Promise<string> {
  const sleeper = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'];
  const id = await docker(host, 'create', '--name', unique('eng'), ...args, image, ...sleeper);
  onTestFinished(async () => {
    await docker(host, 'rm', '--force', id).catch(() => undefined);
  });
  return id;
}

/** Makes a container with labels too large for a command line; removed after the test. Gives its id. */
export async function createLabelled(host: string, labels: Record<string, string>): Promise<string> {
  const client = new Docker({ socketPath: host.replace('unix://', '') });
  // dockerode puts all options into the URL as well, unless they are given apart.
  const options = { _query: {}, _body: { Image: image, Cmd: ['true'], Labels: labels } };
  const container = await client.createContainer(options as Docker.ContainerCreateOptions);
  onTestFinished(() => container.remove({ force: true }).catch(() => undefined) as Promise<void>);
  return container.id;
}

export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** A folder that goes away after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An HTTP server on a unix socket, in place of an engine; gives its host string. */
export async function stubEngine(listener: RequestListener): Promise<string> {
  const path = join(await temporaryFolder(), 'stub.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `unix://${path}`;
}
