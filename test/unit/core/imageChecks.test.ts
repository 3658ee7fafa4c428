import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { RegistryError } from '../../../src/core/imagePorts';
import type { ContainerFacts } from '../../../src/core/ports';
import { container } from '../../support/fakeEngine';
import { A, B, C, imageGround as ground, sha } from '../../support/imageGround';

describe('the status of a container', () => {
  test('is updated when any of its digests is what the name means in its registry', async () => {
    const { registry, add, one, timers } = await ground();
    const check = await one(
      add('1', 'ghcr.io/org/app:1', { digests: [`other@${B}`, `ghcr.io/org/app@${A}`] }),
    );
    expect(check).toEqual({
      reference: 'ghcr.io/org/app:1',
      status: 'updated',
      reason: 'the same as in its registry',
      localDigest: A,
      remoteDigest: A,
      checkedAt: timers.now(),
    });
    expect(registry.heads).toEqual(['ghcr.io/org/app:1']);
    expect(registry.gets).toEqual([]);
  });

  test('is outdated when the name means another image on its platform, and updated when only the index is another', async () => {
    const { registry, add, one } = await ground();
    registry.digests.set('docker.io/library/app:1', B);
    registry.platforms.set(B, { manifest: C, config: sha('9') });
    expect(await one(add('1', 'app:1'))).toMatchObject({
      status: 'outdated',
      reason: 'docker.io has a newer image',
      localDigest: A,
      remoteDigest: B,
    });
    expect(await one(add('2', 'app:1', { digests: [`app@${A}`, `app@${C}`] }))).toMatchObject({
      status: 'updated',
    });
    expect(await one(add('9', 'app:1'))).toMatchObject({ status: 'updated' });
    expect(registry.gets).toEqual([B]);
  });

  test('is skipped, with the reason, where there is nothing to compare, and nobody is asked', async () => {
    const { engine, registry, add, one } = await ground();
    const skipped = async (each: ContainerFacts) => {
      const check = await one(each);
      return check?.status === 'skipped' ? check.reason : check;
    };
    expect(await skipped(add('1', `app:1@${A}`))).toBe('pinned to a digest');
    expect(await skipped(add('2', 'app:1', { digests: [] }))).toBe('built locally');
    expect(await skipped(add('3', 'localhost/app:1'))).toBe('built locally');
    expect(await skipped(add('8', 'docker.io/library/vsc-app-1f2e:latest'))).toBe('built locally');
    expect(await skipped(add('7', 'app:7', { digests: [`ghcr.io/app@${A}`, `org/app@${A}`] }))).toBe(
      'built locally, or pulled under another name',
    );
    expect(await skipped(container('4', { image: sha('4'), imageId: sha('4') }))).toBe(
      'made from an image without a name',
    );
    expect(await skipped(container('5', { image: 'gone:1', imageId: sha('5') }))).toBe(
      'image gone from the engine',
    );
    engine.failure = new ShipshapeError('engineSilent', 'it hangs');
    expect(await skipped(add('6', 'app:6'))).toBe('not looked at: it hangs');
    expect(registry.heads).toEqual([]);
  });

  test('is preparing before the first start', async () => {
    const { registry, add, one } = await ground();
    expect(await one(add('1', 'app:1', { state: 'created' }))).toMatchObject({ status: 'preparing' });
    expect(registry.heads).toEqual([]);
  });

  test('is outdated without the registry when the name means another image here', async () => {
    const { engine, registry, add, one } = await ground();
    engine.images.set('app:1', sha('7'));
    expect(await one(add('1', 'app:1', { tags: [] }))).toMatchObject({
      status: 'outdated',
      reason: 'app:1 is another image on this engine by now',
    });
    engine.images.delete('app:1');
    expect(await one(add('2', 'app:2', { tags: [] }))).toMatchObject({ status: 'updated' });
    expect(registry.heads).toEqual(['docker.io/library/app:2']);
  });

  test('is an error with the registry’s words, and never an answer: the next check asks again', async () => {
    const { registry, add, one } = await ground();
    registry.failure = new RegistryError('ghcr.io answered with status 503.', { status: 503 });
    const app = add('1', 'app:1');
    for (const force of [false, true]) {
      expect(await one(app, force)).toMatchObject({
        status: 'error',
        reason: 'ghcr.io answered with status 503.',
      });
    }
    registry.failure = undefined;
    expect(await one(app)).toMatchObject({ status: 'updated' });
    expect(registry.heads).toHaveLength(3);
  });

  test('is processing until it is known, and told when it changes', async () => {
    const { statuses, registry, add, run, timers } = await ground();
    const told: unknown[] = [];
    const app = add('1', 'app:1');
    statuses.onDidChange(() => told.push(statuses.of('fake', app)?.status));
    await run([app]);
    await timers.pass(600_000);
    registry.digests.set('docker.io/library/app:1', B);
    registry.platforms.set(B, { manifest: B, config: B });
    await run([app]);
    expect(told).toEqual(['processing', 'updated', 'outdated']);
  });

  test('is asked for with what the engine and the container say', async () => {
    const { engine, registry, add, one } = await ground();
    engine.insecure = ['registry.lan:5000'];
    await one(add('1', 'app:1', { labels: { 'io.containers.autoupdate.authfile': '/a.json' } }));
    expect(registry.access).toEqual({ insecure: ['registry.lan:5000'], authFile: '/a.json' });
  });
});
