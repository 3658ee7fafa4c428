import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../support/processes';
import type { Asked, WebServer } from '../../support/webServer';
import { basic, makeGround, named, plain, serve, type Ground } from './ground';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const LOGIN = 'me:canary-1';
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function home(options: Parameters<typeof makeGround>[0] = {}): Promise<Ground> {
  const ground = await makeGround(options);
  ends.push(() => ground.end());
  return ground;
}

/** A registry that wants a login, and takes any. */
const closed = ({ headers }: Asked, response: ServerResponse): unknown =>
  headers.authorization === undefined
    ? response.writeHead(401, { 'www-authenticate': 'Basic realm="it, too"' }).end()
    : response.writeHead(200, { 'docker-content-digest': DIGEST }).end();
const app = ({ host }: WebServer) => named(`${host}/team/app:1`);
const given = ({ asked }: WebServer) => asked.map(({ headers }) => headers.authorization);

/** A credential helper of this name on the PATH. */
const helper = ({ write }: Ground, name: string, ...lines: string[]) =>
  write(`docker-credential-${name}`, ['#!/bin/sh', ...lines].join('\n'), 0o700);
const read = ({ home: folder }: Ground, name: string): Promise<string> =>
  readFile(`${folder}/${name}`, 'utf8');
const answer = JSON.stringify({ Username: 'me', Secret: 'canary-1' });

describe('a credential helper', () => {
  test.each([
    ['of one registry', (host: string) => ({ credHelpers: { [host]: 'good' }, credsStore: 'bad' })],
    ['of all of them', () => ({ credsStore: 'good' })],
  ])('%s is asked for the registry, before the file', async (_, config) => {
    const registry = await serve(closed);
    const ground = await home();
    await helper(
      ground,
      'good',
      `cat > "${ground.home}/asked"; echo "$1" >> "${ground.home}/asked"`,
      `echo '${answer}'`,
    );
    await helper(ground, 'bad', 'exit 1');
    await ground.login({ ...config(registry.host), auths: { [registry.host]: { auth: basic('me:other') } } });
    expect(await ground.client.head(app(registry), plain)).toEqual({ digest: DIGEST });
    expect(given(registry)).toEqual([undefined, `Basic ${basic(LOGIN)}`]);
    expect(await read(ground, 'asked')).toBe(`${registry.host}get\n`);
  });

  test('that gives an identity token is no login by name', async () => {
    const registry = await serve(closed);
    const ground = await home();
    await helper(ground, 'token', `echo '{"Username":"<token>","Secret":"canary-2"}'`);
    await ground.login({ credsStore: 'token' });
    await expect(ground.client.head(app(registry), plain)).rejects.toThrow('wants a login');
    expect(given(registry)).toEqual([undefined]);
  });

  test('that knows nothing of a registry is no failure, and asked again', async () => {
    const registry = await serve(closed);
    const ground = await home();
    const lines = [
      `echo x >> "${ground.home}/times"`,
      'echo "credentials not found in native keychain"',
      'exit 1',
    ];
    await helper(ground, 'empty', ...lines);
    await ground.login({ credsStore: 'empty' });
    for (let time = 0; time < 2; time++)
      await expect(ground.client.head(app(registry), plain)).rejects.toThrow('wants a login');
    expect([await read(ground, 'times'), ground.told]).toEqual(['x\nx\n', []]);
  });

  test('that hangs is ended with all that it started, told of once, and left alone for a while', async () => {
    const registry = await serve(closed);
    const ground = await home({ helperLimitMs: 500 });
    await helper(ground, 'stuck', `sleep 600 & echo $! >> "${ground.home}/pids"`, 'wait');
    await ground.login({ credsStore: 'stuck' });
    for (let time = 0; time < 2; time++)
      await expect(ground.client.head(app(registry), plain)).rejects.toThrow('wants a login');
    const pids = (await read(ground, 'pids')).trim().split('\n').map(Number);
    expect(pids).toHaveLength(1);
    await expect.poll(() => pids.filter((pid) => startTimeOf(pid) !== undefined)).toEqual([]);
    expect(ground.told).toEqual([expect.stringContaining('it did not answer within 0.5 s')]);
  });

  test.each([
    [
      'talks without an end',
      'while :; do echo canary-3-canary-3-canary-3-canary-3; done',
      'its answer has no end',
    ],
    ['talks nonsense', 'echo canary-3', 'its answer is no JSON'],
    ['fails', 'echo canary-3; echo canary-3 >&2; exit 3', 'it ended with status 3'],
    ['dies', 'kill -9 $$', 'it ended with a signal'],
  ])('that %s costs the login only, and what it says is not repeated', async (_, line, words) => {
    const registry = await serve(closed);
    const ground = await home();
    await helper(ground, 'odd', line);
    await ground.login({ credsStore: 'odd', auths: { [registry.host]: { auth: basic('me:of-file') } } });
    expect(await ground.client.head(app(registry), plain)).toEqual({ digest: DIGEST });
    expect(given(registry)[1]).toBe(`Basic ${basic('me:of-file')}`);
    expect(ground.told).toEqual([expect.stringContaining(words)]);
    expect(ground.told.join()).not.toContain('canary');
  });

  test.each(['../../evil', 'a/b', 'good; id', '$(id)', '', 'missing'])(
    'called %j is run from nowhere',
    async (name) => {
      const registry = await serve(closed);
      const ground = await home();
      await ground.write('evil', '#!/bin/sh\ntouch "$0.ran"', 0o700);
      await ground.login({ credsStore: name });
      await expect(ground.client.head(app(registry), plain)).rejects.toThrow('wants a login');
      await expect(read(ground, 'evil.ran')).rejects.toThrow('ENOENT');
      expect(ground.told).toHaveLength(name === '' ? 0 : 1);
    },
  );

  test('is not run without trust, and again as soon as there is trust', async () => {
    const registry = await serve(closed);
    let isTrusted = false;
    const ground = await home({ mayRunHelpers: () => isTrusted });
    await helper(ground, 'good', `touch "${ground.home}/ran"`, `echo '${answer}'`);
    await ground.login({ credsStore: 'good' });
    await expect(ground.client.head(app(registry), plain)).rejects.toThrow('wants a login');
    await expect(read(ground, 'ran')).rejects.toThrow('ENOENT');
    isTrusted = true;
    expect(await ground.client.head(app(registry), plain)).toEqual({ digest: DIGEST });
  });

  test('is never taken from the file that a container names', async () => {
    const registry = await serve(closed);
    const ground = await home();
    await helper(ground, 'good', `echo '${answer}'`);
    await ground.login({ credsStore: 'good' });
    const authFile = await ground.write('auth.json', JSON.stringify({ credsStore: 'good' }));
    await expect(ground.client.head(app(registry), { insecure: [], authFile })).rejects.toThrow(
      'wants a login',
    );
  });
});

describe('a redirect', () => {
  test('takes no login to another host, and keeps it at home', async () => {
    const other = await serve((_, response) =>
      response.writeHead(200, { 'docker-content-digest': DIGEST }).end(),
    );
    const registry = await serve((asked, response) => {
      if (asked.headers.authorization === undefined) closed(asked, response);
      else if (asked.path.endsWith('/1')) response.writeHead(307, { location: '/elsewhere' }).end();
      else response.writeHead(302, { location: `${other.url}/there` }).end();
    });
    const ground = await home();
    await ground.login({ auths: { [registry.host]: { auth: basic(LOGIN) } } });
    expect(await ground.client.head(app(registry), plain)).toEqual({ digest: DIGEST });
    expect(given(registry)).toEqual([undefined, `Basic ${basic(LOGIN)}`, `Basic ${basic(LOGIN)}`]);
    expect(given(other)).toEqual([undefined]);
  });

  test('without an end is left', async () => {
    const registry = await serve((asked, response) =>
      response.writeHead(302, { location: `${asked.path}x` }).end(),
    );
    const { client } = await home();
    await expect(client.head(app(registry), plain)).rejects.toThrow('without an end');
    expect(registry.asked).toHaveLength(6);
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data', 'is not secure'],
    ['https://169.254.169.254/latest/meta-data', 'is an address that is never asked'],
    ['https://[fe80::1]/', 'is an address that is never asked'],
    ['http://127.0.0.1:2375/v2/', 'is an address of container engines'],
    ['https://registry.example:2376/', 'is an address of container engines'],
    ['http://registry.example/', 'is not secure'],
    ['https://me:pass@registry.example/', 'has credentials in it'],
    ['file:///etc/passwd', 'is no web address'],
    ['http://[', 'leads to no address'],
  ])('to %s is not followed', async (location, words) => {
    const registry = await serve((_, response) => response.writeHead(302, { location }).end());
    const { client } = await home();
    await expect(client.head(app(registry), plain)).rejects.toThrow(words);
  });
});

describe('names that lead where no registry is', () => {
  test.each([
    '169.254.169.254/x:1',
    '[fe80::1]:5000/x:1',
    '0.0.0.0:5000/x:1',
    '100.100.100.200/x:1',
    'localhost:2375/x:1',
    '127.0.0.1:2376/x:1',
    '[::]:5000/x:1',
  ])('%s is not asked', async (name) => {
    const { client } = await home();
    await expect(client.head(named(name), plain)).rejects.toThrow('was not asked');
  });
});

test('of 1,000 references each login is seen by its own registry only', async () => {
  const ground = await home({ atOnce: () => ({ all: 8, perHost: 2 }) });
  const registries: WebServer[] = [];
  for (let n = 0; n < 5; n++)
    registries.push(
      await serve((asked, response) => {
        const isLed = asked.path.includes('/led-');
        const next = registries[(n + 1) % 5];
        if (asked.path.startsWith('/there'))
          response.writeHead(200, { 'docker-content-digest': DIGEST }).end();
        else if (asked.headers.authorization !== undefined && isLed)
          response.writeHead(302, { location: `${next?.url}/there` }).end();
        else closed(asked, response);
      }),
    );
  const logins = registries.map(({ host }, n) => [host, { auth: basic(`me:canary-${n}`) }]);
  await ground.login({ auths: Object.fromEntries(logins) as unknown });
  const references = Array.from({ length: 1_000 }, (_, n) => {
    const host = registries[n % 5]?.host ?? '';
    return named(`${host}/${n % 3 === 0 ? 'led-' : ''}app${n % 40}:${n}`);
  });
  const found = await Promise.all(references.map((each) => ground.client.head(each, plain)));
  expect(found).toHaveLength(1_000);
  for (const [n, registry] of registries.entries()) {
    const seen = new Set(given(registry).filter((each) => each !== undefined));
    expect([...seen]).toEqual([`Basic ${basic(`me:canary-${n}`)}`]);
    const there = registry.asked.filter(({ path }) => path.startsWith('/there'));
    expect(there.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  }
});
