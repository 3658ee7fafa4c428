import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { run } from '../../support/processes';
import { startRegistry, type TestRegistry } from '../../support/registry';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

it('takes a push and tells the digest', async () => {
  const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
  const name = `${registry.host}/team/app:1`;
  await run('docker', ['tag', baseImage, name], { env });
  const pushed = await run('docker', ['push', name], { env });
  const headers = { accept: 'application/vnd.docker.distribution.manifest.v2+json' };
  const answer = await fetch(`${registry.url}/v2/team/app/manifests/1`, { method: 'HEAD', headers });
  expect(pushed).toContain(`digest: ${answer.headers.get('docker-content-digest') ?? 'none'}`);
});
