import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  familiarReference,
  formatReference,
  isReference,
  parseReference,
  type ImageReference,
} from '../../../src/core/imageReference';

const f64 = `sha256:${'f'.repeat(64)}`;
const f128 = `sha512:${'f'.repeat(128)}`;

/** The table of distribution/reference, by what its normalized names give. */
describe("the distribution grammar's table", () => {
  test.each([
    ['test_com', 'docker.io', 'library/test_com', 'latest'],
    ['test.com:tag', 'docker.io', 'library/test.com', 'tag'],
    ['test.com:5000', 'docker.io', 'library/test.com', '5000'],
    ['test.com/repo:tag', 'test.com', 'repo', 'tag'],
    ['test:5000/repo', 'test:5000', 'repo', 'latest'],
    ['test:5000/repo:tag', 'test:5000', 'repo', 'tag'],
    [`test:5000/repo@${f64}`, 'test:5000', 'repo', undefined, f64],
    [`test:5000/repo:tag@${f64}`, 'test:5000', 'repo', 'tag', f64],
    ['lowercase:Uppercase', 'docker.io', 'library/lowercase', 'Uppercase'],
    [
      `${'a/'.repeat(127)}a:tag-puts-this-over-max`,
      'docker.io',
      `${'a/'.repeat(127)}a`,
      'tag-puts-this-over-max',
    ],
    ['sub-dom1.foo.com/bar/baz/quux:some-long-tag', 'sub-dom1.foo.com', 'bar/baz/quux', 'some-long-tag'],
    [
      'b.gcr.io/test.example.com/my-app:test.example.com',
      'b.gcr.io',
      'test.example.com/my-app',
      'test.example.com',
    ],
    ['xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com', 'myimage', 'xn--n3h.com'],
    [`xn--7o8h.com/myimage:xn--7o8h.com@${f128}`, 'xn--7o8h.com', 'myimage', 'xn--7o8h.com', f128],
    ['foo_bar.com:8080', 'docker.io', 'library/foo_bar.com', '8080'],
    ['foo/foo_bar.com:8080', 'docker.io', 'foo/foo_bar.com', '8080'],
    ['192.168.1.1', 'docker.io', 'library/192.168.1.1', 'latest'],
    ['192.168.1.1:5000', 'docker.io', 'library/192.168.1.1', '5000'],
    ['192.168.1.1/repo', '192.168.1.1', 'repo', 'latest'],
    ['192.168.1.1:5000/repo:5050', '192.168.1.1:5000', 'repo', '5050'],
    ['[2001:db8::1]/repo', '[2001:db8::1]', 'repo', 'latest'],
    ['[2001:db8:1:2:3:4:5:6]/repo:tag', '[2001:db8:1:2:3:4:5:6]', 'repo', 'tag'],
    [`[2001:db8::1]:5000/repo:tag@${f64}`, '[2001:db8::1]:5000', 'repo', 'tag', f64],
    ['[::1]:5000/repo', '[::1]:5000', 'repo', 'latest'],
    ['docker/docker', 'docker.io', 'docker/docker', 'latest'],
    ['docker.io/debian', 'docker.io', 'library/debian', 'latest'],
    ['docker.io/library/foo/bar', 'docker.io', 'library/foo/bar', 'latest'],
    ['index.docker.io/docker/docker', 'docker.io', 'docker/docker', 'latest'],
    ['index.docker.io/debian', 'docker.io', 'library/debian', 'latest'],
    ['127.0.0.1:8000/privatebase', '127.0.0.1:8000', 'privatebase', 'latest'],
    ['192.168.0.1:80', 'docker.io', 'library/192.168.0.1', '80'],
    ['localhost/app:1', 'localhost', 'app', '1'],
    ['Foo/bar', 'Foo', 'bar', 'latest'],
    ['FOO/bar', 'FOO', 'bar', 'latest'],
    ['docker---rules/docker', 'docker.io', 'docker---rules/docker', 'latest'],
    ['dock__er/docker', 'docker.io', 'dock__er/docker', 'latest'],
    [`docker.io/${'1a3f5e7d'.repeat(8)}`, 'docker.io', `library/${'1a3f5e7d'.repeat(8)}`, 'latest'],
    ['1a3f5e7d'.repeat(8).slice(1), 'docker.io', `library/${'1a3f5e7d'.repeat(8).slice(1)}`, 'latest'],
    [`busybox:latest@${f64}`, 'docker.io', 'library/busybox', 'latest', f64],
  ])('%s', (text, host, path, tag?: string, digest?: string) => {
    expect(parseReference(text)).toEqual({ host, path, ...(tag && { tag }), ...(digest && { digest }) });
    expect(isReference(text)).toBe(true);
  });

  test.each([
    ['', ':justtag', `@${f64}`, 'repo@sha256:ffffffffffffffffffffffffffffffffff'],
    [`validname@invaliddigest:${'f'.repeat(64)}`, `validname@sha256:${'F'.repeat(64)}`],
    ['Uppercase:tag', 'test:5000/Uppercase/lowercase:tag', 'docker/Docker', 'docker.io/docker/Docker'],
    [`${'a/'.repeat(128)}a:tag`, 'aa/asdf$$^/aa', `${'this_is_too_long'.repeat(17)}/docker`],
    ['[2001:db8::1]', '[2001:db8::1]:5000', '[2001:db8::1]:tag', 'fc00::1:5000/debian'],
    [
      '[fe80::1%eth0]:5000/repo',
      '[fe80::1%@invalidzone]:5000/repo',
      '[2001:db8:3:4::192.0.2.33]:5000/debian',
    ],
    [
      'https://github.com/docker/docker',
      '-docker',
      '-docker/docker',
      '-docker.io/docker/docker',
      'docker-/docker',
    ],
    ['docker///docker', 'docker.io/docker///docker', 'docker/', '/docker', '____/____', '_docker/_docker'],
    [
      'dock..er/docker',
      'dock_.er/docker',
      'dock-.er/docker',
      'busybox:-foo',
      'busybox:',
      'busybox@foo',
      'a b',
      'a\nb',
    ],
  ])('not: %s, %s, …', (...texts) => {
    for (const text of texts) expect([text, parseReference(text)]).toEqual([text, undefined]);
    for (const text of texts) expect([text, isReference(text)]).toEqual([text, false]);
  });

  test('an id is an image, and no name', () => {
    for (const id of ['1a3f5e7d'.repeat(8), `sha256:${'1a3f5e7d'.repeat(8)}`]) {
      expect(parseReference(id)).toBeUndefined();
      expect(isReference(id)).toBe(true);
    }
  });
});

const letters = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength });
const lower = 'abcxyz019';
const part = fc
  .tuple(
    letters(lower, 1, 6),
    fc.array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '---'), letters(lower, 1, 4)), { maxLength: 3 }),
  )
  .map(([first, more]) => first + more.flat().join(''));
const label = fc
  .tuple(letters(`${lower}ABZ`, 1, 3), fc.constantFrom('', '-', '--'), letters(`${lower}ABZ`, 1, 3))
  .map((all) => all.join(''));
const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
const ip6 = fc
  .array(letters('0123456789abcdef', 1, 4), { minLength: 8, maxLength: 8 })
  .map((groups) => `[${groups.join(':')}]`);
const host = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', '[::1]:5000', '127.0.0.1:5000'),
  fc
    .tuple(fc.oneof(name, ip6, fc.ipV4()), port)
    .map(([at, number]) => (number === undefined ? at : `${at}:${number}`)),
);
const tag = fc
  .tuple(letters(`${lower}AZ_`, 1, 1), letters(`${lower}AZ_.-`, 0, 8), fc.constantFrom(0, 0, 0, 119))
  .map(([first, rest, more]) => first + rest + '.'.repeat(more));
const digest = fc
  .tuple(
    fc.constantFrom(['sha256', 8] as const, ['sha384', 12] as const, ['sha512', 16] as const),
    letters('0123456789abcdef', 8, 8),
  )
  .map(([[algorithm, times], digits]) => `${algorithm}:${digits.repeat(times)}`);
const reference: fc.Arbitrary<ImageReference> = fc
  .record({
    host: host.filter((text) => text !== 'index.docker.io'),
    path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    end: fc.oneof(fc.record({ tag }), fc.record({ digest }), fc.record({ tag, digest })),
  })
  .map(({ host, path, end }) => ({
    host,
    path: host === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    ...end,
  }));

describe('every reference', () => {
  test('survives being written and read, in full and in short', () => {
    fc.assert(
      fc.property(reference, (wanted) => {
        const isSame = (read: ImageReference | undefined): boolean =>
          read?.host === wanted.host &&
          read.path === wanted.path &&
          read.tag === wanted.tag &&
          read.digest === wanted.digest;
        return (
          isSame(parseReference(formatReference(wanted))) && isSame(parseReference(familiarReference(wanted)))
        );
      }),
      { numRuns: 100_000 },
    );
  }, 60_000);

  test('anything at all is read without a throw, and what is read is stable', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom('/', ':', '@', 'sha256:', '[', ']', '.', 'localhost', 'docker.io'),
        fc.string({ maxLength: 5 }),
      ),
    );
    fc.assert(
      fc.property(pieces, (some) => {
        const read = parseReference(some.join(''));
        if (read) expect(parseReference(formatReference(read))).toEqual(read);
      }),
      { numRuns: 20_000 },
    );
  });
});
