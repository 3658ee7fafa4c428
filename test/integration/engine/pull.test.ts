import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, test } from 'vitest';
import type { PullProgress } from '../../../src/core/pullPorts';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { pushImage } from '../../support/pushedImage';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { makeGround, named } from '../registry/ground';
import { connect, docker, stubEngine } from './support';

const LOGIN = { user: 'me', password: 'pass:word' };
let open: TestRegistry;
let closed: TestRegistry;
let podman: TestPodman;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shipshape-htpasswd-'));
  // bcrypt of "pass:word".
  const line = 'me:$2b$04$tiQnNcOgx2qKLfDzTAfKWeX/Cl1MfjXF1xx27N04JnByu.ulasT0a\n';
  await writeFile(join(folder, 'htpasswd'), line);
  const auth = `  htpasswd: {realm: basic, path: "${join(folder, 'htpasswd')}"}`;
  [open, closed] = await Promise.all([startRegistry(), startRegistry({ auth })]);
  podman = await startPodmanEngine([open.host, closed.host]);
});
afterAll(async () => {
  await Promise.all([open.stop(), closed.stop(), podman.stop()]);
  await rm(folder, { recursive: true });
});

describe.each([
  ['Docker', () => inject('dockerHost')],
  ['Podman', () => podman.endpoint],
])('a pull by a real %s', (kind, hostOf) => {
  const made: string[] = [];
  const nameOn = ({ host }: TestRegistry): string => `${host}/team/${kind.toLowerCase()}:1`;
  const push = (registry: TestRegistry, content: string): Promise<string> => {
    made.push(nameOn(registry));
    const lines = ['RUN head -c 300000 /dev/urandom > /large', `LABEL content=${content}`];
    return pushImage(inject('dockerHost'), nameOn(registry), lines, registry === closed ? LOGIN : undefined);
  };
  afterAll(async () => {
    for (const name of made) await docker(hostOf(), 'rmi', '-f', name).catch(() => undefined);
  });

  test('gives what the name means then, and tells how far it is', { timeout: 120_000 }, async () => {
    const engine = await connect(hostOf());
    const told: PullProgress[] = [];
    const name = nameOn(open);
    const first = await push(open, 'one');
    const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch };
    const one = await engine.pull(name, { platform, onProgress: (progress) => told.push(progress) });
    expect(one.repoDigests).toContain(`${name.replace(/:1$/, '')}@${first}`);
    expect(await engine.imageId(name)).toBe(one.id);
    const { layers = 0, doneLayers, bytes = 0, totalBytes } = told.at(-1) ?? {};
    expect(layers).toBeGreaterThan(0);
    expect(bytes).toBe(totalBytes);
    if (kind === 'Docker') expect(doneLayers).toBe(layers);
    await push(open, 'two');
    const two = await engine.pull(name);
    expect(two.id).not.toBe(one.id);
    expect((await engine.image(one.id))?.repoTags).toEqual([]);
    await docker(hostOf(), 'rmi', '-f', one.id);
  });

  test(
    'needs the login that docker keeps for the registry, and says which',
    { timeout: 120_000 },
    async () => {
      const engine = await connect(hostOf());
      const { client, login, end } = await makeGround();
      const name = nameOn(closed);
      await push(closed, 'one');
      await expect(engine.pull(name)).rejects.toMatchObject({
        code: 'engineFailed',
        message: `${closed.host} does not give ${name} without another login: use "docker login ${closed.host}".`,
      });
      await login({ auths: { [closed.host]: { auth: Buffer.from('me:pass:word').toString('base64') } } });
      const found = await client.login(named(name));
      expect(await engine.pull(name, { ...(found && { login: found }) })).toMatchObject({ repoTags: [name] });
      const wrong = { username: 'me', password: 'canary-wrong' };
      const refused = await engine.pull(name, { login: wrong }).catch((error: unknown) => error as Error);
      expect(refused).toMatchObject({ message: expect.stringContaining('without another login') as string });
      expect(JSON.stringify(refused)).not.toContain('canary');
      await end();
    },
  );

  test('of what is not there says who has it not', async () => {
    const engine = await connect(hostOf());
    const name = `${open.host}/team/none:1`;
    await expect(engine.pull(name)).rejects.toMatchObject({
      code: 'engineFailed',
      message: `${open.host} has no ${name} for this engine.`,
    });
    await expect(engine.pull('no name')).rejects.toMatchObject({ code: 'invalidArgument' });
  });
});

const lines = (...told: object[]): string => told.map((line) => `${JSON.stringify(line)}\r\n`).join('');
const layer = { id: 'a'.repeat(12), status: 'Downloading', progressDetail: { current: 1, total: 9 } };
const name = 'ghcr.io/team/app:1';
const failing: Readonly<Record<string, [(response: ServerResponse) => void, object]>> = {
  'a full disk': [
    (response) => response.end(lines(layer, { error: 'write /var/lib/x: no space left on device' })),
    { code: 'diskFull', message: `There is no space left on the engine's disk for ${name}: free some, then try again.` },
  ],
  'a registry that breaks off': [
    (response) => response.end(lines({ errorDetail: { message: 'unexpected EOF' } })),
    { code: 'engineFailed', message: `Fetching ${name} from ghcr.io was cut off: try again.` },
  ],
  'an engine that breaks off': [
    (response) => response.write(lines(layer), () => response.destroy()),
    { code: 'engineFailed', message: `Fetching ${name} from ghcr.io was cut off: try again.` },
  ],
  'a registry that wants no more': [
    (response) => response.writeHead(500).end('{"message":"toomanyrequests: slow down"}'),
    { code: 'engineFailed', message: expect.stringMatching(/did not fetch ghcr.io\/team\/app:1: toomanyrequests: slow down \(HTTP 500\)$/) as string },
  ],
  'an engine that falls silent': [
    (response) => void response.write(lines(layer)),
    { code: 'engineSilent' },
  ],
}; // prettier-ignore

it.each(Object.entries(failing))('a pull that ends by %s is told as that', async (_, [answer, error]) => {
  const host = await stubEngine((_request, response) => answer(response));
  const engine = await connect(host, { limits: { pullSilence: 200 } });
  await expect(engine.pull(name)).rejects.toMatchObject(error);
});

it('a pull is cancelled', async () => {
  const cancel = new AbortController();
  const host = await stubEngine((_, response) => {
    response.write(lines(layer), () => cancel.abort());
  });
  const engine = await connect(host);
  await expect(engine.pull(name, { signal: cancel.signal })).rejects.toMatchObject({ code: 'cancelled' });
});
