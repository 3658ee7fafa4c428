import { expect, test } from 'vitest';
import { DockerIgnore } from '../../../../src/devcontainers/inputs/dockerignore';
import { globOf } from '../../../../src/devcontainers/inputs/glob';

/** What the walk says of a file: it goes no further where a folder is shut. */
function isOut(text: string, path: string): boolean {
  const ignore = new DockerIgnore(text);
  const names = path.split('/');
  let verdict = ignore.root;
  for (let i = 1; i < names.length; i++) {
    verdict = ignore.folder(names.slice(0, i).join('/'), verdict);
    if (!verdict.mayHoldMore) return true;
  }
  return ignore.isIgnored(path, verdict);
}

test.each([
  ['a', 'a', true],
  ['a', 'b/a', false],
  ['a', 'a/b/c', true],
  ['/a/', 'a/b', true],
  ['./a//b', 'a/b', true],
  ['A', 'a', false],
  ['*.md', 'x.md', true],
  ['*.md', 'd/x.md', false],
  ['**/*.md', 'x.md', true],
  ['**/*.md', 'd/e/x.md', true],
  ['**.md', 'd/xx.md', true],
  ['a/**', 'a/b/c', true],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/c/z', true],
  ['**/node_modules', 'p/q/node_modules/r/s', true],
  ['*\n!a', 'a', false],
  ['*\n!a', 'a/b', false],
  ['*\n!a/b', 'a/b/c', false],
  ['*\n!a/b', 'a/c', true],
  ['*\n!**/*.md', 'd/e/x.md', false],
  ['!a\n*', 'a', true],
  ['d\n!d/*.x\nd/a.x', 'd/b.x', false],
  ['d\n!d/*.x\nd/a.x', 'd/a.x', true],
  ['# a\n  a  ', 'a', true],
  ['#a', '#a', false],
  ['\uFEFFa\r\n', 'a', true],
  ['a?c', 'abc', true],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['c++', 'c++', true],
  ['a(b)|{c}$', 'a(b)|{c}$', true],
  ['[', '[', false],
  ['x', 'constructor', false],
  ['__proto__', '__proto__', true],
  ['!', 'a', false],
])('%j leaves out %s: %s', (text, path, expected) => {
  expect(isOut(text, path)).toBe(expected);
});

test('a shut folder is not entered, unless something in it may be taken back', () => {
  const enters = (text: string, folder: string): boolean => {
    const ignore = new DockerIgnore(text);
    return ignore.folder(folder, ignore.root).mayHoldMore;
  };
  expect(enters('a', 'a')).toBe(false);
  expect(enters('a\n!b/c', 'a')).toBe(false);
  expect(enters('a\n!a/c', 'a')).toBe(true);
  expect(enters('!a/c\na', 'a')).toBe(false);
  expect(enters('*\n!*/c', 'a')).toBe(true);
  expect(enters('*\n!**/c', 'a')).toBe(true);
});

test('rules count to the last of thousands', () => {
  expect(isOut(`${'x\n'.repeat(4_999)}a`, 'a')).toBe(true);
  expect(isOut(`*\n!${'d/'.repeat(300)}a`, `${'d/'.repeat(300)}a`)).toBe(false);
});

test('hostile patterns cost little', () => {
  const began = performance.now();
  isOut(`${'*a'.repeat(100)}b\n`.repeat(5_000), 'a'.repeat(200));
  isOut(`${'*a'.repeat(480)}b\n`.repeat(1_000), 'a'.repeat(200));
  globOf('**/*a'.repeat(90), true)?.('a/'.repeat(2_000));
  new DockerIgnore('x\n'.repeat(1_000_000));
  expect(performance.now() - began).toBeLessThan(2_000);
});
