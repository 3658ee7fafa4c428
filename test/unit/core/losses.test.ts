import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEPT_PATHS, lossesIn } from '../../../src/core/losses';
import type { MountFacts } from '../../../src/core/containerDetails';
import type { FileChange } from '../../../src/core/ports';

const changed = (...paths: string[]): FileChange[] => paths.map((path) => ({ path, kind: 'modified' }));
const added = (...paths: string[]): FileChange[] => paths.map((path) => ({ path, kind: 'added' }));
const deleted = (...paths: string[]): FileChange[] => paths.map((path) => ({ path, kind: 'deleted' }));
const mount = (target: string, source = 'named', type = 'volume'): MountFacts => ({ type, source, target });
const ANONYMOUS = 'ab'.repeat(32);
const NONE = { files: 0, places: [], paths: [], volumes: [] };

describe('nothing is lost', () => {
  test.each<[string, FileChange[]]>([
    ['without changes', []],
    [
      'of temporary files',
      [...changed('/tmp', '/run'), ...added('/tmp/created', '/run/x/y', '/var/run/pid')],
    ],
    ['of caches and logs', added('/var/cache/apt/x.bin', '/var/log/dpkg.log', '/var/lib/apt/lists/x')],
    ['of system folders', added('/proc/x', '/dev/y', '/sys/z', '/proc', '/dev')],
    [
      'of what the engine writes',
      [...changed('/', '/etc'), ...added('/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/etc/mtab')],
    ],
    [
      'of what the CLI writes',
      [
        ...changed('/etc', '/etc/profile', '/etc/environment', '/var', '/root'),
        ...added('/var/devcontainer', '/var/devcontainer/.patchEtcProfileMarker'),
        ...added('/root/.devcontainer', '/root/.devcontainer/.postCreateCommandMarker'),
        ...added('/home/a/.devcontainer/.onCreateCommandMarker'),
      ],
    ],
    [
      'of editors',
      added(
        '/root/.vscode-server',
        '/root/.vscode-server/bin/x',
        '/home/a/.vscode-server-insiders/y',
        '/home/a/.vscode-remote/z',
        '/home/a/.cursor-server/z',
      ),
    ],
    [
      'of folders of the system that only changed',
      changed('/root', '/home/me', '/usr/local/bin', '/opt', '/var/lib'),
    ],
    ['of deleted files', deleted('/bin/ls', '/usr/share/doc/x')],
  ])('%s', (_, changes) => {
    expect(lossesIn(changes, [])).toEqual(NONE);
  });

  test('of mount points and the folders made for them', () => {
    const changes = added('/workspaces', '/workspaces/app', '/data', '/data/x', '/srv', '/srv/a', '/srv/a/b');
    const mounts = [
      mount('/workspaces/app', '/host', 'bind'),
      mount('/data/'),
      mount('/srv/a/b', '', 'tmpfs'),
    ];
    expect(lossesIn(changes, mounts)).toEqual(NONE);
    // The mount points themselves need not be listed.
    expect(lossesIn(added('/code', '/code/src'), [mount('/code/src/app')])).toEqual(NONE);
  });
});

describe('what is lost', () => {
  test('is counted without the folders that hold it, whether they are new or not', () => {
    const changes = [
      ...changed('/opt', '/opt/tool', '/opt/tool/config'),
      ...added('/opt/tool/data', '/opt/tool/data/a', '/opt/tool/data/b'),
    ];
    expect(lossesIn(changes, [])).toMatchObject({
      files: 3,
      paths: ['/opt/tool/config', '/opt/tool/data/a', '/opt/tool/data/b'],
      places: [{ path: '/opt/tool', files: 3 }],
    });
  });

  test('is told by folder, as deep as all of it lies, the most first; a file alone by its path', () => {
    const changes = added(
      ...['/root/.bash_history'],
      ...['/opt/app/node_modules/a/x', '/opt/app/node_modules/a/y', '/opt/app/node_modules/b/z'],
      ...['/home/me/notes', '/home/me/.ssh/id'],
      ...['/top'],
    );
    expect(lossesIn(changes, []).places).toEqual([
      { path: '/opt/app/node_modules', files: 3 },
      { path: '/home/me', files: 2 },
      { path: '/root/.bash_history', files: 1 },
      { path: '/top', files: 1 },
    ]);
    expect(lossesIn(added('/a', '/b'), []).places).toEqual([{ path: '/', files: 2 }]);
  });

  test('does not take a name that only begins like another for a folder', () => {
    const changes = added(
      '/opt/a/data',
      '/opt/a/database',
      '/datas/x',
      '/tmpfile',
      '/home/a/.vscode-serverless',
    );
    expect(lossesIn(changes, [mount('/data')]).paths).toEqual([
      '/datas/x',
      '/home/a/.vscode-serverless',
      '/opt/a/data',
      '/opt/a/database',
      '/tmpfile',
    ]);
    expect(lossesIn(added('/opt/ab/x', '/opt/a/y'), []).places).toHaveLength(2);
    for (const paths of [
      ['/opt/t/ab/x', '/opt/t/a/y'],
      ['/opt/t/a/y', '/opt/t/ab/x'],
    ]) {
      expect(lossesIn(added(...paths), []).places).toEqual([{ path: '/opt/t', files: 2 }]);
    }
  });

  test('are new files where only the folder counts for nothing, and files in a folder named like noise', () => {
    const paths = [
      '/etc/hosts.bak',
      '/home/me/tmp/x',
      '/opt/.devcontainer/devcontainer.json',
      '/usr/local/bin/x',
    ];
    expect(lossesIn(added(...paths), []).paths).toEqual(paths);
    expect(lossesIn(added('/opt/empty'), []).paths).toEqual(['/opt/empty']);
  });

  test('is not what lies under a mount, however deep, nor what a listing of parents leaves out', () => {
    const deep = `/data${'/d'.repeat(1000)}`;
    expect(lossesIn(added(deep, '/opt/a/b/c'), [mount('/data')]).paths).toEqual(['/opt/a/b/c']);
  });

  test('are anonymous volumes, which have 64 hexadecimal digits for a name', () => {
    const mounts = [
      mount('/b', ANONYMOUS),
      mount('/a', ANONYMOUS),
      mount('/named', 'data'),
      mount('/short', ANONYMOUS.slice(1)),
      mount('/bind', ANONYMOUS, 'bind'),
    ];
    expect(lossesIn([], mounts)).toEqual({ ...NONE, volumes: ['/a', '/b'] });
  });
});

describe('whatever an engine says', () => {
  test('hostile paths are kept as they are', () => {
    const paths = ['/opt/a\nb', '/opt/\u202egnp.exe', '/opt/$(x)`y`', '/opt/__proto__', '/opt/ \u0000'];
    expect(lossesIn(added(...paths), [])).toMatchObject({ files: 5, places: [{ path: '/opt', files: 5 }] });
    expect(new Set(lossesIn(added(...paths), []).paths)).toEqual(new Set(paths));
  });

  test('a line end in a path hides no noise and makes none', () => {
    expect(lossesIn(added('/x\n/tmp/y', '/tmp/y\n/opt/z', '/var/devcontainer/a\nb'), []).paths).toEqual([
      '/x\n/tmp/y',
    ]);
  });

  test('every file is in one place, and no path holds another', () => {
    const part = fc.constantFrom('a', 'b', 'tmp', 'home', 'x\n', 'opt');
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
    const change = fc.record({ path, kind: fc.constantFrom('modified', 'added', 'deleted') });
    fc.assert(
      fc.property(fc.array(change), fc.array(path), (changes, targets) => {
        const { files, places, paths } = lossesIn(
          changes,
          targets.map((each) => mount(each)),
        );
        expect(places.reduce((sum, place) => sum + place.files, 0)).toBe(files);
        expect(paths).toHaveLength(files);
        for (const lost of paths) {
          expect(changes.some((other) => other.path.startsWith(`${lost}/`))).toBe(false);
          expect(targets.some((target) => `${lost}/`.startsWith(`${target}/`))).toBe(false);
          expect(places.some(({ path: place }) => place === '/' || `${lost}/`.startsWith(`${place}/`))).toBe(
            true,
          );
        }
      }),
    );
  });

  test.each<[string, (n: number) => string]>([
    ['in one folder', (n) => `/opt/app/node_modules/package/file${n}`],
    ['in many folders', (n) => `/opt/${n % 1000}/a/b/c/d/e/f/${n}`],
    ['each in a folder at the top', (n) => `/${n}/x`],
    ['each below the one before', (n) => `/opt/${'a/'.repeat(n % 200)}${n}`],
  ])('100,000 files %s are told quickly', (_, pathOf) => {
    const changes = added(...Array.from({ length: 100_000 }, (_, n) => pathOf(n)));
    const mounts = Array.from({ length: 500 }, (_, n) => mount(`/mnt/${n}`));
    const began = performance.now();
    const losses = lossesIn(changes, mounts);
    const took = performance.now() - began;
    expect(losses.files).toBe(100_000);
    expect(losses.paths).toHaveLength(KEPT_PATHS);
    expect(took).toBeLessThan(2_000);
  });
});
