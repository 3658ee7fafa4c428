import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baseName,
  comparable,
  containerKey,
  identityOf,
  isHidden,
  isConfigOf,
  isInside,
  keyOf,
  normalizeState,
  pickActive,
  relativeTo,
} from '../../../src/core/identity';
import { container, devContainer } from '../../support/fakeEngine';

const FOLDER = 'devcontainer.local_folder';
const CONFIG = 'devcontainer.config_file';

test.each([
  ['created', 'created'],
  ['configured', 'created'],
  ['initialized', 'created'],
  ['running', 'running'],
  ['Running', 'running'],
  ['paused', 'paused'],
  ['restarting', 'restarting'],
  ['exited', 'stopped'],
  ['stopped', 'stopped'],
  ['stopping', 'stopped'],
  ['removing', 'stopped'],
  ['dead', 'stopped'],
  ['unknown', 'unknown'],
  ['', 'unknown'],
  ['toString', 'unknown'],
  ['__proto__', 'unknown'],
])('the engine word %j means %s (S3-06)', (word, state) => {
  expect(normalizeState(word)).toBe(state);
});

describe('identityOf (S4-07)', () => {
  test.each([
    [{}, undefined],
    [{ [CONFIG]: '/w/c.json' }, undefined],
    [{ [FOLDER]: '' }, undefined],
    [{ [FOLDER]: '/w' }, { engine: 'e', workspaceFolder: '/w' }],
    [
      { [FOLDER]: '/w', [CONFIG]: '' },
      { engine: 'e', workspaceFolder: '/w' },
    ],
    [
      { [FOLDER]: '/w', [CONFIG]: '/w/c' },
      { engine: 'e', workspaceFolder: '/w', configFile: '/w/c' },
    ],
  ])('labels %j claim %j', (labels, identity) => {
    expect(identityOf('e', labels)).toEqual(identity);
  });

  test.each([
    [{}, false],
    [{ 'devcontainer.is_test_run': 'true' }, true],
    [{ 'devcontainer.is_test_run': 'false' }, false],
  ])('labels %j are hidden: %s', (labels, hidden) => {
    expect(isHidden(labels)).toBe(hidden);
  });
});

describe('keyOf', () => {
  const base = { engine: 'e', workspaceFolder: '/w', configFile: '/w/.devcontainer/devcontainer.json' };

  test.each([
    ['another engine', { ...base, engine: 'f' }],
    ['another folder', { ...base, workspaceFolder: '/W' }],
    ['another configuration', { ...base, configFile: '/w/.devcontainer.json' }],
    ['no configuration', { engine: 'e', workspaceFolder: '/w' }],
  ])('%s is another dev container', (_, other) => {
    expect(keyOf(other)).not.toBe(keyOf(base));
  });

  test.each([
    ['C:\\Work\\App', 'c:\\Work\\App'],
    ['C:\\Work\\App', 'c:/Work/App'],
    ['C:\\Work\\App\\', 'c:/Work/App'],
    ['\\\\wsl.localhost\\Ubuntu\\home\\me', '//wsl.localhost/Ubuntu/home/me/'],
    ['/home/me/', '/home/me'],
  ])('%s and %s are one folder', (a, b) => {
    expect(keyOf({ engine: 'e', workspaceFolder: a })).toBe(keyOf({ engine: 'e', workspaceFolder: b }));
  });

  test.each([
    ['C:\\Work\\App', 'C:\\Work\\app'],
    ['C:\\Work', 'D:\\Work'],
    ['/home/me\\x', '/home/me/x'],
    ['/a', '/'],
  ])('%s and %s are two', (a, b) => {
    expect(comparable(a)).not.toBe(comparable(b));
  });

  test('containers of two engines have two keys', () => {
    expect(containerKey('a', '1')).not.toBe(containerKey('b', '1'));
  });
});

describe('paths', () => {
  test.each([
    ['/w/a', '/w', true],
    ['/w', '/w', true],
    ['/w', '/w/', true],
    ['/wide', '/w', false],
    ['/', '/w', false],
    ['/w', '/', true],
    ['C:\\w\\a', 'c:/w', true],
    ['C:\\w2', 'C:\\w', false],
    ['C:\\w', 'C:\\', true],
    ['\\\\server\\share\\w\\a', '\\\\server\\share\\w', true],
    ['\\\\server\\share2', '\\\\server\\share', false],
  ])('%s is inside %s: %s', (path, folder, inside) => {
    expect(isInside(path, folder)).toBe(inside);
  });

  test.each([
    ['/w/.devcontainer/devcontainer.json', '/w', '.devcontainer/devcontainer.json'],
    ['/w/a', '/', 'w/a'],
    ['/w', '/w', 'w'],
    ['/elsewhere/a', '/w', '/elsewhere/a'],
    ['C:\\w\\.devcontainer\\a.json', 'c:\\w', '.devcontainer/a.json'],
    ['\\\\server\\share\\w\\a', '\\\\server\\share\\w', 'a'],
  ])('%s relative to %s is %s', (path, folder, relative) => {
    expect(relativeTo(path, folder)).toBe(relative);
  });

  test.each([
    ['/home/me/app', 'app'],
    ['/home/me/app/', 'app'],
    ['C:\\work\\app', 'app'],
    ['/', '/'],
  ])('%s is called %s', (path, name) => {
    expect(baseName(path)).toBe(name);
  });
});

describe('pickActive, as the CLI picks', () => {
  test.each([
    ['a newer stopped one before a running one', ['exited', 3], ['running', 1], 0],
    ['a newer created one before a paused one', ['created', 3], ['paused', 1], 0],
    ['an older stopped one before one that is being removed', ['removing', 3], ['exited', 1], 1],
    ['the newer one of two that are being removed', ['removing', 3], ['removing', 1], 0],
    ['the newer one of two that run', ['running', 1], ['running', 2], 1],
    ['the newer one of two that do not', ['exited', 5], ['created', 2], 0],
    ['the lower id where all else is equal', ['exited', 1], ['exited', 1], 0],
  ] as const)('takes %s', (_, first, second, index) => {
    const all = [first, second].map(([state, createdAt], i) => container(`${i}`, { state, createdAt }));
    expect(pickActive(all)).toBe(all[index]);
    expect(pickActive([...all].reverse())).toBe(all[index]);
  });

  test('takes one that names its configuration before a newer one of an old tool', () => {
    const labelled = devContainer('a', '/w', '/w/.devcontainer.json', { createdAt: 1 });
    const legacy = devContainer('b', '/w', undefined, { createdAt: 2, state: 'running' });
    expect(pickActive([legacy, labelled])).toBe(labelled);
    expect(pickActive([labelled, legacy])).toBe(labelled);
    expect(pickActive([legacy, { ...labelled, state: 'removing' }])).toBe(legacy);
  });

  test('does not depend on the order, and takes none of none', () => {
    const any = fc.tuple(
      fc.constantFrom('running', 'exited', 'removing', 'weird'),
      fc.integer({ min: 0, max: 2 }),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 9 }), (all) => {
        const containers = all.map(([state, createdAt], i) => container(`${i}`, { state, createdAt }));
        const active = pickActive(containers);
        expect(pickActive([...containers].reverse())).toBe(active);
        expect(active === undefined).toBe(containers.length === 0);
      }),
    );
  });
});

test.each([
  ['/w/.devcontainer/devcontainer.json', true],
  ['/w/.devcontainer.json', true],
  ['/w/.devcontainer/sub/devcontainer.json', true],
  ['/x/.devcontainer/devcontainer.json', false],
  ['/w/../x/devcontainer.json', false],
  ['/w/.devcontainer/../../x/devcontainer.json', false],
  ['/w/.ssh/config', false],
  ['/etc/shadow', false],
  ['', false],
])('a label may name the configuration %j for the folder /w: %j', (configFile, may) => {
  expect(isConfigOf(configFile, '/w')).toBe(may);
});

test('a folder that climbs out of an open one is not inside it', () => {
  expect(isInside('/w/../../etc', '/w')).toBe(false);
});
