import { describe, expect, test } from 'vitest';
import { couldBeSameImage, isBuiltByCli, isSameImage } from '../../../src/core/imageNames';

describe('image names', () => {
  test.each([
    ['base', 'docker.io/library/base:latest'],
    ['base:1', 'localhost/base:1'],
    ['org/base:1', 'docker.io/org/base:1'],
    ['host:5000/base', 'host:5000/base:latest'],
    ['base@sha256:0', 'docker.io/library/base@sha256:0'],
  ])('%s is the same as %s', (a, b) => {
    expect(isSameImage(a, b)).toBe(true);
    expect(isSameImage(b, a)).toBe(true);
  });

  test.each([
    ['base', 'base:1'],
    ['base:1', 'quay.io/base:1'],
    ['org/base', 'base'],
    ['host:5000/base', 'host:5001/base'],
  ])('%s is another than %s', (a, b) => expect(isSameImage(a, b)).toBe(false));

  test.each([
    ['fedora:40', 'registry.fedoraproject.org/fedora:40', true],
    ['org/base', 'localhost:5000/org/base:latest', true],
    ['base@sha256:0', 'docker.io/library/base:1', true],
    ['fedora:41', 'registry.fedoraproject.org/fedora:40', false],
    ['base:1', 'org/base:1', false],
    ['quay.io/base:1', 'base:1', false],
    ['ase:1', 'quay.io/base:1', false],
  ])('that %s became %s could be: %s', (wanted, made, could) =>
    expect(couldBeSameImage(wanted, made)).toBe(could),
  );

  test.each([
    ['vsc-app-0123', true],
    ['localhost/vsc-app-0123:latest', true],
    ['docker.io/library/vsc-app-0123', true],
    ['quay.io/vsc-app', false],
    ['app', false],
  ])('that %s was built by the CLI is %s', (image, isBuilt) => expect(isBuiltByCli(image)).toBe(isBuilt));
});
