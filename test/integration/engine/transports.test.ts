import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectSocket, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { DockerEngine } from '../../../src/engine/client';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import { thisSystem, type System } from '../../../src/engine/system';
import { certificates } from '../../support/certificates';
import { run, startTimeOf, waitFor } from '../../support/processes';
import { connect, createContainer, docker, temporaryFolder } from './support';

const host = inject('dockerHost');
const socketPath = host.replace('unix://', '');

describe('over tcp', () => {
  it.each(['127.0.0.1', '::1'])('an engine at %s lists and tells of events', async (address) => {
    const port = await listening(createServer(toEngine), address);
    const engine = await connect(`tcp://${address.includes(':') ? `[${address}]` : address}:${port}`);
    const onEvent = vi.fn();
    await engine.openEvents(onEvent);
    const id = await createContainer(host);
    await vi.waitFor(() => expect(onEvent).toHaveBeenCalledWith({ containerId: id, action: 'create' }));
    expect((await engine.list()).map((facts) => facts.id)).toContain(id);
  });
});

describe('over ssh', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await temporaryFolder();
    onTestFinished(() => void vi.unstubAllEnvs());
  });

  it('an engine lists, acts and tells of events, and leaves no process behind', async () => {
    await fakeSsh(`echo "$@" >> ${folder}/calls; DOCKER_HOST=${host} exec docker system dial-stdio`);
    const engine = await connect('ssh://me@far:2222');
    const onEvent = vi.fn();
    await engine.openEvents(onEvent);
    const id = await createContainer(host);
    for (let round = 0; round < 20; round++) await engine.list();
    await engine.start(id);
    await vi.waitFor(() => expect(onEvent).toHaveBeenCalledWith({ containerId: id, action: 'start' }));
    const calls = (await run('cat', [join(folder, 'calls')])).trim().split('\n');
    expect(calls[0]).toBe('-l me -p 2222 -T -o ConnectTimeout=10 -- far docker system dial-stdio');
    // One for the events and one for everything else.
    expect(calls).toHaveLength(2);
    const children = () =>
      run('ps', ['--no-headers', '--ppid', String(process.pid), '-o', 'args']).catch(() => '');
    expect(await children()).toContain('dial-stdio');
    engine.dispose();
    await waitFor('the processes to end', async () => !(await children()).includes('dial-stdio'));
  });

  it.each([
    [
      'engineMissing',
      'echo "ssh: connect to host far port 22: Connection refused" >&2; exit 255',
      /Connection refused/,
    ],
    ['engineDenied', 'echo "me@far: Permission denied (publickey)." >&2; exit 255', /Permission denied/],
    ['engineMissing', 'exit 3', /status 3/],
  ])('a failure is %s with the words of ssh', async (code, script, message) => {
    await fakeSsh(script);
    const engine = await connect('ssh://far');
    await expect(engine.ping()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    await expect(engine.openEvents(() => undefined)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('an ssh that says nothing is silent at the limit, and is ended', async () => {
    await fakeSsh(`echo $$ > ${folder}/pid; exec sleep 1000`);
    const engine = await connect('ssh://far', { limits: { ping: 500 } });
    await expect(engine.ping()).rejects.toMatchObject({ code: 'engineSilent' });
    const pid = Number(await run('cat', [join(folder, 'pid')]));
    await waitFor('ssh to end', () => startTimeOf(pid) === undefined);
  });

  it('no ssh at all says so', async () => {
    vi.stubEnv('PATH', folder);
    const engine = await connect('ssh://far');
    await expect(engine.ping()).rejects.toMatchObject({
      code: 'engineMissing',
      message: expect.stringMatching(/ssh/) as string,
    });
  });

  async function fakeSsh(script: string): Promise<void> {
    await writeFile(join(folder, 'ssh'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'ssh'), 0o755);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  }
});

describe('contexts made by the docker command', () => {
  it('lead where they lead the docker command', async () => {
    const system = await systemWithConfig();
    await contextCommand(system, 'create', 'mine', '--docker', `host=${host}`);
    await contextCommand(system, 'use', 'mine');
    const endpoint = await resolveEndpoint(undefined, system);
    expect(endpoint).toMatchObject({ name: 'mine', endpoint: host, source: 'currentContext' });
    await using(endpoint, (engine) => engine.ping());
    const seen = await run('docker', ['info', '--format', '{{.ID}}'], {
      env: { ...system.env, ...endpoint.env },
    });
    expect(seen.trim()).toBe(await docker(host, 'info', '--format', '{{.ID}}'));
    await contextCommand(system, 'use', 'default');
    expect((await resolveEndpoint(undefined, system)).source).toBe('default');
  });

  it('carry their certificates, and are checked unless they say otherwise', async () => {
    const system = await systemWithConfig();
    const folder = await temporaryFolder();
    await certificates(folder, '127.0.0.1');
    const pem = (name: string) => thisSystem().readFile(join(folder, name));
    const [ca, cert, key] = [await pem('ca.pem'), await pem('cert.pem'), await pem('key.pem')];
    if (!ca || !cert || !key) throw new Error('openssl made no certificates');
    const server = createHttpsServer({ ca, cert, key, requestCert: true }, (_, response) =>
      response.end('OK'),
    );
    const port = await listening(server, '127.0.0.1');
    const target = `host=tcp://127.0.0.1:${port}`;
    const pems = `ca=${folder}/ca.pem,cert=${folder}/cert.pem,key=${folder}/key.pem`;
    await contextCommand(system, 'create', 'good', '--docker', `${target},${pems}`);
    await contextCommand(
      system,
      'create',
      'lax',
      '--docker',
      `${target},cert=${folder}/cert.pem,key=${folder}/key.pem,skip-tls-verify=true`,
    );
    await contextCommand(
      system,
      'create',
      'stranger',
      '--docker',
      `${target},cert=${folder}/cert.pem,key=${folder}/key.pem`,
    );
    const ping = async (name: string) => {
      const endpoint = await resolveEndpoint(undefined, {
        ...system,
        env: { ...system.env, DOCKER_CONTEXT: name },
      });
      await using(endpoint, (engine) => engine.ping());
    };
    await ping('good');
    await ping('lax');
    await expect(ping('stranger')).rejects.toMatchObject({
      code: 'engineFailed',
      message: expect.stringMatching(/certificate/) as string,
    });
  });
});

function toEngine(socket: Socket): void {
  const engine = connectSocket(socketPath);
  socket.pipe(engine).pipe(socket);
  for (const end of [socket, engine]) end.on('error', () => undefined);
  socket.on('close', () => engine.destroy());
}

async function listening(server: Server, address: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function systemWithConfig(): Promise<System> {
  const folder = join(await temporaryFolder(), 'docker');
  await mkdir(folder);
  return {
    ...thisSystem(),
    env: { PATH: process.env['PATH'] ?? '', HOME: homedir(), DOCKER_CONFIG: folder },
  };
}

async function contextCommand(system: System, ...args: string[]): Promise<void> {
  await run('docker', ['context', ...args], { env: system.env });
}

async function using(
  endpoint: Awaited<ReturnType<typeof resolveEndpoint>>,
  use: (engine: DockerEngine) => Promise<void>,
): Promise<void> {
  const engine = new DockerEngine(endpoint);
  try {
    await use(engine);
  } finally {
    engine.dispose();
  }
}

/** A certificate for 127.0.0.1 that is its own authority. */
