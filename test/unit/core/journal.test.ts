import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { keyOf } from '../../../src/core/identity';
import { Journal } from '../../../src/core/journal';
import { FakeRecords } from '../../support/fakeDisk';
import { container, devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const KEY = keyOf({ engine: 'fake', workspaceFolder: '/w', configFile: FILE });
const ASIDE = 'ca_before_aaaaaaaa';
const OWN = 100;
const OTHER = 200;
const replaced = { id: 'a'.repeat(64), name: 'ca', setAsideName: ASIDE, wasRunning: true };
const aside = devContainer('a', '/w', FILE, { name: ASIDE, state: 'exited' });

/** A window's journal over records that all windows share. */
function windows(alive: readonly number[]) {
  const records = new FakeRecords();
  const journalOf = (pid: number) =>
    new Journal(records, pid, (other) => alive.includes(other), silentLogger);
  return { records, own: journalOf(OWN), other: journalOf(OTHER) };
}

function engineWith(...containers: ReturnType<typeof container>[]) {
  const engine = new FakeEngine();
  for (const facts of containers) engine.containers.set(facts.id, facts);
  const left = (): string[] => [...engine.containers.values()].map((c) => `${c.name} ${c.state}`).sort();
  return { engine, left };
}

describe('Journal.isBusyElsewhere', () => {
  test.each([
    ['another window that lives', [OTHER], true],
    ['another window that died', [], false],
  ])('a job of %s: %s', async (_, alive, busy) => {
    const { own, other } = windows(alive);
    await other.begin(KEY, 'fake', replaced);
    expect(await own.isBusyElsewhere(KEY)).toBe(busy);
    expect(await own.isBusyElsewhere(`${KEY}x`)).toBe(false);
    expect(await other.isBusyElsewhere(KEY)).toBe(false);
    await other.end(KEY);
    expect(await own.isBusyElsewhere(KEY)).toBe(false);
  });

  test('keys that look alike as file names are told apart, and the names are fit for files', async () => {
    const { own, records } = windows([]);
    for (const key of ['a|/w/x', 'a|/w_x', 'a|/w-x', `a|/${'é/'.repeat(300)}`]) {
      await own.begin(key, 'fake', replaced);
    }
    expect(records.values.size).toBe(4);
    for (const name of records.values.keys()) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,180}$/);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['another version', { version: 2, key: KEY, engine: 'fake', pid: OTHER, replaced }],
    ['no container', { version: 1, key: KEY, engine: 'fake', pid: OTHER }],
    [
      'a container without a name',
      { version: 1, key: KEY, engine: 'fake', pid: OTHER, replaced: { id: 'a' } },
    ],
    ['no process', { version: 1, key: KEY, engine: 'fake', replaced }],
  ])('an entry with %s counts for nothing', async (_, value) => {
    const { own, other, records } = windows([OTHER]);
    await other.begin(KEY, 'fake', replaced);
    for (const name of records.values.keys()) records.values.set(name, value);
    const { engine, left } = engineWith(aside);
    expect(await own.isBusyElsewhere(KEY)).toBe(false);
    await own.recover(engine, () => false);
    expect(left()).toEqual([`${ASIDE} exited`]);
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
      'set aside, with a successor that does not run: it is put back',
      [aside, devContainer('b', '/w', FILE, { state: 'created' })],
      {},
      ['ca running', 'cb created'],
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
    await other.begin(KEY, 'fake', { ...replaced, ...more } as typeof replaced);
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
    await (pid === OWN ? own : other).begin(KEY, 'fake', replaced);
    await own.recover(engine, (key) => running && key === KEY);
    expect(left()).toEqual([done ? 'ca running' : `${ASIDE} exited`]);
    expect(records.values.size).toBe(done ? 0 : 1);
  });

  test('entries of another engine wait for that engine', async () => {
    const { records, own, other } = windows([]);
    const { engine } = engineWith(aside);
    await other.begin(KEY, 'elsewhere', replaced);
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
    await other.begin(KEY, 'fake', replaced);
    await other.begin('fake|/x|/x/c.json', 'fake', {
      ...replaced,
      id: 'e'.repeat(64),
      name: 'ce',
      setAsideName: 'e_aside',
    });
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
