import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { otherServices } from '../../../src/core/changes';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import type { InputReading } from '../../../src/core/ports';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const disk = new FakeDisk();
const subject = {
  engine: 'e',
  container: devContainer('a', '/w', FILE),
  workspaceFolder: '/w',
  configFile: FILE,
  skewMs: 0,
};

function dockerfile(instruction: string): InputReading[] {
  return [{ kind: 'dockerfile', input: 'Dockerfile', values: { '': [instruction] } }];
}

function judge(drift: Drift, value: Record<string, unknown>, inputs: readonly InputReading[] = []) {
  const set = { readings: inputs, files: [], folders: [] };
  return drift.judge(subject, { reading: disk.put(FILE, value), inputs: set });
}

describe('what the user accepted', () => {
  test('is no change, and neither is what the container was really made from', async () => {
    const records = new FakeRecords();
    const drift = new Drift(records, disk, () => judging, silentLogger);
    const made = { reading: disk.put(FILE, { init: true }), inputs: dockerfile('FROM a') };
    drift.record(subject, 'created', made);
    drift.record(subject, 'accepted', {
      reading: disk.put(FILE, { init: false }),
      inputs: dockerfile('FROM b'),
    });
    drift.record(subject, 'accepted', { reading: disk.put(FILE, { image: 'x' }), inputs: [] });
    for (const window of [drift, new Drift(records, disk, () => judging, silentLogger)]) {
      await window.load();
      expect(judge(window, { image: 'x' })).toMatchObject({ dirty: false });
      expect(judge(window, { init: true }, dockerfile('FROM a'))).toMatchObject({
        dirty: false,
        changes: [],
      });
      expect(judge(window, { init: true }, dockerfile('FROM b'))).toMatchObject({ dirty: true });
      expect(judge(window, { init: false })).toMatchObject({ dirty: true });
    }
  });

  test('counts no more once the container is made anew', () => {
    const drift = new Drift(new FakeRecords(), disk, () => judging, silentLogger);
    drift.record(subject, 'created', { reading: disk.put(FILE, { init: true }), inputs: [] });
    drift.record(subject, 'accepted', { reading: disk.put(FILE, { init: false }), inputs: [] });
    drift.record(subject, 'created', { reading: disk.put(FILE, { image: 'x' }), inputs: [] });
    expect(judge(drift, { init: true })).toMatchObject({ dirty: true });
  });
});

test('siblings whose containers Compose would replace are known by name', () => {
  const change = (property: string, effect: 'recreate' | 'none' = 'recreate') => ({
    ...{ input: 'compose.yml', property, effect },
  });
  const changes = [
    'services.db.image',
    'services.db.ports',
    'services.web.image',
    'volumes.db.x',
    'name',
  ].map((property) => change(property));
  const present = new Set(['web', 'db', 'cache']);
  expect(otherServices([...changes, change('services.cache.x', 'none')], 'web', present)).toEqual(['db']);
  expect(otherServices(changes, 'db', present)).toEqual(['web']);
  // What has no container yet is not replaced.
  expect(otherServices(changes, 'web', new Set(['web']))).toEqual([]);
});

test('what is accepted and cannot be kept says why', async () => {
  const records = new FakeRecords();
  const drift = new Drift(records, disk, () => judging, silentLogger);
  const today = { reading: disk.put(FILE, { init: true }), inputs: [] };
  expect(await drift.accept(subject, today)).toBeUndefined();
  records.failure = new Error('no space left');
  expect(await drift.accept(subject, today)).toBe('no space left');
});
