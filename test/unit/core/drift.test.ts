import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import { CLEAN } from '../../../src/core/snapshot';
import type { ConfigReading, ContainerFacts } from '../../../src/core/ports';
import { FakeDisk, FakeRecords } from '../../support/fakeDisk';
import { container, devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';

const FILE = '/w/.devcontainer/devcontainer.json';
const INPUT = '.devcontainer/devcontainer.json';
const CREATED = 1_700_000_000_000;
const [BEFORE, AFTER] = [CREATED - 1000, CREATED + 1000];
const disk = new FakeDisk();

function setUp(records = new FakeRecords()) {
  return { records, drift: new Drift(records, disk, () => judging, silentLogger) };
}

/** A container with what the CLI noted on it. */
function made(noted?: Record<string, unknown>, more: Partial<ContainerFacts> = {}): ContainerFacts {
  const labels = noted ? { 'devcontainer.metadata': JSON.stringify([{ id: 'feature' }, noted]) } : {};
  return devContainer('a', '/w', FILE, { createdAt: CREATED, image: 'debian:12', labels, ...more });
}

function caseOf(subject: ContainerFacts, skewMs = 0): judging.Case {
  return { engine: 'e', container: subject, workspaceFolder: '/w', configFile: FILE, skewMs };
}

function reading(value: Record<string, unknown>, modifiedAt = BEFORE) {
  return disk.put(FILE, value, modifiedAt);
}

/** Judges with inputs that have been read, of which there are none. */
function judge(drift: Drift, subject: judging.Case, now: ConfigReading) {
  const details = { imageReference: subject.container.image };
  return drift.judge(subject, { reading: now, inputs: NO_INPUTS, details });
}
const NO_INPUTS = { readings: [], files: [], folders: [] };
const unknownChange = {
  dirty: true,
  changes: [{ input: INPUT, file: FILE, effect: 'unknown', line: 1, probable: true }],
};

describe('Drift, of a container with a record', () => {
  function recorded(value: Record<string, unknown>) {
    const { drift, records } = setUp();
    const subject = caseOf(made({ init: true }));
    drift.record(subject, 'created', { reading: reading(value), inputs: [] });
    return { drift, records, subject };
  }

  test.each<[string, Record<string, unknown>, number]>([
    ['the same content', { image: 'a', init: true }, BEFORE],
    ['touched only (S4-13)', { image: 'a', init: true }, AFTER],
    ['the keys in another order (S4-13)', { init: true, image: 'a' }, AFTER],
  ])('%s is clean', (_, value, modifiedAt) => {
    const { drift, subject } = recorded({ image: 'a', init: true });
    expect(judge(drift, subject, reading(value, modifiedAt))).toEqual(CLEAN);
  });

  test('a change is told with its effect, both values and its line', () => {
    const { drift, subject } = recorded({ image: 'a', containerEnv: { NODE_ENV: 'dev', A: '1' } });
    const now = reading({ image: 'a', containerEnv: { A: '1', NODE_ENV: 'test' } }, AFTER);
    expect(judge(drift, subject, now)).toEqual({
      dirty: true,
      changes: [
        {
          input: INPUT,
          property: 'containerEnv.NODE_ENV',
          from: '"dev"',
          to: '"test"',
          effect: 'recreate',
          file: FILE,
          line: 5,
        },
      ],
    });
  });

  test('of a variable that went, the line is that of where it was; a property that went has none', () => {
    const { drift, subject } = recorded({ init: true, containerEnv: { A: '1', B: '2' } });
    const { changes } = judge(drift, subject, reading({ containerEnv: { A: '1' } }, AFTER));
    expect(changes.map(({ property, line }) => [property, line])).toEqual([
      ['containerEnv.B', 2],
      ['init', undefined],
    ]);
  });

  test('a change counts even if the file looks older than the container: the record wins', () => {
    const { drift, subject } = recorded({ image: 'a' });
    expect(judge(drift, subject, reading({ image: 'b' }, BEFORE)).dirty).toBe(true);
  });

  test('a change that is undone is clean again (S4-13)', () => {
    const { drift, subject } = recorded({ image: 'a' });
    expect(judge(drift, subject, reading({ image: 'b' }, AFTER)).dirty).toBe(true);
    expect(judge(drift, subject, reading({ image: 'a' }, AFTER + 1)).dirty).toBe(false);
  });

  test('survives the window: what was changed while it was closed counts (S4-12)', async () => {
    const { records, subject } = recorded({ image: 'a' });
    const next = setUp(records).drift;
    records.values.set('broken', { version: 1 });
    await next.load();
    expect(judge(next, subject, reading({ image: 'a' }, AFTER)).dirty).toBe(false);
    expect(judge(next, subject, reading({ image: 'b' }, AFTER)).dirty).toBe(true);
    expect(next.madeFrom('e', subject.container.id)?.text).toContain('"image": "a"');
  });

  test('the same question twice gets the same object, until the record changes', () => {
    const { drift, subject } = recorded({ image: 'a' });
    const now = reading({ image: 'b' }, AFTER);
    const verdict = judge(drift, subject, now);
    expect(judge(drift, subject, now)).toBe(verdict);
    let fired = 0;
    drift.onDidChange(() => fired++);
    drift.record(subject, 'accepted', { reading: now, inputs: [] });
    expect(fired).toBe(1);
    expect(judge(drift, subject, now)).toEqual(CLEAN);
  });

  test('a text of more than 64 kB is not kept, its value is', () => {
    const { drift, subject } = recorded({ image: 'a', name: 'x'.repeat(70_000) });
    const record = drift.madeFrom('e', subject.container.id);
    expect([record?.text, record?.value['image']]).toEqual(['', 'a']);
  });

  test('a record that cannot be written still counts in this window', async () => {
    const { drift, records } = setUp();
    records.failure = new Error('disk full');
    const subject = caseOf(made());
    drift.record(subject, 'created', { reading: reading({ image: 'a' }), inputs: [] });
    await settle();
    expect(judge(drift, subject, reading({ image: 'b' }, AFTER)).dirty).toBe(true);
  });

  test('another engine with a container of the same id has a record of its own', () => {
    const { drift, records, subject } = recorded({ image: 'a' });
    const elsewhere = { ...subject, engine: 'unix:///f.sock' };
    drift.record(elsewhere, 'created', { reading: reading({ image: 'b' }), inputs: [] });
    expect(records.values.size).toBe(2);
    expect([...records.values.keys()].every((name) => /^[a-zA-Z0-9_-]+$/.test(name))).toBe(true);
    expect(judge(drift, subject, reading({ image: 'b' })).dirty).toBe(true);
    expect(judge(drift, elsewhere, reading({ image: 'b' })).dirty).toBe(false);
  });
});

describe('Drift, of a container that others made', () => {
  test.each<[string, Record<string, unknown> | undefined, Record<string, unknown>, number]>([
    ['an untouched file without a label', undefined, { build: { dockerfile: 'D' } }, BEFORE],
    ['an untouched file with its label', { init: true }, { build: {}, init: true }, BEFORE],
    [
      'a touched file of which the container tells all',
      { init: true },
      { image: 'debian:12', init: true },
      AFTER,
    ],
    [
      'the same with properties without effect',
      { init: true },
      { init: true, name: 'x', $schema: '' },
      AFTER,
    ],
  ])('%s is adopted as what it was made from', (_, noted, value, modifiedAt) => {
    const { drift } = setUp();
    const subject = caseOf(made(noted));
    expect(judge(drift, subject, reading(value, modifiedAt))).toEqual(CLEAN);
    expect(drift.madeFrom('e', subject.container.id)).toMatchObject({ source: 'observed', value });
  });

  test.each<[string, Record<string, unknown> | undefined, Record<string, unknown>, unknown]>([
    ['without a label', undefined, { build: { dockerfile: 'D' } }, unknownChange],
    ['with a build that the label does not tell', { init: true }, { build: {}, init: true }, unknownChange],
    [
      'with another image',
      { init: true },
      { image: 'debian:13', init: true },
      {
        dirty: true,
        changes: [{ property: 'image', from: '"debian:12"', to: '"debian:13"', effect: 'rebuild' }],
      },
    ],
    [
      'with another property',
      { init: true },
      { init: false },
      { dirty: true, changes: [{ property: 'init', from: 'true', to: 'false', effect: 'recreate' }] },
    ],
    [
      'with another port',
      { forwardPorts: [1] },
      { forwardPorts: [2] },
      { dirty: false, changes: [{ property: 'forwardPorts', effect: 'none' }] },
    ],
  ])('a touched file %s is told and not adopted', (_, noted, value, verdict) => {
    const { drift } = setUp();
    const subject = caseOf(made(noted));
    expect(judge(drift, subject, reading(value, AFTER))).toMatchObject(verdict as object);
    expect(drift.madeFrom('e', subject.container.id)).toBeUndefined();
  });

  test('the label beats the time: an older file that says something else is dirty', () => {
    const { drift } = setUp();
    const verdict = judge(drift, caseOf(made({ init: true })), reading({ init: false }, BEFORE));
    expect(verdict).toMatchObject({ dirty: true, changes: [{ property: 'init' }] });
  });

  test('an image that the CLI built is not compared with the one that is named', () => {
    const { drift } = setUp();
    const subject = caseOf(made({ init: true }, { image: 'vsc-w-123-uid' }));
    expect(judge(drift, subject, reading({ image: 'debian:12', init: true }, AFTER))).toEqual(unknownChange);
  });

  test.each([
    [5, -1, false],
    [5, 1, true],
    [-5, -1, false],
    [-5, 1, true],
  ])(
    'with the engine %i min ahead, a file written %i s after the container by its clock is dirty: %s (S4-11)',
    (minutes, seconds, dirty) => {
      const { drift } = setUp();
      const skewMs = minutes * 60_000;
      const written = CREATED - skewMs + seconds * 1000;
      expect(judge(drift, caseOf(made(), skewMs), reading({ build: {} }, written)).dirty).toBe(dirty);
    },
  );
});

describe('Drift', () => {
  const invalid: ConfigReading = { status: 'invalid', problem: { message: 'No comma', line: 3 } };

  test('a file that cannot be read is never clean, with a record and without', () => {
    const { drift } = setUp();
    const subject = caseOf(made());
    const verdict = {
      dirty: true,
      changes: [{ input: INPUT, file: FILE, effect: 'unknown', line: 3 }],
      problem: invalid.problem,
    };
    expect(judge(drift, subject, invalid)).toEqual(verdict);
    drift.record(subject, 'created', { reading: reading({ image: 'a' }), inputs: [] });
    expect(judge(drift, subject, invalid)).toEqual(verdict);
    expect(judge(drift, subject, reading({ image: 'a' }))).toEqual(CLEAN);
  });

  test('a file that is gone is a problem', () => {
    const { drift } = setUp();
    expect(judge(drift, caseOf(made()), { status: 'missing' })).toMatchObject({
      dirty: false,
      problem: { isMissing: true },
    });
  });

  test('forgets the containers of one engine that are gone, and no others', async () => {
    const { drift, records } = setUp();
    const [a, b] = [container('a'), container('b')];
    const now = reading({ image: 'x' });
    for (const subject of [caseOf(a), caseOf(b), { ...caseOf(a), engine: 'f' }]) {
      drift.record(subject, 'created', { reading: now, inputs: [] });
    }
    await drift.forgetOthers('e', new Set([b.id]), () => Promise.resolve(false));
    await settle();
    expect(drift.madeFrom('e', a.id)).toBeUndefined();
    expect(drift.madeFrom('e', b.id)).toBeDefined();
    expect(drift.madeFrom('f', a.id)).toBeDefined();
    expect(records.values.size).toBe(2);
  });

  test('keeps the record of a container that is younger than the list', async () => {
    const { drift } = setUp();
    const a = container('a');
    drift.record(caseOf(a), 'created', { reading: reading({ image: 'x' }), inputs: [] });
    await drift.forgetOthers('e', new Set(), (id) => Promise.resolve(id === a.id));
    expect(drift.madeFrom('e', a.id)).toBeDefined();
  });
});
