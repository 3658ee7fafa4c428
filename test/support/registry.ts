import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './daemon';
import { freePort } from './freePort';

/** An image registry of our own on loopback, which Docker accepts without TLS. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`, the first part of an image's name. */
  readonly host: string;
  readonly url: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/** How a registry differs from an open one. */
export interface RegistryOptions {
  /** Lines for its `auth:` section, indented by two, e.g. for htpasswd or a token server. */
  readonly auth?: string;
}

/** Starts docker-registry on a free loopback port. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  const config = join(folder, 'config.yml');
  await writeFile(config, configText(folder, host, options));
  const daemon = await startDaemon({
    program: 'docker-registry',
    args: ['serve', config],
    logFile: join(folder, 'registry.log'),
    isUp: () => answers(`${url}/v2/`),
  });
  const stop = async () => {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { host, url, folder, stop };
}

function configText(folder: string, host: string, { auth }: RegistryOptions): string {
  const lines = [
    'version: 0.1',
    'log: {level: warn}',
    `storage: {filesystem: {rootdirectory: "${join(folder, 'data')}"}, delete: {enabled: true}}`,
    `http: {addr: "${host}"}`,
    ...(auth === undefined ? [] : ['auth:', auth]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Any answer will do: with auth it is a 401. */
async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}
