import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hostTimers } from '../../../src/common/scheduling';
import { baseImage } from '../../support/baseImage';
import { certificates } from '../../support/certificates';
import { run } from '../../support/processes';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { putImage } from '../../support/registryImages';
import { startTokenIssuer, type TokenIssuer } from '../../support/tokenIssuer';
import { basic, makeGround, named, plain, type Ground } from './ground';

const amd64 = { os: 'linux', architecture: 'amd64' };
let ground: Ground;
beforeAll(async () => {
  ground = await makeGround();
});
afterAll(() => ground.end());

describe('an open registry', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  test('tells the digest that docker tells of its push', async () => {
    const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
    const name = `${registry.host}/team/pushed:1`;
    await run('docker', ['tag', baseImage, name], { env });
    const pushed = await run('docker', ['push', name], { env });
    const { digest } = await ground.client.head(named(name), plain);
    expect(pushed).toContain(`digest: ${digest}`);
    const id = (await run('docker', ['inspect', '-f', '{{.Id}}', name], { env })).trim();
    const image = await ground.client.onPlatform(named(name), digest, amd64, plain);
    expect(image).toEqual({ manifest: digest, config: id });
    await run('docker', ['rmi', name], { env });
  });

  test('tells of an image for several platforms the index, and of each platform its own', async () => {
    const platforms = ['linux/amd64', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm64/v8', 'windows/amd64'];
    const put = await putImage({ url: registry.url, repository: 'team/many', tag: '1', platforms });
    const reference = named(`${registry.host}/team/many:1`);
    expect(await ground.client.head(reference, plain)).toEqual({ digest: put.digest });
    const on = (architecture: string, variant?: string, os = 'linux') =>
      ground.client.onPlatform(
        reference,
        put.digest,
        { os, architecture, ...(variant && { variant }) },
        plain,
      );
    expect(await on('amd64')).toEqual(put.platforms[0]);
    expect(await on('arm', 'v6')).toEqual(put.platforms[1]);
    expect(await on('arm', 'v7')).toEqual(put.platforms[2]);
    expect(await on('arm64')).toEqual(put.platforms[3]);
    expect(await on('amd64', undefined, 'windows')).toEqual(put.platforms[4]);
    expect(await on('riscv64')).toBeUndefined();
  });

  test('of an image that it does not have it says so, by name and with the status', async () => {
    const asked = ground.client.head(named(`${registry.host}/team/none:1`), plain);
    await expect(asked).rejects.toThrow(`${registry.host} has no ${registry.host}/team/none:1`);
    await expect(asked).rejects.toMatchObject({ name: 'RegistryError', details: { status: 404 } });
  });
});

describe('a registry with htpasswd', () => {
  let registry: TestRegistry;
  let folder: string;
  let digest: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shipshape-htpasswd-'));
    // bcrypt of "pass:word", which has a colon in it as passwords may.
    await writeFile(
      join(folder, 'htpasswd'),
      'me:$2b$04$tiQnNcOgx2qKLfDzTAfKWeX/Cl1MfjXF1xx27N04JnByu.ulasT0a\n',
    );
    registry = await startRegistry({
      auth: `  htpasswd: {realm: basic, path: "${join(folder, 'htpasswd')}"}`,
    });
    const login = `Basic ${basic('me:pass:word')}`;
    ({ digest } = await putImage({
      url: registry.url,
      repository: 'team/app',
      tag: '1',
      authorization: login,
    }));
  });
  afterAll(async () => {
    await registry.stop();
    await rm(folder, { recursive: true });
  });

  test('is asked with the login that docker keeps for it, and with none of another', async () => {
    const reference = named(`${registry.host}/team/app:1`);
    await ground.login({ auths: { 'other.example': { auth: basic('me:pass:word') } } });
    await expect(ground.client.head(reference, plain)).rejects.toThrow(`use "docker login ${registry.host}"`);
    await ground.login({ auths: { [registry.host]: { auth: basic('me:wrong') } } });
    await expect(ground.client.head(reference, plain)).rejects.toThrow('wants a login');
    await ground.login({ auths: { [`http://${registry.host}/v1/`]: { auth: basic('me:pass:word') } } });
    expect(await ground.client.head(reference, plain)).toEqual({ digest });
  });

  test("is asked with what a container's own file holds, whatever docker keeps", async () => {
    const { client, end, login, write } = await makeGround();
    const reference = named(`${registry.host}/team/app:1`);
    await login({ auths: {} });
    const authFile = await write(
      'auth.json',
      JSON.stringify({ auths: { [registry.host]: { auth: basic('me:pass:word') } } }),
    );
    expect(await client.head(reference, { insecure: [], authFile })).toEqual({ digest });
    await expect(client.head(reference, plain)).rejects.toThrow('wants a login');
    const missing = client.head(reference, { insecure: [], authFile: `${authFile}x` });
    await expect(missing).rejects.toThrow(`${authFile}x cannot be read: there is no such file`);
    await end();
  });
});

describe('a registry with a token service', () => {
  let issuer: TokenIssuer;
  let registry: TestRegistry;
  let digest: string;
  let seconds = 60;
  const reference = () => named(`${registry.host}/team/app:1`);
  beforeAll(async () => {
    issuer = await startTokenIssuer('me:secret', () => seconds);
    registry = await startRegistry({ auth: issuer.auth });
    const authorization = `Bearer ${issuer.token('team/app')}`;
    ({ digest } = await putImage({ url: registry.url, repository: 'team/app', tag: '1', authorization }));
  });
  afterAll(async () => {
    await registry.stop();
    await issuer.stop();
  });

  test('its service gets the login only where the user says that it is the same house', async () => {
    const { client, end, login, told } = await makeGround();
    await login({ auths: { [registry.host]: { auth: basic('me:secret') } } });
    issuer.asked.length = 0;
    await expect(client.head(reference(), plain)).rejects.toThrow('wants a login');
    expect(issuer.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(told).toEqual([
      expect.stringContaining(`${registry.host} wants its logins sent to ${issuer.host}`),
    ]);
    await end();
  });

  test('gives a token for the image, which serves for the next request too', async () => {
    const { client, end, login } = await makeGround({ tokenHosts: () => ({ [registry.host]: issuer.host }) });
    await login({ auths: { [registry.host]: { auth: basic('me:secret') } } });
    issuer.asked.length = 0;
    expect(await client.head(reference(), plain)).toEqual({ digest });
    expect(await client.head(reference(), plain)).toEqual({ digest });
    expect(issuer.asked.map(({ path }) => path)).toEqual([
      '/token?account=1%2C2&service=registry&scope=repository%3Ateam%2Fapp%3Apull',
    ]);
    await end();
  });

  test('renews a token that is too old, once a request', async () => {
    const { client, end, login } = await makeGround({ tokenHosts: () => ({ [registry.host]: issuer.host }) });
    await login({ auths: { [registry.host]: { auth: basic('me:secret') } } });
    seconds = 1;
    issuer.asked.length = 0;
    for (let time = 0; time < 3; time++) expect(await client.head(reference(), plain)).toEqual({ digest });
    expect(issuer.asked).toHaveLength(3);
    seconds = 60;
    await end();
  });

  test('takes an identity token too', async () => {
    const { client, end, login } = await makeGround({ tokenHosts: () => ({ [registry.host]: issuer.host }) });
    await login({ auths: { [registry.host]: { identitytoken: 'me:secret' } } });
    issuer.asked.length = 0;
    expect(await client.head(reference(), plain)).toEqual({ digest });
    expect(issuer.asked).toMatchObject([
      { method: 'POST', body: expect.stringContaining('refresh_token=me%3Asecret') as string },
    ]);
    await end();
  });

  test('does not go on asking where the token is not enough', async () => {
    const { client, end } = await makeGround();
    issuer.asked.length = 0;
    await expect(client.head(reference(), plain)).rejects.toThrow('wants a login');
    expect(issuer.asked).toHaveLength(1);
    await end();
  });
});

describe('a registry with TLS', () => {
  const address = '10.231.251.1';
  let registry: TestRegistry;
  let folder: string;
  beforeAll(async () => {
    await run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
    folder = await mkdtemp(join(tmpdir(), 'shipshape-tls-'));
    await certificates(folder, address);
    registry = await startRegistry({ address, tls: folder });
  });
  afterAll(async () => {
    await registry.stop();
    await rm(folder, { recursive: true });
    await run('ip', ['address', 'del', `${address}/32`, 'dev', 'lo']);
  });

  test('is believed with the authority that engines have for it, and not without', async () => {
    let later = 0;
    const timers = { ...hostTimers, now: () => hostTimers.now() + later };
    const { client, end, home } = await makeGround({ timers });
    const reference = named(`${registry.host}/team/app:1`);
    await expect(client.head(reference, plain)).rejects.toThrow(
      /cannot be reached: .*self-signed certificate/,
    );
    await mkdir(join(home, 'certs.d', registry.host), { recursive: true });
    await run('cp', [join(folder, 'ca.pem'), join(home, 'certs.d', registry.host, 'ca.crt')]);
    later = 10_000;
    await expect(client.head(reference, plain)).rejects.toThrow('(status 404)');
    await rm(join(home, 'certs.d'), { recursive: true });
    await expect(client.head(reference, plain)).rejects.toThrow('(status 404)');
    await end();
  });

  test('is not asked without TLS unless the engine does so', async () => {
    const { client, end } = await makeGround();
    const reference = named(`${registry.host}/team/app:1`);
    for (const entry of [registry.host, address, '10.231.0.0/16']) {
      await expect(client.head(reference, { insecure: [entry] })).rejects.toThrow(/status 400|Data after/);
    }
    for (const entry of ['10.230.0.0/16', '10.231.251.2', `${address}:1`, 'x/8', '10.231.0.0/99']) {
      await expect(client.head(reference, { insecure: [entry] })).rejects.toThrow('self-signed certificate');
    }
    await end();
  });
});
