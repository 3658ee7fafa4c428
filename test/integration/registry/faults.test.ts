import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { bodyDigest } from '../../../src/registry/manifests';
import type { WebServer } from '../../support/webServer';
import { makeGround, named, plain, serve, type Ground } from './ground';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const TYPE = 'application/vnd.oci.image.manifest.v1+json';
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function client(options: Parameters<typeof makeGround>[0] = {}): Promise<Ground['client']> {
  const ground = await makeGround(options);
  ends.push(() => ground.end());
  return ground.client;
}

const fine = (response: ServerResponse): unknown =>
  response.writeHead(200, { 'content-type': TYPE, 'docker-content-digest': DIGEST }).end();
const app = ({ host }: WebServer, tag = '1') => named(`${host}/team/app:${tag}`);

describe('what a registry says of a digest', () => {
  test('is asked for with one HEAD that accepts all four kinds of manifest', async () => {
    const registry = await serve((_, response) => fine(response));
    expect(await (await client()).head(app(registry), plain)).toEqual({ digest: DIGEST });
    expect(registry.asked).toHaveLength(1);
    expect(registry.asked[0]).toMatchObject({ method: 'HEAD', path: '/v2/team/app/manifests/1' });
    expect(registry.asked[0]?.headers.accept?.split(', ')).toEqual([
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      TYPE,
      'application/vnd.docker.distribution.manifest.v2+json',
    ]);
  });

  test('that is missing is worked out from the manifest itself', async () => {
    const registry = await serve(({ method }, response) => response.end(method === 'GET' ? '{}' : undefined));
    const { digest } = await (await client()).head(app(registry), plain);
    expect(digest).toBe(bodyDigest(Buffer.from('{}')));
    expect(registry.asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test.each(['', 'sha256:abc', `md5:${'a'.repeat(32)}`, `${DIGEST}, ${DIGEST}`])(
    'that makes no sense is an error: %j',
    async (digest) => {
      const registry = await serve((_, response) =>
        response.writeHead(200, { 'docker-content-digest': digest }).end(),
      );
      await expect((await client()).head(app(registry), plain)).rejects.toThrow('contradicts itself');
    },
  );

  test('that the manifest does not have is an error, never an update', async () => {
    const registry = await serve((_, response) =>
      response.writeHead(200, { 'docker-content-digest': DIGEST }).end('{"other":1}'),
    );
    const platform = { os: 'linux', architecture: 'amd64' };
    const asked = (await client()).onPlatform(app(registry), DIGEST, platform, plain);
    await expect(asked).rejects.toThrow('contradicts itself');
  });

  test('of a format of the past is no digest of an engine', async () => {
    const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    const registry = await serve((_, response) =>
      response.writeHead(200, { 'content-type': type, 'docker-content-digest': DIGEST }).end(),
    );
    await expect((await client()).head(app(registry), plain)).rejects.toThrow('is too old');
  });
});

describe('a registry that is in trouble', () => {
  test('is asked three times, and an answer that comes then counts', async () => {
    let times = 0;
    const registry = await serve((_, response) => {
      times++;
      if (times === 1) response.writeHead(503).end();
      else if (times === 2) response.destroy();
      else fine(response);
    });
    expect(await (await client()).head(app(registry), plain)).toEqual({ digest: DIGEST });
    expect(registry.asked).toHaveLength(3);
  });

  test('that stays so is told with its status', async () => {
    const registry = await serve((_, response) => response.writeHead(502).end());
    const asked = (await client()).head(app(registry), plain);
    await expect(asked).rejects.toThrow(`${registry.host} answered with status 502 when asked for`);
    await expect(asked).rejects.toMatchObject({ details: { status: 502 } });
    expect(registry.asked).toHaveLength(3);
  });

  test.each([
    [401, 'wants a login'],
    [403, 'does not let you see'],
    [404, 'or does not let you see it'],
  ])('that refuses with %i is asked once, and says why', async (status, words) => {
    const registry = await serve((_, response) => response.writeHead(status).end());
    await expect((await client()).head(app(registry), plain)).rejects.toThrow(words);
    expect(registry.asked).toHaveLength(1);
  });

  test('that is not there is told by name', async () => {
    const registry = await serve(() => undefined);
    await registry.stop();
    const asked = (await client()).head(app(registry), plain);
    await expect(asked).rejects.toThrow(`${registry.host} cannot be reached: connect ECONNREFUSED`);
  });

  test.each<[string, (response: ServerResponse) => unknown, number]>([
    ['never answers', () => undefined, 1],
    ['never ends its answer', (response) => response.writeHead(200).write('{'), 2],
  ])('that %s is given up in time, and not asked again', async (_, answer, questions) => {
    const registry = await serve(({ method }, response) =>
      method === 'HEAD' && questions === 2 ? response.end() : answer(response),
    );
    const asked = (await client({ limitMs: 300 })).head(app(registry), plain);
    await expect(asked).rejects.toThrow(`${registry.host} did not answer within 0.3 s.`);
    expect(registry.asked).toHaveLength(questions);
  });

  test('whose answer has no end is not read to it', async () => {
    let sent = 0;
    const registry = await serve(({ method }, response) => {
      if (method === 'HEAD') return response.end();
      const more = (): void => {
        for (let isReady = true; isReady && !response.destroyed; sent += 64 * 1024)
          isReady = response.write(Buffer.alloc(64 * 1024));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    await expect((await client()).head(app(registry), plain)).rejects.toThrow('more than 4 MiB');
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test('whose headers have no end is not read either', async () => {
    const registry = await serve((_, response) => response.writeHead(200, { x: 'x'.repeat(20_000) }).end());
    await expect((await client()).head(app(registry), plain)).rejects.toThrow('too many headers');
  });

  test('is not waited for by who gives up', async () => {
    const registry = await serve(() => undefined);
    const stop = new AbortController();
    const asked = (await client()).head(app(registry), plain, stop.signal);
    const given = expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => registry.asked.length).toBe(1);
    stop.abort();
    await given;
  });
});

describe('how many requests there are', () => {
  test('at most two at once to one host, and eight to all', async () => {
    const held: ServerResponse[] = [];
    const hosts = await Promise.all(
      Array.from({ length: 6 }, () => serve((_, response) => held.push(response))),
    );
    const registries = await client();
    const asked = hosts.flatMap((host) =>
      Array.from({ length: 10 }, (_, n) => registries.head(app(host, `${n}`), plain)),
    );
    await expect.poll(() => held.length).toBe(8);
    let most = 0;
    while (hosts.some((host) => host.asked.length < 10) || held.length > 0) {
      most = Math.max(most, held.length);
      for (const response of held.splice(0, 1)) fine(response);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(asked);
    expect(hosts.map((host) => host.most())).toEqual([2, 2, 2, 2, 2, 2]);
    expect(most).toBe(8);
  });

  test.each([
    ['seconds', '120', 120],
    ['a date', () => new Date(Date.now() + 90_000).toUTCString(), 90],
    ['nothing', undefined, 60],
    ['nonsense', 'soon', 60],
    ['a year', '31536000', 3_600],
  ])('a host that wants a pause, with %s, gets it, and others go on', async (_, retryAfter, seconds) => {
    const value = typeof retryAfter === 'function' ? retryAfter() : retryAfter;
    const limited = await serve((__, response) =>
      response.writeHead(429, value === undefined ? {} : { 'retry-after': value }).end(),
    );
    const other = await serve((__, response) => fine(response));
    const registries = await client();
    const began = Date.now();
    const failure = await registries.head(app(limited), plain).catch((error: unknown) => error);
    expect((failure as Error).message).toMatch(/\(status 429\): rate limited until \d/);
    const { retryAt } = (failure as { details: { retryAt: number } }).details;
    expect(Math.abs(retryAt - began - seconds * 1_000)).toBeLessThan(2_000);
    await expect(registries.head(app(limited, '2'), plain)).rejects.toThrow('rate limited until');
    expect(limited.asked).toHaveLength(1);
    expect(await registries.head(app(other), plain)).toEqual({ digest: DIGEST });
  });

  test('one at a time where the host says that little is left', async () => {
    const held: ServerResponse[] = [];
    const registry = await serve((asked, response) => {
      response.setHeader('ratelimit-limit', '100;w=21600').setHeader('ratelimit-remaining', '9;w=21600');
      if (asked.path.endsWith('first')) fine(response);
      else held.push(response);
    });
    const registries = await client();
    await registries.head(app(registry, 'first'), plain);
    const asked = ['a', 'b', 'c'].map((tag) => registries.head(app(registry, tag), plain));
    while (registry.asked.length <= asked.length || held.length > 0) {
      await expect.poll(() => held.length).toBe(1);
      for (const response of held.splice(0)) fine(response);
    }
    await Promise.all(asked);
    expect(registry.most()).toBe(1);
  });
});
