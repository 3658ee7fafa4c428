/** Records of other versions of Shipshape: none is taken for what it is not, and none of a newer one is lost. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import { fileNameOf, RECORD_VERSION, type MadeFrom } from '../../../src/core/madeFrom';
import { CLEAN } from '../../../src/core/snapshot';
import * as judging from '../../../src/core/verdict';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';

const FILE = '/w/.devcontainer/devcontainer.json';
const CREATED = 1_700_000_000_000;
const disk = new FakeDisk();
const container = devContainer('a', '/w', FILE, { createdAt: CREATED, image: 'debian:12' });
const subject: judging.Case = {
  ...{ engine: 'e', workspaceFolder: '/w', configFile: FILE, skewMs: 0, container },
};
const value = { build: { dockerfile: 'Dockerfile' } };
const record: MadeFrom = {
  ...{ version: RECORD_VERSION, engine: 'e', containerId: container.id, configFile: FILE },
  ...{ source: 'created', text: '{}', value, inputs: [], images: {} },
};
const name = fileNameOf(record);

/** A window on the records, and what it has logged. */
async function window(records: FakeRecords) {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) };
  const drift = new Drift(records, disk, () => judging, logger);
  await drift.load();
  const judge = (modifiedAt: number) => {
    const now = disk.put(FILE, value, modifiedAt);
    const details = { imageReference: container.image };
    return drift.judge(subject, { reading: now, inputs: { readings: [], files: [], folders: [] }, details });
  };
  return { drift, judge, warnings };
}

function holding(stored: unknown): FakeRecords {
  const records = new FakeRecords();
  records.values.set(name, stored);
  return records;
}

const older = { ...record, version: RECORD_VERSION - 1 };
const newer = { ...record, version: RECORD_VERSION + 1, value: ['in another form'] };

test('by a record of this version a touched file is no change', async () => {
  expect((await window(holding(record))).judge(CREATED + 1)).toEqual(CLEAN);
});

test.each([
  ['an older', older],
  ['a newer', newer],
])(
  'with a record of %s version the container speaks for itself, and times say "probably"',
  async (_, stored) => {
    const { judge } = await window(holding(stored));
    expect(judge(CREATED + 1)).toMatchObject({
      dirty: true,
      changes: [{ effect: 'unknown', probable: true }],
    });
    expect(judge(CREATED - 1)).toEqual(CLEAN);
  },
);

test('a record of an older version gives way to one of this', async () => {
  const records = holding(older);
  const { judge, warnings } = await window(records);
  judge(CREATED - 1);
  await settle();
  expect(records.values.get(name)).toMatchObject({ version: RECORD_VERSION, source: 'observed' });
  expect(warnings).toEqual([]);
});

test('a record of a newer version stays as it is, whatever is known or accepted here; it is said once', async () => {
  const records = holding(newer);
  const { drift, judge, warnings } = await window(records);
  judge(CREATED - 1);
  drift.record(subject, 'accepted', { reading: disk.put(FILE, value), inputs: [] });
  await settle();
  expect(judge(CREATED + 1)).toEqual(CLEAN);
  records.touch();
  await settle();
  expect(records.values.get(name)).toEqual(newer);
  expect(warnings).toEqual([expect.stringContaining('newer version of Shipshape')]);
});

test('one that comes while the window is open is not written over either', async () => {
  const records = holding(record);
  const { drift } = await window(records);
  records.values.set(name, newer);
  records.touch(name);
  await settle();
  drift.record(subject, 'accepted', { reading: disk.put(FILE, value), inputs: [] });
  await settle();
  expect(records.values.get(name)).toEqual(newer);
});
