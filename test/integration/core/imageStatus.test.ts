import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ImageCheck } from '../../../src/api';
import { silentLogger as logger } from '../../../src/common/logger';
import { hostTimers as timers } from '../../../src/common/scheduling';
import { ImageChecks } from '../../../src/core/imageChecks';
import { baseImage } from '../../support/baseImage';
import { startCore, type Core } from '../../support/core';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { run, waitFor } from '../../support/processes';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { putImage, putIndex } from '../../support/registryImages';
import { makeGround, type Ground } from '../registry/ground';

const AMD64 = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
const OTHER = 'linux/riscv64';
/** So does Podman call what it builds. */
const LOCAL = 'localhost/shipshape-test/local:1';
let registry: TestRegistry;
let ground: Ground;
let podman: TestPodman;

beforeAll(async () => {
  [registry, ground, podman] = await Promise.all([startRegistry(), makeGround(), startPodmanEngine()]);
});

afterAll(async () => {
  await Promise.all([registry.stop(), ground.end(), podman.stop()]);
});

/** How to talk to an engine's images: each has a command of its own. */
interface Engine {
  readonly host: () => string;
  readonly command: (...args: string[]) => Promise<string>;
  readonly loopback: readonly string[];
}

const engines: Record<string, Engine> = {
  Docker: {
    host: () => inject('dockerHost'),
    command: (...args) => run('docker', args, { env: { ...process.env, DOCKER_HOST: inject('dockerHost') } }),
    loopback: [],
  },
  Podman: {
    host: () => podman.endpoint,
    command: (...args) => run('podman', args, { env: podman.env }),
    loopback: ['--tls-verify=false'],
  },
};

describe.each(Object.entries(engines))('the images of a %s', (kind, engine) => {
  const repository = `team/${kind.toLowerCase()}`;
  const name = (): string => `${registry.host}/${repository}:1`;
  const made: string[] = [];
  let core: Core;
  let checks: ImageChecks;

  beforeAll(async () => {
    core = await startCore({ dockerHost: engine.host(), folders: [] });
    const { engines: all, statuses } = core;
    checks = new ImageChecks({ engines: all, statuses, registry: ground.client, timers, logger });
  });
  afterAll(async () => {
    checks.dispose();
    await core.dispose();
    await engine.command('rm', '-f', ...made);
    await engine.command('rmi', '-f', name(), LOCAL);
  });

  const push = async (): Promise<void> => {
    await engine.command('push', ...engine.loopback, name());
  };
  const pull = (image = name()): Promise<string> => engine.command('pull', ...engine.loopback, image);
  /** An image of this name, like no other. */
  async function build(content: string, as = name()): Promise<void> {
    const from = (await engine.command('create', baseImage, 'true')).trim();
    await engine.command('commit', '-c', `LABEL content=${content}`, from, as);
    await engine.command('rm', from);
  }
  async function container(image: string): Promise<string> {
    const id = (await engine.command('run', '-d', '--stop-timeout', '0', image, 'sleep', '1000')).trim();
    made.push(id);
    return id;
  }
  async function check(id: string): Promise<ImageCheck | undefined> {
    const [store] = core.engines.stores;
    const facts = await waitFor('the container to be seen running', () => {
      const found = store?.find(id);
      return found?.state === 'running' && found;
    });
    const [found] = await checks.check([{ engine: store?.engine.key ?? '', container: facts }], {
      force: true,
    });
    return found;
  }
  const manifestDigest = async (): Promise<string> => {
    const answer = await fetch(`${registry.url}/v2/${repository}/manifests/1`, {
      method: 'HEAD',
      headers: {
        accept:
          'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json',
      },
    });
    return answer.headers.get('docker-content-digest') ?? '';
  };

  test('are told by the engine in one way: names, digests, platform, and none of those that are not there', async () => {
    const port = core.engines.stores[0]?.engine;
    await build('facts');
    const id = (await port?.imageId(name())) ?? '';
    expect(await port?.image(id)).toMatchObject({
      id,
      repoTags: [name()],
      platform: { os: 'linux', architecture: AMD64.split('/')[1] },
    });
    await push();
    const digests = (await port?.image(id))?.repoDigests;
    expect(digests).toHaveLength(1);
    // Podman gives digests to what it builds, and another one to what it sends.
    if (kind === 'Docker')
      expect(digests?.[0]).toBe(`${registry.host}/${repository}@${await manifestDigest()}`);
    const base = (await port?.imageId(baseImage)) ?? '';
    const [layers, steps] = [(await port?.image(base))?.layers ?? [], (await port?.imageHistory(base)) ?? []];
    expect(layers).toHaveLength(1);
    expect((await port?.image(id))?.layers.slice(0, 1)).toEqual(layers);
    expect(steps).toHaveLength(1);
    expect(await port?.imageHistory(id)).toEqual([...steps, expect.any(String)]);
    expect(await port?.imageHistory(`sha256:${'0'.repeat(64)}`)).toEqual([]);
    expect(await port?.image(`sha256:${'0'.repeat(64)}`)).toBeUndefined();
    expect(await port?.image('no image')).toBeUndefined();
    expect(await port?.insecureRegistries()).toEqual(kind === 'Docker' ? ['127.0.0.0/8'] : []);
  });

  test('for several platforms are up to date by their index, and by their platform where only others changed', async () => {
    await build('one');
    await push();
    const put = { url: registry.url, repository, tag: '1' };
    const own = await manifestDigest();
    const foreign = (content: string) =>
      putImage({ ...put, tag: 'foreign', platforms: [OTHER], content }).then(({ digest }) => digest);
    const index = await putIndex(put, { [AMD64]: own, [OTHER]: await foreign('a') });
    await engine.command('rmi', name());
    await pull();
    const id = await container(name());
    expect(await check(id)).toMatchObject({ status: 'updated', reference: name(), remoteDigest: index });
    const next = await putIndex(put, { [AMD64]: own, [OTHER]: await foreign('b') });
    expect(next).not.toBe(index);
    await core.engines.refresh();
    const again = await waitFor('the new index', async () => {
      const found = await check(id);
      return found?.remoteDigest === next && found;
    });
    expect(again.status).toBe('updated');
  });

  test('are outdated by the registry, then by a pull, and up to date in a new container', async () => {
    await build('old');
    await push();
    const id = await container(name());
    expect(await check(id)).toMatchObject({ status: 'updated' });
    await build('new');
    await push();
    const moved = await waitFor('the moved name', async () => {
      await core.engines.refresh();
      const found = await check(id);
      return found?.status === 'outdated' && found;
    });
    expect(moved).toMatchObject({
      reference: name(),
      reason: `${name()} is another image on this engine by now`,
    });
    expect(await check(await container(name()))).toMatchObject({ status: 'updated' });
  });

  test('that are pinned or were built here are named so', async () => {
    await build('pinned');
    await push();
    const reference = `${registry.host}/${repository}@${await manifestDigest()}`;
    await pull(reference);
    expect(await check(await container(reference))).toMatchObject({
      status: 'skipped',
      reason: 'pinned to a digest',
    });
    await build('local', LOCAL);
    const local = await check(await container(LOCAL));
    expect(local).toMatchObject({ status: 'skipped', reason: 'built locally' });
  });
});
