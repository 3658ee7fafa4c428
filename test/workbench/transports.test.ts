/** Engines on other machines, in the real extension host: it has an `http` of its own. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { certificates } from '../support/certificates';
import { startVsCodeServer } from '../support/vscodeHost';
import { openWorkbench } from '../support/workbench';

const place = inject('workbench');
/** Not 127.0.0.1, with which the extension host deals differently. */
const ADDRESS = '127.0.0.2';
let folder: string;
let id: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-transports-'));
  id = docker('create', '--name', 'far-away', 'shipshape-test/base:1');
});

afterAll(async () => {
  docker('rm', id);
  await rm(folder, { recursive: true });
});

it('an engine is reached through ssh', async () => {
  // What ssh would run on the other machine; that it is asked in the right way, others test.
  const script = `#!/bin/sh\necho "$@" >> ${folder}/calls\nexec docker -H ${place.dockerHost} system dial-stdio\n`;
  await writeFile(join(folder, 'ssh'), script, { mode: 0o755 });
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  // Else the server asks the login shell for its PATH.
  const VSCODE_CLI = '1';
  await showsContainers({ PATH, VSCODE_CLI, DOCKER_HOST: 'ssh://me@far.invalid' });
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain('-l me -T');
});

it('an engine is reached with certificates of both sides', async () => {
  await certificates(folder, ADDRESS);
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name)));
  const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (socket) => {
    const engine = connect(place.dockerHost.replace('unix://', ''));
    socket.pipe(engine).pipe(socket);
    for (const end of [socket, engine]) end.on('error', () => undefined);
    socket.on('close', () => engine.destroy());
  });
  const DOCKER_HOST = `tcp://${ADDRESS}:${await listening(server)}`;
  await showsContainers({ DOCKER_HOST, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder });
  server.close();
});

async function showsContainers(env: NodeJS.ProcessEnv): Promise<void> {
  const version = place.version as '1.100.3';
  const server = await startVsCodeServer({ version, installed: join(import.meta.dirname, '../..'), env });
  try {
    const workbench = await openWorkbench({ ...server, version, folder: place.folder });
    await workbench.openView('Shipshape');
    await workbench.row(/^far-away,/, 'Containers').waitFor();
    await workbench.close();
  } finally {
    await server.stop();
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve));
  return (server.address() as AddressInfo).port;
}

function docker(...args: string[]): string {
  return execFileSync('docker', ['-H', place.dockerHost, ...args], { encoding: 'utf8' }).trim();
}
