import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { effectOf } from '../../../src/core/effects';
import { PROPERTIES } from '../../../src/core/properties';
import { copiedProperties } from '../../../src/core/madeFrom';

const root = join(import.meta.dirname, '../../..');

test('docs/properties.md has the table as the code has it', () => {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const run = spawnSync(process.execPath, [tsx, 'scripts/docs.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([run.status, run.stderr]).toEqual([0, '']);
}, 30_000);

test('each property has a known effect, and a reason in a sentence', () => {
  for (const [name, { effect, why, shapes }] of Object.entries(PROPERTIES)) {
    expect(effect, name).not.toBe('unknown');
    expect(why, name).toMatch(/^[A-Z].+\.$/);
    expect(shapes.length, name).toBeGreaterThan(0);
    const parent = name.split('.').slice(0, -1).join('.');
    if (parent !== '') expect(PROPERTIES, name).toHaveProperty([parent]);
  }
});

test('what the CLI copies into the label is in the table', () => {
  const everything = Object.fromEntries(Object.keys(PROPERTIES).map((name) => [name, 1]));
  const copied = Object.keys(copiedProperties(everything));
  expect(copied).toHaveLength(24);
  for (const name of copied) expect(effectOf([name])).toBe(PROPERTIES[name]?.effect);
});
