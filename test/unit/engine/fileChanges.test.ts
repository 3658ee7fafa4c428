import { expect, test } from 'vitest';
import { fileChanges, writtenBytes } from '../../../src/engine/fileChanges';

test('the changes of a container in both shapes in which engines write them', () => {
  const answer = [
    { Kind: 0, Path: '/etc' },
    { Path: '/etc/a\nb', Kind: 1 },
    { Path: '/bin/ls', Kind: 2 },
  ];
  expect(fileChanges(answer)).toEqual([
    { path: '/etc', kind: 'modified' },
    { path: '/etc/a\nb', kind: 'added' },
    { path: '/bin/ls', kind: 'deleted' },
  ]);
});

test.each([
  ['null', null],
  ['null as dockerode hands it out', Buffer.from('null\n')],
  ['an empty list', []],
])('%s is a container that changed nothing', (_, answer) => {
  expect(fileChanges(answer)).toEqual([]);
});

test.each([
  ['undefined', undefined],
  ['an object', { message: 'x' }],
  ['a text', 'null'],
  ['HTML', Buffer.from('<html>')],
  ['no body', Buffer.from('')],
])('%s is no answer', (_, answer) => {
  expect(fileChanges(answer)).toBeUndefined();
});

test.each([
  null,
  7,
  'x',
  [],
  {},
  { Path: '/x' },
  { Path: '/x', Kind: 3 },
  { Path: '/x', Kind: -1 },
  { Path: '/x', Kind: '1' },
  { Path: '/x', Kind: 0.5 },
  { Path: 'x', Kind: 1 },
  { Path: 7, Kind: 1 },
  { Path: `/${'x'.repeat(5000)}`, Kind: 1 },
])('what is no change is left out: %j', (entry) => {
  expect(fileChanges([entry, { Path: '/y', Kind: 1 }])).toEqual([{ path: '/y', kind: 'added' }]);
});

test.each([
  [{ SizeRw: 12 }, 12],
  [{ SizeRw: 0 }, 0],
  [{ SizeRw: -1 }, undefined],
  [{ SizeRw: '12' }, undefined],
  [{}, undefined],
  [undefined, undefined],
  [[], undefined],
])('of %j there are %s bytes', (answer, bytes) => {
  expect(writtenBytes(answer)).toBe(bytes);
});
