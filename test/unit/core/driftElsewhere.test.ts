import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import { CLEAN } from '../../../src/core/snapshot';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';

const FILE = '/w/.devcontainer/devcontainer.json';
const disk = new FakeDisk();
const subject: judging.Case = {
  ...{ engine: 'e', workspaceFolder: '/w', configFile: FILE, skewMs: 0 },
  container: devContainer('a', '/w', FILE, { createdAt: 1_700_000_000_000 }),
};
const reading = (value: Record<string, unknown>) => disk.put(FILE, value, 1_700_000_001_000);
const NO_INPUTS = { readings: [], files: [], folders: [] };

function window(records: FakeRecords) {
  const drift = new Drift(records, disk, () => judging, silentLogger);
  const record = (value: Record<string, unknown>, source: 'created' | 'accepted') =>
    drift.record(subject, source, { reading: reading(value), inputs: [] });
  const judge = (value: Record<string, unknown>) =>
    drift.judge(subject, { reading: reading(value), inputs: NO_INPUTS });
  return { drift, record, judge };
}

test('what another window records counts here too, but nothing older than what is yet to be written', async () => {
  const records = new FakeRecords();
  const [here, there] = [window(records), window(records)];
  await here.drift.load();
  here.record({ init: true }, 'created');
  expect(here.judge({ init: false }).dirty).toBe(true);
  await settle();
  await there.drift.load();
  there.record({ init: false }, 'accepted');
  await settle();
  records.touch();
  await settle();
  expect(here.judge({ init: false })).toEqual(CLEAN);

  records.failure = new Error('full');
  here.record({ init: true }, 'created');
  await settle();
  records.touch();
  await settle();
  expect(here.judge({ init: false }).dirty).toBe(true);
});

test('of the records only the one that changed is read again', async () => {
  const records = new FakeRecords();
  const [here, there] = [window(records), window(records)];
  await here.drift.load();
  there.record({ init: true }, 'created');
  await settle();
  const [key = ''] = records.values.keys();
  records.touch(key);
  records.touch('other');
  await settle();
  expect(here.judge({ init: false }).dirty).toBe(true);
  expect(records.reads).toEqual(['*', key, 'other']);
});
