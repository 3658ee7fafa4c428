import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/api';
import type { Losses } from '../../../src/core/losses';
import {
  hasDetails,
  hasLosses,
  lossesInFull,
  recreateQuestion,
  type Foreseen,
} from '../../../src/core/recreateQuestion';
import type { Sharer } from '../../../src/core/sharers';
import { bytesWords, changeNames } from '../../../src/core/words';

const change = (property: string, effect: Change['effect'] = 'recreate'): Change => ({
  ...{ input: 'devcontainer.json', property, effect },
});
const none: Losses = { files: 0, places: [], paths: [], volumes: [] };
const one: Losses = { ...none, files: 1, places: [{ path: '/opt/x', files: 1 }], paths: ['/opt/x'] };
const many: Losses = {
  files: 12_345,
  places: [
    { path: '/root', files: 12_000 },
    ...['/a', '/b', '/c', '/d'].map((path) => ({ path, files: 1 })),
    { path: '/opt', files: 341 },
  ],
  paths: ['/a', '/b'],
  volumes: [],
  writtenBytes: 12_345_678,
};
const item = (more: Partial<Foreseen> = {}): Foreseen => ({
  ...{ name: 'api', changes: [], siblings: [], isCompose: false },
  ...more,
});
const foreign = {
  whose: 'belongs to a folder that was not opened as a trusted workspace',
  facts: ['Folder: /far', 'Configuration: /far/.devcontainer.json', 'Runs on this machine: "curl x | sh"'],
};
const HOSTILE = 'a\nb\u202egnp\u0000';

describe('nothing is asked', () => {
  test.each<[string, Foreseen]>([
    ['where nothing would be lost', item({ losses: none })],
    ['because of changes alone', item({ changes: [change('image')], losses: none })],
    ['of who will not be asked', item()],
    ['because it is of Compose', item({ isCompose: true, losses: none })],
  ])('%s', (_, foreseen) => {
    expect(recreateQuestion([foreseen])).toBeUndefined();
    expect(recreateQuestion([foreseen, foreseen])).toBeUndefined();
    expect(hasLosses(foreseen)).toBe(false);
  });
});

describe('of one dev container it is said', () => {
  const detail = (more: Partial<Foreseen>): string => recreateQuestion([item(more)])?.detail ?? '';

  test('which files are lost, and where', () => {
    expect(recreateQuestion([item({ losses: one })])).toEqual({
      message: 'Recreate api?',
      detail: '1 file that is not on a volume will be lost:\n/opt/x',
    });
    expect(detail({ losses: many })).toBe(
      [
        '12,345 files that are not on a volume will be lost (12 MB written in all):',
        ...['/root (12,000 files)', '/a', '/b', '/c', '/d', 'and 341 files elsewhere'],
      ].join('\n'),
    );
  });

  test('how much was written, unless that is nothing', () => {
    expect(detail({ losses: { ...one, writtenBytes: 5 } })).toContain('lost (5 B written in all):');
    expect(detail({ losses: { ...one, writtenBytes: 0 } })).toContain('will be lost:');
  });

  test('what changed, without what needs nothing', () => {
    const changes = [change('name', 'none'), ...['a', 'b', 'c', 'd', 'e'].map((name) => change(name))];
    expect(detail({ losses: one, changes })).toMatch(/^Changed: a, b, c, d and 1 more change\.\n\n1 file/);
    expect(detail({ losses: one, changes: [change('name', 'none')] })).not.toContain('Changed');
  });

  test('which volumes the new container will not have', () => {
    expect(detail({ losses: { ...none, volumes: ['/data'] } })).toBe(
      'The volume at /data has no name: its data stays on the engine, but the new container gets a new, empty one.',
    );
    expect(detail({ losses: { ...none, volumes: ['/1', '/2', '/3', '/4', '/5'] } })).toContain(
      'The volumes at /1, /2, /3, /4 and 1 more have no names',
    );
  });

  test('what Compose replaces besides, and what it cannot do', () => {
    const said = detail({ siblings: ['db', 'cache'], isCompose: true, losses: none });
    expect(said).toContain('Compose also replaces db, cache, since what it is told of them changed.');
    expect(said).toContain('a copy of it is kept while the new one is made');
    expect(detail({ losses: one })).not.toContain('Compose');
  });

  test('that nobody knows what is lost', () => {
    expect(detail({ losses: 'unknown' })).toContain('could not be found out');
    expect(hasLosses(item({ losses: 'unknown' }))).toBe(true);
  });

  test('that a folder that is not trusted runs commands here, and which, besides what is lost', () => {
    const question = recreateQuestion([item({ foreign, losses: one })]);
    expect(question?.message).toBe(
      'Recreate api? It belongs to a folder that was not opened as a trusted workspace. Its configuration can run commands on this machine.',
    );
    expect(question?.detail).toMatch(
      /^Folder: \/far\n.*\nRuns on this machine: "curl x \| sh"\n\n1 file that/,
    );
    expect(recreateQuestion([item({ foreign })])?.detail).toBe(foreign.facts.join('\n'));
  });
});

describe('of several', () => {
  test('each is named that has something to say, in one question', () => {
    const question = recreateQuestion([
      item({ losses: { ...many, volumes: ['/data'] }, changes: [change('image')] }),
      item({ name: 'quiet', losses: none }),
      item({ name: 'web', losses: 'unknown', siblings: ['db'], isCompose: true }),
    ]);
    expect(question).toEqual({
      message: 'Recreate 3 dev containers?',
      detail: [
        'api',
        'Changed: image',
        'Lost: 12,345 files (12 MB written in all): /root (12,000 files), /a, /b, /c, /d and 341 files elsewhere; what is on volumes without a name (/data)',
        '',
        'web',
        'Lost: could not be found out',
        'Compose also replaces: db',
        '',
        'Compose cannot keep the old container aside; a copy of it is kept while the new one is made.',
      ].join('\n'),
    });
  });

  test('only the first are named, but each that runs commands here', () => {
    const losing = Array.from({ length: 8 }, (_, n) => item({ name: `n${n}`, losses: one }));
    expect(recreateQuestion(losing)?.detail).toMatch(
      /n4\n.*\n\nAnd 3 more dev containers, of which the details tell\.$/,
    );
    const far = Array.from({ length: 7 }, (_, n) => item({ name: `far${n}`, foreign }));
    const { message, detail } = recreateQuestion([...losing, ...far]) ?? { message: '', detail: '' };
    expect(message).toBe('Recreate 15 dev containers? 7 of them are not trusted.');
    for (let n = 0; n < 7; n++) expect(detail).toContain(`far${n} belongs to a folder`);
    expect(detail.match(/curl x \| sh/g)).toHaveLength(7);
    expect(detail).toContain('And 8 more');
  });
});

test('nothing hides in hostile names and paths', () => {
  const losses = {
    ...one,
    places: [{ path: `/${HOSTILE}`, files: 1 }],
    paths: [`/${HOSTILE}`],
    volumes: [HOSTILE],
  };
  const hostile = item({
    ...{ name: HOSTILE, losses, siblings: [HOSTILE], changes: [change(HOSTILE)] },
    foreign: { whose: HOSTILE, facts: [HOSTILE] },
  });
  for (const items of [[hostile], [hostile, hostile]]) {
    const { message, detail } = recreateQuestion(items) ?? { message: '', detail: '' };
    expect(message + detail + lossesInFull(items)).not.toMatch(/[\u202e\u0000]|a\nb/);
    expect(detail).toContain('a\\u000ab\\u202egnp\\u0000');
  }
});

describe('of containers that share its namespaces it is said', () => {
  const sharer = (name: string, more: Partial<Sharer> = {}): Sharer => ({
    ...{ id: name, name, owner: 'o', shares: ['network'], wasRunning: true, mayBeMadeAgain: true },
    ...more,
  });
  const detail = (sharers: readonly Sharer[], isCompose = true): string =>
    recreateQuestion([item({ sharers, isCompose })])?.detail ?? '';

  test('which come along, and how, also where nothing of its own is lost', () => {
    expect(detail([sharer('proxy'), sharer('dns')])).toContain(
      'proxy, dns share the network of it, and are made anew with their files and volumes for the new container; ' +
        'a Compose that does so itself, as version 2, keeps their volumes only.',
    );
    expect(detail([sharer('watch', { shares: ['processes', 'memory'] })])).toContain(
      'Compose makes watch anew, which shares the processes and the memory of it: what is inside and not on a volume will be lost.',
    );
  });

  test('which cannot, and what can be done', () => {
    const other = sharer(HOSTILE, { mayBeMadeAgain: false });
    expect(detail([other], false)).toBe(
      'a\\u000ab\\u202egnp\\u0000 shares the network of it and cannot move to the new container: make it again afterwards. ' +
        'Until then the old container is kept, stopped, and after Roll Back it can go on.',
    );
    expect(detail([other])).not.toContain('is kept, stopped');
  });

  test('the same of one among several, and in the details', () => {
    const items = [item({ sharers: [sharer('proxy')] }), item({ losses: one })];
    expect(recreateQuestion(items)?.detail).toContain('proxy shares the network');
    expect(lossesInFull(items)).toContain('proxy shares the network');
  });
});

test('there are details where files or volumes are known, or not all could be named', () => {
  const volumes = { ...none, volumes: ['/data'] };
  for (const losses of [one, volumes]) expect(hasDetails([item({ losses })])).toBe(true);
  for (const losses of [none, 'unknown', undefined] as const) {
    expect(hasDetails([item({ losses, foreign })])).toBe(false);
  }
  expect(hasDetails(Array.from({ length: 6 }, () => item({ siblings: ['db'] })))).toBe(true);
});

test('the details hold every path that is kept, and say how many are not', () => {
  expect(lossesInFull([item({ losses: { ...many, volumes: ['/data'] } }), item({ losses: none })])).toBe(
    [
      'What is lost when api is recreated',
      '',
      '12,345 files that are not on a volume (12 MB written in all)',
      ...['  /a', '  /b', '  and 12,343 files more', ''],
      'Volumes without a name, whose data stays on the engine and is not in the new container',
      ...['  /data', ''],
      'Left out: temporary folders, caches and logs, and what the engine, editors',
      'and the Dev Containers CLI put into each container.',
      '',
    ].join('\n'),
  );
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9_949, '9.9 kB'],
  [9_950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_234_567_890, '1.2 GB'],
  [5e15, '5,000 TB'],
])('%d bytes are %s', (bytes, words) => {
  expect(bytesWords(bytes)).toBe(words);
});

test('changes are named once each, up to a number', () => {
  expect(changeNames([change('a'), change('a'), change('b')], 3)).toBe('a, b');
  expect(changeNames([], 3)).toBe('');
});
