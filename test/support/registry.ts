import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
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
  /** Of this machine; loopback when absent. */
  readonly address?: string;
  /** Folder with `cert.pem` and `key.pem`, to serve https. */
  readonly tls?: string;
}

/** Starts docker-registry on a free port. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'shipshape-registry-'));
  const { address = '127.0.0.1', tls } = options;
  const port = await freePort();
  const host = `${address}:${port}`;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}`;
  const config = join(folder, 'config.yml');
  await writeFile(config, configText(folder, host, options));
  const daemon = await startDaemon({
    program: 'docker-registry',
    args: ['serve', config],
    logFile: join(folder, 'registry.log'),
    isUp: () => listens(address, port),
  });
  const stop = async () => {
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { host, url, folder, stop };
}

function configText(folder: string, host: string, { auth, tls }: RegistryOptions): string {
  const lines = [
    'version: 0.1',
    'log: {level: warn}',
    `storage: {filesystem: {rootdirectory: "${join(folder, 'data')}"}, delete: {enabled: true}}`,
    tls === undefined
      ? `http: {addr: "${host}"}`
      : `http: {addr: "${host}", tls: {certificate: "${join(tls, 'cert.pem')}", key: "${join(tls, 'key.pem')}"}}`,
    ...(auth === undefined ? [] : ['auth:', auth]),
  ];
  return `${lines.join('\n')}\n`;
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
