import { expect, it } from 'vitest';
import { DockerEngine } from '../../../src/engine/client';
import type { ResolvedEndpoint } from '../../../src/engine/endpoints';

const engineWith = (ca: string, change: Partial<ResolvedEndpoint> = {}): DockerEngine =>
  new DockerEngine({
    ...{ key: 'tcp://far:2376', name: 'far', endpoint: 'tcp://far:2376', env: { DOCKER_CONTEXT: 'far' } },
    transport: { kind: 'tcp', host: 'far', port: 2376, tls: { verify: true, ca: Buffer.from(ca) } },
    source: 'choice',
    ...change,
  });

it.each([
  ['all the same', true, engineWith('old', { source: 'currentContext' })],
  ['another name', false, engineWith('old', { name: 'near' })],
  ['another environment', false, engineWith('old', { env: { DOCKER_CONTEXT: 'near' } })],
  ['other certificates', false, engineWith('new')],
])('an engine with %s is reached in the same way: %s', (_, isSame, other) => {
  expect(engineWith('old').isReachedLike(other)).toBe(isSame);
});
