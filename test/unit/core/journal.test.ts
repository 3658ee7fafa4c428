import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { keyOf } from '../../../src/core/identity';
import { Journal } from '../../../src/core/journal';
import { processes } from '../../support/fakeProcesses';
import { FakeRecords } from '../../support/fakeDisk';
import { container, devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const KEY = keyOf({ engine: 'fake', workspaceFolder: '/w', configFile: FILE });
const ASIDE = 'ca_before_aaaaaaaa';
const OWN = '100';
const OTHER = '200';
const replaced = { id: 'a'.repeat(64), name: 'ca', setAsideName: ASIDE, wasRunning: true };
const aside = devContainer('a', '/w', FILE, { name: ASIDE, state: 'exited' });

/** A window's journal over records that all windows share. */
function windows(alive: readonly string[]) {
  const records = new FakeRecords();
  const journalOf = (owner: string) =>
    new Journal(
      records,
      processes(owner, (other) => alive.includes(other)),
      silentLogger,
    );
  return { records, own: journalOf(OWN), other: journalOf(OTHER) };
}

function engineWith(...containers: ReturnType<typeof container>[]) {
  const engine = new FakeEngine();
  for (const facts of containers) engine.containers.set(facts.id, facts);
  const left = (): string[] => [...engine.containers.values()].map((c) => `${c.name} ${c.state}`).sort();
  return { engine, left };
}

describe('Journal.begin', () => {
  test.each([
    ['another window that lives', [OTHER], false],
    ['another window that died', [], true],
  ])('a dev container that %s works on', async (_, alive, free) => {
    const { own, other } = windows(alive);
    const { engine } = engineWith();
    expect(await other.begin(KEY, engine)).toBe(true);
    expect(await own.begin(KEY, engine)).toBe(free);
    expect(await own.begin(`${KEY}x`, engine)).toBe(true);
  });

  test('is free again once the job is over', async () => {
    const { own, other } = windows([OTHER, OWN]);
    const { engine } = engineWith();
    await other.begin(KEY, engine);
    await other.end(KEY);
    expect(await own.begin(KEY, engine)).toBe(true);
  });

  test('of many at once exactly one gets it', async () => {
    const { own, other } = windows([OTHER, OWN]);
    const { engine } = engineWith();
    const claims = await Promise.all([own, other, other].map((journal) => journal.begin(KEY, engine)));
    expect(claims.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    expect(claims[0] === true && claims[1] === true).toBe(false);
  });

  test('what a dead window left is put right before the dev container is touched again', async () => {
    const { own, other } = windows([]);
    const { engine, left } = engineWith(aside);
    await other.begin(KEY, engine);
    await other.note(KEY, 'fake', replaced, [replaced.id]);
    expect(await own.begin(KEY, engine)).toBe(true);
    expect(left()).toEqual(['ca running']);
  });

  test('keys that look alike as file names are told apart, and the names are fit for files', async () => {
    const { own, records } = windows([]);
    const { engine } = engineWith();
    for (const key of ['a|/w/x', 'a|/w_x', 'a|/w-x', `a|/${'é/'.repeat(300)}`]) await own.begin(key, engine);
    expect(records.values.size).toBe(4);
    for (const name of records.values.keys()) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,180}$/);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['another version', { version: 2, key: KEY, engine: 'fake', owner: OTHER, replaced }],
    [
      'a container without a name',
      { version: 1, key: KEY, engine: 'fake', owner: OTHER, replaced: { id: 'a' } },
    ],
    ['no process', { version: 1, key: KEY, engine: 'fake', replaced }],
  ])('an entry with %s counts for nothing', async (_, value) => {
    const { own, other, records } = windows([OTHER]);
    const { engine, left } = engineWith(aside);
    await other.note(KEY, 'fake', replaced, []);
    for (const name of records.values.keys()) records.values.set(name, value);
    await own.recover(engine, () => false);
    expect(left()).toEqual([`${ASIDE} exited`]);
    expect(await own.begin(KEY, engine)).toBe(true);
  });
});

describe('Journal.recover', () => {
  test.each([
    [
      'set aside, with a successor that runs: it goes',
      [aside, devContainer('b', '/w', FILE)],
      {},
      ['cb running'],
    ],
    ['set aside, alone: it is put back and started', [aside], {}, ['ca running']],
    [
      'set aside, and it did not run before: it is put back only',
      [aside],
      { wasRunning: false },
      ['ca exited'],
    ],
    [
      'set aside, with a successor that never ran: that goes, and it is put back',
      [aside, devContainer('b', '/w', FILE, { state: 'created' })],
      {},
      ['ca running'],
    ],
    [
      'set aside, with others that are no successors: it is put back',
      [aside, devContainer('b', '/w', '/w/other.json'), container('d')],
      {},
      ['ca running', 'cb running', 'cd running'],
    ],
    ['stopped only: it is started', [{ ...aside, name: 'ca' }], {}, ['ca running']],
    ['untouched: nothing happens', [devContainer('a', '/w', FILE)], {}, ['ca running']],
    [
      'untouched, with another that runs: nothing happens',
      [devContainer('a', '/w', FILE), devContainer('b', '/w', FILE)],
      {},
      ['ca running', 'cb running'],
    ],
    ['gone: nothing happens', [devContainer('b', '/w', FILE)], {}, ['cb running']],
    [
      'of Compose, never set aside, and running: nothing happens',
      [devContainer('a', '/w', FILE)],
      { setAsideName: undefined },
      ['ca running'],
    ],
  ])('the old container is %s', async (_, containers, more, expected) => {
    const { records, own, other } = windows([]);
    const { engine, left } = engineWith(...containers);
    await other.note(KEY, 'fake', { ...replaced, ...more } as typeof replaced, [replaced.id]);
    await own.recover(engine, () => false);
    expect(left()).toEqual(expected);
    expect(records.values.size).toBe(0);
  });

  test.each([
    ['a window that died', OTHER, [], false, true],
    ['a window that lives', OTHER, [OTHER], false, false],
    ['this window, which still runs it', OWN, [], true, false],
    ['this window, which gave up on it', OWN, [OWN], false, true],
  ])('a job of %s is put right: %5$s', async (_, pid, alive, running, done) => {
    const { records, own, other } = windows(alive);
    const { engine, left } = engineWith(aside);
    await (pid === OWN ? own : other).note(KEY, 'fake', replaced, []);
    await own.recover(engine, (key) => running && key === KEY);
    expect(left()).toEqual([done ? 'ca running' : `${ASIDE} exited`]);
    expect(records.values.size).toBe(done ? 0 : 1);
  });

  test('a job whose window is gone is left to its CLI as long as that works', async () => {
    const { own, other, records } = windows(['7']);
    const { engine, left } = engineWith(aside);
    await other.note(KEY, 'fake', replaced, []);
    await other.noteProcess(KEY, 7);
    expect(await own.recover(engine, () => false)).toEqual([KEY]);
    expect(await own.begin(KEY, engine)).toBe(false);
    expect(left()).toEqual([`${ASIDE} exited`]);
    for (const [name, value] of records.values) records.values.set(name, { ...(value as object), cli: '8' });
    expect(await own.recover(engine, () => false)).toEqual([]);
    expect(left()).toEqual(['ca running']);
  });

  test('entries of another engine wait for that engine', async () => {
    const { records, own, other } = windows([]);
    const { engine } = engineWith(aside);
    await other.note(KEY, 'elsewhere', replaced, []);
    await own.recover(engine, () => false);
    expect(engine.calls).toEqual([]);
    expect(records.values.size).toBe(1);
  });

  test('what cannot be put right yet stays written down, and keeps nothing else from being put right', async () => {
    const { records, own, other } = windows([]);
    const { engine, left } = engineWith(
      aside,
      devContainer('e', '/x', '/x/c.json', { name: 'e_aside', state: 'exited' }),
    );
    await other.note(KEY, 'fake', replaced, []);
    await other.note(
      'fake|/x|/x/c.json',
      'fake',
      {
        ...replaced,
        id: 'e'.repeat(64),
        name: 'ce',
        setAsideName: 'e_aside',
      },
      [],
    );
    engine.failure = new ShipshapeError('engineFailed', 'No.');
    engine.failing = 'change aaaa';
    await own.recover(engine, () => false);
    expect(left()).toEqual([`${ASIDE} exited`, 'ce running']);
    expect(records.values.size).toBe(1);
    engine.failure = undefined;
    await own.recover(engine, () => false);
    expect(left()).toEqual(['ca running', 'ce running']);
    expect(records.values.size).toBe(0);
  });
});
