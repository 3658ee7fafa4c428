/** The images that dev containers are built on, on a real engine, by the real CLI, against a real registry. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { ImageCheck } from '../../../src/api';
import { silentLogger as logger } from '../../../src/common/logger';
import { hostTimers as timers } from '../../../src/common/scheduling';
import { containerBases } from '../../../src/core/containerBases';
import { containerKey } from '../../../src/core/identity';
import { ImageChecks } from '../../../src/core/imageChecks';
import { CONFIG_FILE, ForeignProject } from '../../support/bareCli';
import { baseImage } from '../../support/baseImage';
import { startCore, type Core } from '../../support/core';
import { waitFor } from '../../support/processes';
import { startRegistry, type TestRegistry } from '../../support/registry';
import { makeGround, type Ground } from '../registry/ground';

const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
const lifetimes = () => ({ status: 0, remote: 0, forced: 0 });
let registry: TestRegistry;
let ground: Ground;
let project: ForeignProject;
let core: Core;
let checks: ImageChecks;

const nameOf = (of: 'dev' | 'tools'): string => `${registry.host}/${of}:1`;

beforeEach(async () => {
  [registry, ground] = await Promise.all([startRegistry(), makeGround()]);
});
afterEach(async () => {
  checks.dispose();
  await core.discard(project.folder);
  await project.docker('rmi', '-f', nameOf('dev'), nameOf('tools'));
  await project.remove();
  await Promise.all([registry.stop(), ground.end()]);
});

/** Another image of this name, in the registry; on the engine the name keeps its meaning unless told. */
async function publish(of: 'dev' | 'tools', content: string, { isKept = true } = {}): Promise<void> {
  const [name, before] = [nameOf(of), `${nameOf(of)}-before`];
  const from = await project.docker('create', baseImage, 'true');
  const known = await project.docker('images', '-q', name);
  if (known !== '') await project.docker('tag', name, before);
  await project.docker('commit', '-c', `ENV CONTENT=${content}`, from, name);
  await project.docker('rm', from);
  await project.docker('push', '-q', name);
  if (known !== '' && isKept) await project.docker('tag', before, name);
  if (known !== '') await project.docker('rmi', before);
}

async function open(files: Record<string, string>): Promise<void> {
  project = await ForeignProject.make(files, env);
  await publish('dev', 'one');
  await publish('tools', 'one');
  core = await startCore({ dockerHost: inject('dockerHost'), folders: [project.folder] });
  const { engines, statuses } = core;
  checks = new ImageChecks({ engines, statuses, registry: ground.client, timers, logger, lifetimes });
  expect(await core.up(project.folder)).toMatchObject({ outcome: 'succeeded' });
  await core.inventory.complete();
}

async function check(): Promise<ImageCheck | undefined> {
  const { engine, containerId = '' } = core.item(project.folder);
  const snapshot = await core.inventory.complete();
  const row = snapshot.containers.find(({ key }) => key === containerKey(engine, containerId));
  const container = core.engines.find(engine)?.find(containerId);
  if (!row || !container) throw new Error('There is no container.');
  const bases = containerBases(snapshot, core.inputs)(row);
  const [found] = await checks.check([{ engine, container, bases }], { force: true });
  expect(core.item(project.folder).image).toEqual(found);
  return found;
}

/** What the user gets by Rebuild with Newer Base; gives what the new container was made from. */
async function rebuild(): Promise<string> {
  const { key } = core.item(project.folder);
  const outcome = await core.recreate.run('recreate', key, { pullsBases: true });
  expect(outcome).toMatchObject({ outcome: 'succeeded' });
  return project.docker('exec', outcome.containerId ?? '', 'sh', '-c', 'echo $CONTENT');
}

const dockerfile = (text: string) => ({
  [CONFIG_FILE]: JSON.stringify({ build: { dockerfile: 'Dockerfile', args: { VERSION: '1' } } }),
  '.devcontainer/Dockerfile': text,
});

test('a base is up to date, then outdated by the registry, then by a pull, and up to date once rebuilt', async () => {
  await open(
    dockerfile(
      `ARG VERSION=0\nFROM ${registry.host}/dev:$VERSION AS dev\nRUN echo built >/built\nFROM dev\nRUN echo more >/more\n`,
    ),
  );
  expect(await check()).toMatchObject({
    status: 'updated',
    reference: nameOf('dev'),
    file: project.path('.devcontainer/Dockerfile'),
    line: 2,
  });
  await publish('dev', 'two');
  const outdated = await check();
  expect(outdated).toMatchObject({
    status: 'outdated',
    reason: `${registry.host} has a newer image (${nameOf('dev')} in .devcontainer/Dockerfile, line 2, stage dev)`,
  });
  expect(outdated?.localDigest).toMatch(/^sha256:/);
  expect(outdated?.remoteDigest).toMatch(/^sha256:/);
  expect(outdated?.localDigest).not.toBe(outdated?.remoteDigest);
  await project.docker('pull', '-q', nameOf('dev'));
  const moved = await waitFor('the pulled image to be seen', async () => {
    const found = await check();
    return found?.reason?.includes('another image on this engine') && found;
  });
  expect(moved.status).toBe('outdated');
  expect(await core.recreateFolder(project.folder)).toMatchObject({ outcome: 'succeeded' });
  expect(await check()).toMatchObject({ status: 'updated', remoteDigest: outdated?.remoteDigest });
});

test('an image that lends files is compared too, and one of a stage that nobody needs is not', async () => {
  await open(
    dockerfile(
      `FROM ${nameOf('dev')} AS unused\nFROM ${baseImage}\nCOPY --from=${nameOf('tools')} /bin/sh /tool\n`,
    ),
  );
  await publish('dev', 'two');
  expect(await check()).toMatchObject({ status: 'updated', reference: nameOf('tools') });
  await publish('tools', 'two');
  expect(await check()).toMatchObject({ status: 'outdated', reference: nameOf('tools'), line: 3 });
});

test('an image that a configuration names is compared under another user too, for whom the CLI builds', async () => {
  await open({
    [CONFIG_FILE]: JSON.stringify({ image: nameOf('dev'), remoteUser: 'user', updateRemoteUserUID: true }),
  });
  expect(await check()).toMatchObject({ status: 'updated', reference: nameOf('dev') });
  await publish('dev', 'two');
  expect(await check()).toMatchObject({ status: 'outdated', reference: nameOf('dev') });
  expect(await rebuild()).toBe('two');
  expect(await check()).toMatchObject({ status: 'updated', reference: nameOf('dev') });
});

test('bases of Compose services are those of the service', async () => {
  await open({
    [CONFIG_FILE]: JSON.stringify({ dockerComposeFile: 'compose.yml', service: 'app' }),
    '.devcontainer/compose.yml': `version: '3'\nservices:\n  app: { build: ., command: sleep 1d }\n`,
    '.devcontainer/Dockerfile': `FROM ${nameOf('dev')}\nRUN true\n`,
  });
  expect(await check()).toMatchObject({ status: 'updated', reference: nameOf('dev') });
  await publish('dev', 'two');
  expect(await check()).toMatchObject({ status: 'outdated', line: 1 });
  expect(await rebuild()).toBe('two');
  expect(await check()).toMatchObject({ status: 'updated', line: 1 });
});

test('a base that cannot be pulled leaves the container as it is, and says why', async () => {
  await open(dockerfile(`FROM ${nameOf('dev')}\nRUN true\n`));
  const before = core.item(project.folder);
  await registry.stop();
  const outcome = await core.recreate.run('recreate', before.key, { pullsBases: true });
  expect(outcome.outcome).toBe('failed');
  expect(outcome.failure?.message).toContain(registry.host);
  expect(core.item(project.folder)).toMatchObject({ containerId: before.containerId, state: 'running' });
});
