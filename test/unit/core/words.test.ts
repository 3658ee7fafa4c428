import { describe, expect, test } from 'vitest';
import type { Change, Container, DevContainer } from '../../../src/api';
import {
  allMatchWords,
  attentionWords,
  changedFileWords,
  changeDetail,
  changeName,
  changeWords,
  containerWords,
  description,
  oneLine,
  portWords,
  spoken,
} from '../../../src/core/words';
import { toContainer } from '../../../src/core/snapshot';
import { container } from '../../support/fakeEngine';

const change = (effect: Change['effect'], property = 'p'): Change => ({ input: 'c.json', property, effect });
const clean: DevContainer = {
  ...{ key: 'k', engine: 'e', name: 'api', workspaceFolder: '/w', state: 'running', activity: 'idle' },
  ...{ dirty: false, changes: [] },
};
const failure = (message: string) => ({ failure: { kind: 'build', message, at: 0 } }) as const;
const job = { job: { phase: 'building, step 3 of 7', startedAt: 0 } };
const HOSTILE = `a\nb\r\u202egnp.exe\u2066\u200b\u001b[31m`;

const rows: [string, Partial<DevContainer>, string, string][] = [
  ['a running one', {}, '', 'api, running'],
  ['a stopped one', { state: 'stopped' }, 'stopped', 'api, stopped'],
  ['one without a container', { state: 'notCreated' }, 'not created', 'api, not created'],
  ['one that went', { state: 'missing' }, 'container gone', 'api, container gone'],
  [
    'a dirty one',
    { dirty: true, changes: [change('restart'), change('rebuild')] },
    '2 changes: rebuild',
    'api, running, 2 changes, rebuild needed',
  ],
  ['one with harmless changes only', { changes: [change('none'), change('none')] }, '', 'api, running'],
  [
    'one with a harmless change besides',
    { dirty: true, changes: [change('none'), change('restart')] },
    '1 change: restart',
    'api, running, 1 change, restart needed',
  ],
  [
    'one that probably changed',
    { dirty: true, changes: [{ ...change('rebuild'), probable: true }, change('none')] },
    'probably changed',
    'api, running, probably changed, rebuild needed',
  ],
  [
    'one of which one change is known',
    { dirty: true, changes: [{ ...change('rebuild'), probable: true }, change('restart')] },
    '2 changes: rebuild',
    'api, running, 2 changes, rebuild needed',
  ],
  [
    'one with an unknown change',
    { dirty: true, changes: [change('unknown')] },
    '1 change',
    'api, running, 1 change',
  ],
  [
    'an invalid one',
    { dirty: true, changes: [change('unknown')], problem: { message: 'No comma', line: 4 } },
    'configuration invalid, line 4',
    'api, running, configuration invalid, line 4: No comma',
  ],
  [
    'an invalid one without a place',
    { problem: { message: 'Too big' } },
    'configuration invalid',
    'api, running, configuration invalid: Too big',
  ],
  [
    'a failed one, told in one sentence',
    {
      ...failure('Step 3 failed. The container it had is still running.'),
      dirty: true,
      changes: [change('unknown')],
    },
    'Step 3 failed · 1 change',
    'api, running, Step 3 failed. The container it had is still running., 1 change',
  ],
  [
    'one whose build failed at a place',
    { failure: { kind: 'build', message: 'The build failed.', at: 0, file: '/w/Dockerfile', line: 4 } },
    'build failed, Dockerfile line 4',
    'api, running, The build failed.',
  ],
  [
    'one whose configuration is gone',
    { problem: { message: 'It is not there any more.', isMissing: true } },
    'configuration missing',
    'api, running, configuration missing: It is not there any more.',
  ],
  ['a failed one of one sentence', failure('Out of disk.'), 'Out of disk', 'api, running, Out of disk.'],
  [
    'one with a job, whatever else',
    { ...job, ...failure('No.'), dirty: true, changes: [change('unknown')] },
    'building, step 3 of 7',
    'api, running, building, step 3 of 7, No., 1 change',
  ],
  ['one with duplicates', { duplicates: ['x', 'y'] }, '2 duplicates', 'api, running, 2 duplicates'],
  [
    'one whose duplicate runs in its place',
    { state: 'stopped', duplicates: ['x'], duplicateRuns: true },
    'stopped · 1 duplicate, running',
    'api, stopped, 1 duplicate, running',
  ],
  [
    'one of whose duplicates one runs',
    { state: 'created', duplicates: ['x', 'y'], duplicateRuns: true },
    'created · 2 duplicates, one running',
    'api, created, 2 duplicates, one running',
  ],
];

test.each(rows)('%s is described and spoken of', (_, more, seen, heard) => {
  expect(description({ ...clean, ...more })).toBe(seen);
  expect(spoken({ ...clean, ...more })).toBe(heard);
});

test.each([
  [{}, 'changed'],
  [{ to: '"b"' }, 'added "b"'],
  [{ from: '"a"' }, 'removed "a"'],
  [{ from: '"a"', to: '"b"' }, '"a" → "b"'],
  [{ line: 4, to: '"b"' }, 'added "b"'],
  [{ property: '', line: 4 }, 'line 4'],
  [{ property: '', line: 4, from: '"a"', to: '"b"' }, 'line 4: "a" → "b"'],
  [{ property: '', probable: true } as const, 'probably changed'],
  [{ property: '', line: 1, probable: true } as const, 'probably changed, line 1'],
  [{ from: '"a"', to: '"b"', probable: true } as const, 'probably changed: "a" → "b"'],
])('a change of %j reads: %s', (more, detail) => {
  expect(changeDetail({ ...change('none'), ...more })).toBe(detail);
});

test('a change is called by its property, else by its file', () => {
  expect(changeName(change('none', 'build.args'))).toBe('build.args');
  expect(changeName({ input: '.devcontainer/c.json', effect: 'unknown' })).toBe('c.json');
  expect(changeName({ input: '${localEnv:A/B}', effect: 'unknown' })).toBe('${localEnv:A/B}');
  expect(changeName({ input: 'image a/b:1', effect: 'recreate' })).toBe('image a/b:1');
});

test('files of the same name are told apart by their paths', () => {
  const [one, other] = ['conf/a.txt', 'conf/sub/a.txt'].map((input): Change => ({
    input,
    effect: 'rebuild',
  }));
  if (!one || !other) throw new Error('no changes');
  expect(changeName(one, [one])).toBe('a.txt');
  expect(changeName(one, [one, other])).toBe('conf/a.txt');
  expect(changeWords(other, [one, other])).toBe('conf/sub/a.txt changed, needs rebuild');
});

test.each<[Partial<Change>, string]>([
  [{ to: 'file' }, 'a.txt added, needs rebuild'],
  [{ from: 'file' }, 'a.txt removed, needs rebuild'],
  [{ from: 'file', to: 'missing' }, 'a.txt missing, needs rebuild'],
  [{ from: 'file', to: 'no longer copied' }, 'a.txt no longer copied, needs rebuild'],
])('a file with %j: %s', (said, words) => {
  expect(changeWords({ input: 'conf/a.txt', effect: 'rebuild', ...said })).toBe(words);
});

test.each<[Partial<Container>, string]>([
  [{}, 'image:1'],
  [{ health: 'unhealthy' }, 'unhealthy, image:1'],
  [{ state: 'exited', exitCode: 137 }, 'exited (137), image:1'],
  [{ state: 'exited', exitCode: 0 }, 'exited (0), image:1'],
  [{ state: 'created', exitCode: 0 }, 'created, image:1'],
  [{ state: 'removing' }, 'removing, image:1'],
  [{ state: 'dead', exitCode: 137 }, 'dead, image:1'],
  [{ image: '' }, ''],
  [{ image: 'i'.repeat(150) }, 'i'.repeat(150)],
  [{ state: 'ghost', health: 'starting', image: 'b'.repeat(150) }, `ghost, starting, ${'b'.repeat(150)}`],
])('a container with %j reads: %s', (more, words) => {
  expect(containerWords({ ...toContainer('e', container('a')), ...more })).toBe(words);
});

test.each<[Change['effect'], string]>([
  ['rebuild', 'p changed, needs rebuild'],
  ['none', 'p changed, no action needed'],
  ['unknown', 'p changed'],
])('a change with the effect %s in one line: %s', (effect, words) => {
  expect(changeWords(change(effect))).toBe(words);
});

test.each<[readonly string[], Change[], string]>([
  [['api'], [change('rebuild')], 'Changed since the dev container api was made: needs rebuild'],
  [['a', 'b'], [change('unknown')], 'Changed since the dev containers a, b were made'],
  [
    ['a', 'b', 'c', 'd', 'e'],
    [{ ...change('restart'), probable: true }],
    'Probably changed since the dev containers a, b, c and 2 more were made: needs restart',
  ],
])('a file that changed for %j', (names, changes, words) => {
  expect(changedFileWords({ names, changes })).toBe(words);
});

test.each<[Partial<DevContainer>[], number, string]>([
  [[{}], 0, ''],
  [[{ dirty: true }, {}], 1, '1 dev container no longer matches its configuration'],
  [[{ dirty: true }, { dirty: true }], 2, '2 dev containers no longer match their configurations'],
  [[failure('No.')], 1, '1 dev container failed'],
  [
    [{ dirty: true }, { ...failure('No.'), dirty: true }],
    2,
    '1 dev container no longer matches its configuration, 1 failed',
  ],
])('of %j %i need attention: %s', (items, n, words) => {
  expect(attentionWords(items.map((more) => ({ ...clean, ...more })))).toEqual({ n, words });
});

test('a port reads as what it is on the host', () => {
  expect(portWords({ containerPort: 3000, hostPort: 41234 })).toBe('3000 → localhost:41234');
  expect(portWords({ containerPort: 3000 })).toBe('3000');
});

describe('hostile text', () => {
  // Controls, soft hyphen, marks of direction, zero-width characters, line separators.
  const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

  test('is one line in which nothing hides', () => {
    expect(oneLine(HOSTILE)).toBe('a\\u000ab\\u000d\\u202egnp.exe\\u2066\\u200b\\u001b[31m');
    expect(oneLine('\u2028\u061c\u00ad\ufeff\u0085')).toBe('\\u2028\\u061c\\u00ad\\ufeff\\u0085');
    expect(oneLine('plain Ünïcode → 漢字 👍')).toBe('plain Ünïcode → 漢字 👍');
  });

  test('is no link and no icon', () => {
    expect(oneLine('[Fix it](command:x) $(trash)')).toBe('[Fix it] (command:x) $ (trash)');
  });

  test('of a megabyte is cut, in time', () => {
    const huge = HOSTILE.repeat(50_000);
    expect(oneLine(huge)).toHaveLength(200);
    expect(oneLine(huge, 10)).toHaveLength(10);
    expect(oneLine('x'.repeat(200))).not.toContain('…');
  });

  test.each([HOSTILE, 'x'.repeat(1_000_000), HOSTILE.repeat(50_000)])('shows nowhere as it is', (text) => {
    const item = { ...toContainer('e', container('a')), image: text, state: text };
    for (const words of [containerWords(item), description({ ...clean, ...failure(text) })]) {
      expect(words.length).toBeLessThan(500);
      expect(words).not.toMatch(hidden);
    }
  });
});

test('that all match is said of those alone that are compared', () => {
  expect(allMatchWords([clean])).toBe('All dev containers match their configurations.');
  const unread = { ...clean, isUnread: true } as const;
  const words = allMatchWords([clean, { ...unread, name: 'a\nb' }, { ...unread, state: 'notCreated' }]);
  expect(words).toMatch(/that can be compared match.*Not compared.*: a\\u000ab\.$/);
});
