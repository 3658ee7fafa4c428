import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { UpdateReport } from '../../../src/api';
import type { UpdateOptions } from '../../../src/core/updateParts';
import { startCore, type Core } from '../../support/core';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { run } from '../../support/processes';
import { pushImage } from '../../support/pushedImage';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { RecreateGround } from '../../support/recreateGround';
import { updateNamed } from '../../support/updates';
import { docker, unique } from '../engine/support';
import { makeGround, type Ground } from '../registry/ground';

const RUNS = ['CMD ["sleep","1000"]', 'STOPSIGNAL KILL'];
const ENDS = ['CMD ["sh","-c","exit 3"]'];
let registry: TestRegistry;
let ground: Ground;
let podman: TestPodman;
let core: Core;
let storage: string;

beforeAll(async () => {
  [registry, ground] = await Promise.all([startRegistry(), makeGround()]);
  podman = await startPodmanEngine([registry.host]);
});
afterAll(() => Promise.all([registry.stop(), ground.end(), podman.stop()]));

/** An image of its own content under the name, in the registry only; gives its digest. */
const push = (name: string, lines: readonly string[] = RUNS): Promise<string> =>
  pushImage(inject('dockerHost'), name, [...lines, `LABEL content=${unique('c')}`]);

const updateAll = (names: readonly string[], options?: UpdateOptions): Promise<readonly UpdateReport[]> =>
  updateNamed({ core, storage, registries: ground.client }, names, options);

const ends = (reports: readonly UpdateReport[]): string[] => reports.map(({ updated }) => updated);

describe.each([
  ['Docker', () => inject('dockerHost')],
  ['Podman', () => podman.endpoint],
])('an update on a real %s', (kind, hostOf) => {
  const made: string[] = [];
  const on = (...args: string[]): Promise<string> => docker(hostOf(), ...args);
  const name = (): string => `${registry.host}/team/${kind.toLowerCase()}:1`;
  beforeAll(async () => {
    storage = await mkdtemp(join(tmpdir(), 'shipshape-update-'));
    core = await startCore({ dockerHost: hostOf(), folders: [] });
  });
  afterAll(async () => {
    await core.dispose();
    await on('rm', '-f', '-v', ...made);
    await on('rmi', '-f', name());
    await rm(storage, { recursive: true });
  });

  async function start(prefix: string, ...options: string[]): Promise<string> {
    const container = unique(prefix);
    made.push(container);
    await on('run', '-d', '--name', container, ...options, name());
    return container;
  }
  const look = (container: string): Promise<string> =>
    on('inspect', '-f', '{{.State.Status}} {{.Id}} {{.Image}}', container);
  const imageId = (): Promise<string> => on('inspect', '-f', '{{.Id}}', name());

  test(
    'moves to the newer image, or goes back and leaves it out until there is another',
    { timeout: 180_000 },
    async () => {
      const from = await push(name());
      await on('pull', name());
      const [one, two] = [await start('one', '-e', 'OWN=1'), await start('two')];
      const before = [await look(one), await look(two)];
      const old = await imageId();
      expect(ends(await updateAll([one, two]))).toEqual(['false', 'false']);

      const bad = await push(name(), ENDS);
      expect(await updateAll([one, two], { dryRun: true })).toMatchObject([
        { updated: 'pending', to: bad },
        { updated: 'pending', to: bad },
      ]);
      expect(await imageId()).toBe(old);
      const [first, second] = await updateAll([one, two]);
      expect(first).toMatchObject({ updated: 'rolled back', to: bad });
      if (kind === 'Docker') expect(first).toMatchObject({ from });
      expect(first?.error).toBe('The new container ended right after its start (exit code 3).');
      expect(second).toMatchObject({ updated: 'false', isQuarantined: true });
      expect([await look(one), await look(two)]).toEqual(before);
      expect(await imageId()).toBe(old);

      const good = await push(name());
      const reports = await updateAll([one, two]);
      expect(reports).toMatchObject([
        { updated: 'true', to: good },
        { updated: 'true', to: good },
      ]);
      for (const [index, container] of [one, two].entries()) {
        expect(await look(container)).toMatch(`running ${reports[index]?.newContainerId ?? ''}`);
        expect(await look(container)).toContain((await imageId()).replace('sha256:', ''));
      }
      expect(await on('inspect', '-f', '{{.Config.Env}}', one)).toContain('OWN=1');
      const names = (await on('ps', '-a', '--format', '{{.Names}}')).split('\n');
      expect(names.filter((each) => [one, two].some((own) => each.startsWith(`${own}_`)))).toEqual([]);
      expect(ends(await updateAll([one, two]))).toEqual(['false', 'false']);
    },
  );

  const health = ['--health-interval', '1s', '--health-retries', '2', '--health-cmd'];
  // Podman leaves the checks to systemd, which need not be here.
  // The Podman of the tests has no systemd to run health checks.
  if (kind === 'Docker')
    test('waits until the new one is healthy', { timeout: 180_000 }, async () => {
      await push(name());
      await on('pull', name());
      const healthy = await start('well', ...health, 'true');
      const sick = await start('sick', ...health, 'test ! -e /new');
      const old = await look(sick);
      await push(name(), [...RUNS, 'RUN touch /new']);
      const reports = await updateAll([healthy, sick]);
      expect(ends(reports)).toEqual(['true', 'rolled back']);
      expect(reports[1]?.error).toContain('unhealthy');
      expect(await look(sick)).toBe(old);
      expect(await on('inspect', '-f', '{{.State.Health.Status}}', healthy)).toBe('healthy');
    });
});

describe('a Compose project', () => {
  const project = unique('shop').replace(/-/g, '');
  const name = (): string => `${registry.host}/team/compose:1`;
  const env = (): NodeJS.ProcessEnv => ({ ...process.env, DOCKER_HOST: inject('dockerHost') });
  let folder: string;
  const compose = (...args: string[]): Promise<string> =>
    run('docker-compose', ['-p', project, ...args], { env: env(), cwd: folder });

  beforeAll(async () => {
    storage = await mkdtemp(join(tmpdir(), 'shipshape-update-'));
    folder = await mkdtemp(join(tmpdir(), 'shipshape-shop-'));
    core = await startCore({ dockerHost: inject('dockerHost'), folders: [] });
    await writeFile(
      join(folder, 'docker-compose.yml'),
      `version: "2.4"
services:
  db: { image: "${name()}", volumes: ["/data"] }
  web: { image: "${name()}", depends_on: [db], networks: { default: { aliases: [www] } } }
`,
    );
  });
  afterAll(async () => {
    await core.dispose();
    await compose('down', '-v', '-t', '0');
    await docker(inject('dockerHost'), 'rmi', '-f', name());
    for (const each of [folder, storage]) await rm(each, { recursive: true });
  });

  test('is updated as a whole, keeps its volumes, and is still its own', { timeout: 180_000 }, async () => {
    await push(name());
    await compose('up', '-d');
    const [db, web] = [`${project}_db_1`, `${project}_web_1`];
    await docker(inject('dockerHost'), 'exec', db, 'sh', '-c', 'echo kept > /data/file');
    await push(name());
    const reports = await updateAll([web, db]);
    expect(reports).toMatchObject([
      { updated: 'true', unit: project, project },
      { updated: 'true', unit: project, project },
    ]);
    expect(await docker(inject('dockerHost'), 'exec', db, 'cat', '/data/file')).toBe('kept');
    expect((await compose('ps', '-q')).trim().split('\n').sort()).toEqual(
      reports.map(({ newContainerId }) => newContainerId).sort(),
    );
    expect(await docker(inject('dockerHost'), 'exec', web, 'nslookup', 'www')).toContain('Address');
  });

  test('goes back as a whole where one of it does not run', { timeout: 180_000 }, async () => {
    const [db, web] = [`${project}_db_1`, `${project}_web_1`];
    const ids = (await compose('ps', '-q')).trim().split('\n').sort();
    await push(name(), ['CMD ["sh","-c","hostname | grep -q nothing"]']);
    expect(ends(await updateAll([web, db]))).toEqual(['rolled back', 'rolled back']);
    expect((await compose('ps', '-q')).trim().split('\n').sort()).toEqual(ids);
  });
});

describe('a dev container', () => {
  const shop = new RecreateGround(() => inject('dockerHost'));
  const name = (): string => `${registry.host}/team/dev:1`;
  beforeAll(async () => (storage = await mkdtemp(join(tmpdir(), 'shipshape-update-'))));
  afterAll(async () => {
    await shop.close();
    await docker(inject('dockerHost'), 'rmi', '-f', name());
    await rm(storage, { recursive: true });
  });

  test('is updated by the safe recreate', { timeout: 180_000 }, async () => {
    await push(name());
    await shop.open({ 'devcontainer.json': { image: name(), updateRemoteUserUID: false } });
    await shop.run('up');
    core = shop.core;
    const { key, containerId: old = '' } = shop.item();
    const to = await push(name());
    const container = shop.docker('inspect', '-f', '{{slice .Name 1}}', old);
    const [report] = await updateAll([container]);
    expect(report).toMatchObject({ updated: 'true', unit: key, to, containerId: old });
    expect(shop.left()).toEqual([`${report?.newContainerId ?? ''} running`]);
    expect(shop.docker('inspect', '-f', '{{.Image}}', report?.newContainerId ?? '')).toBe(
      shop.docker('inspect', '-f', '{{.Id}}', name()),
    );
  });
});
