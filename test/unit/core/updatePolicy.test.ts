import { describe, expect, it } from 'vitest';
import { askedName } from '../../../src/core/imageSubject';
import { policyOf, registryReference } from '../../../src/core/updatePolicy';

describe('the policy of a container', () => {
  it.each([
    [undefined, undefined],
    ['', 'disabled'],
    ['disabled', 'disabled'],
    ['registry', 'registry'],
    ['image', 'registry'],
    ['local', 'local'],
  ])('is for the label %j %j', (label, policy) => {
    expect(policyOf(label === undefined ? {} : { 'io.containers.autoupdate': label })).toBe(policy);
  });

  it.each(['Registry', 'always', 'constructor', '__proto__', ' registry', '\u001b[31mlocal'])(
    'is an error that lists the valid ones for %j',
    (label) => {
      expect(() => policyOf({ 'io.containers.autoupdate': label })).toThrow(
        /io\.containers\.autoupdate says ".*": valid are disabled, image, local, registry\.$/,
      );
    },
  );

  it('never repeats what could harm a terminal', () => {
    expect(() => policyOf({ 'io.containers.autoupdate': '\u001b[31m\u202e' })).not.toThrow(/\u001b|\u202e/);
  });
});

describe('a name that is updated from a registry', () => {
  it.each([
    ['docker.io/library/debian:12', 'docker.io', 'library/debian'],
    ['ghcr.io/org/app:latest', 'ghcr.io', 'org/app'],
    ['127.0.0.1:5000/app:1', '127.0.0.1:5000', 'app'],
    ['docker://quay.io/org/app:1', 'quay.io', 'org/app'],
    ['localhost/app:1', 'localhost', 'app'],
  ])('may be %s', (image, host, path) => {
    expect(registryReference(image)).toMatchObject({ host, path });
  });

  it.each([
    ['debian:12', /its registry is not named; docker\.io\/library\/debian:12 would be/],
    ['org/app:1', /its registry is not named; docker\.io\/org\/app:1 would be/],
    ['index.docker.io/org/app:1', /its registry is not named/],
    ['ghcr.io/org/app', /it has no tag; ghcr\.io\/org\/app:latest has/],
    ['127.0.0.1:5000/app', /it has no tag/],
    [`ghcr.io/org/app:1@sha256:${'0'.repeat(64)}`, /pinned to a digest/],
    ['oci-archive:///tmp/a.tar', /oci-archive:\/\/ is no registry/],
    ['dir:/tmp/a', /no name of an image/],
    [`sha256:${'a'.repeat(64)}`, /image without a name/],
    ['', /image without a name/],
    ['ghcr.io/ORG/app:1', /no name of an image/],
  ])('may not be %s', (image, why) => {
    expect(() => registryReference(image)).toThrow(why);
  });
});

describe('the name of the image of a task of a Swarm service', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const labels = { 'com.docker.swarm.service.name': 'web' };

  it.each([
    [`ghcr.io/team/app:1@${digest}`, labels, 'ghcr.io/team/app:1'],
    [`host:5000/app@${digest}`, labels, `host:5000/app@${digest}`],
    [`ghcr.io/team/app:1@${digest}`, {}, `ghcr.io/team/app:1@${digest}`],
    ['ghcr.io/team/app:1', labels, 'ghcr.io/team/app:1'],
  ])('%s is what was asked for', (image, known, name) => {
    expect(askedName({ image, labels: known })).toBe(name);
  });
});
