/** What is known of a container comes bit by bit: a verdict says no more than that, and follows it. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import type { ConfigReading } from '../../../src/core/ports';
import { CLEAN } from '../../../src/core/snapshot';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const CREATED = 1_700_000_000_000;
const disk = new FakeDisk();
const inputs = { readings: [], files: [], folders: [] };

function setUp() {
  const drift = new Drift(new FakeRecords(), disk, () => judging, silentLogger);
  const judge = (now: judging.Now, skewMs = 0, createdAt = CREATED) =>
    drift.judge(caseOf(skewMs, createdAt), { inputs, ...now });
  return { drift, judge };
}

function caseOf(skewMs: number, createdAt: number): judging.Case {
  const labels = { 'devcontainer.metadata': '[{"init":true}]' };
  const container = devContainer('a', '/w', FILE, { createdAt, image: 'debian:12', labels });
  return { engine: 'e', container, workspaceFolder: '/w', configFile: FILE, skewMs };
}

const written = (value: Record<string, unknown>, afterMs: number): ConfigReading =>
  disk.put(FILE, value, CREATED + afterMs);
const details = { imageReference: 'debian:12' };
const changed = { dirty: true, changes: [{ effect: 'unknown', probable: true }] };

test('a touched file is not called changed before the settings are known that may tell otherwise', () => {
  const { drift, judge } = setUp();
  const id = caseOf(0, CREATED).container.id;
  expect(judge({ reading: written({ image: 'debian:12', init: true }, 1000) })).toEqual(CLEAN);
  expect(drift.madeFrom('e', id)).toBeUndefined();
  const reading = written({ build: {}, init: true }, 1000);
  expect(judge({ reading })).toEqual(CLEAN);
  expect(judge({ reading, details })).toMatchObject(changed);
});

test('an exact time of the container, or of its engine, is heeded after a coarse one', () => {
  const reading = written({ build: {}, init: true }, 500);
  for (const [skewMs, createdAt] of [
    [-60_000, CREATED],
    [0, CREATED + 900],
  ]) {
    const { judge } = setUp();
    expect(judge({ reading, details })).toMatchObject(changed);
    expect(judge({ reading, details }, skewMs, createdAt)).toEqual(CLEAN);
  }
});

test('what it was made from is recorded once the image is known that its configuration names', () => {
  const { drift, judge } = setUp();
  const { id } = caseOf(0, CREATED).container;
  const reading = written({ image: 'base:1', init: true }, -1000);
  const built = { imageReference: 'vsc-w-1' };
  expect(judge({ reading, details: built, images: { isAsking: true } })).toEqual(CLEAN);
  expect(drift.madeFrom('e', id)).toBeUndefined();
  const at = (image: string) => ({ base: { reference: 'base:1', id: `sha256:${image.repeat(64)}` } });
  expect(judge({ reading, details: built, images: at('a') })).toEqual(CLEAN);
  expect(judge({ reading, details: built, images: at('b') })).toMatchObject({
    dirty: true,
    changes: [{ input: 'image base:1', effect: 'rebuild' }],
  });
});
