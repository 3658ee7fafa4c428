import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Journal } from '../../../src/core/journal';
import type { Unfinished } from '../../../src/core/unfinished';
import { processes } from '../../support/fakeProcesses';
import { FakeRecords } from '../../support/fakeDisk';
import { FakeEngine } from '../../support/fakeEngine';
import { KEY, recreateJob, replaced } from '../../support/savedJobs';

const OWN = '100';
const OTHER = '200';
const THIRD = '300';
const engine = new FakeEngine();

/** Windows' journals over records that all of them share. */
function windows(alive: readonly string[]) {
  const records = new FakeRecords();
  const journalOf = (owner: string) =>
    new Journal(
      records,
      processes(owner, (other) => alive.includes(other)),
      silentLogger,
    );
  return { records, own: journalOf(OWN), other: journalOf(OTHER), third: journalOf(THIRD) };
}

/** What a look finds: the jobs that are to be finished here, and those of others. */
async function look(journal: Journal, isRunning: (key: string) => boolean = () => false) {
  const resumed: Unfinished[] = [];
  const { elsewhere, finished } = await journal.recover(engine, isRunning, (entry) => {
    resumed.push(entry);
    return Promise.resolve();
  });
  await finished;
  return { resumed, elsewhere };
}

describe('Journal.begin', () => {
  test.each([
    ['another window that lives', [OTHER], false],
    ['another window that died', [], true],
  ])('a dev container that %s works on', async (_, alive, free) => {
    const { own, other } = windows(alive);
    expect(await other.begin(KEY, engine)).toBe(true);
    expect(await own.begin(KEY, engine)).toBe(free);
    expect(await own.begin(`${KEY}x`, engine)).toBe(true);
  });

  test('is free again once the job is over', async () => {
    const { own, other } = windows([OTHER, OWN]);
    await other.begin(KEY, engine);
    await other.end(KEY);
    expect(await own.begin(KEY, engine)).toBe(true);
  });

  test.each([
    ['nobody', undefined],
    ['a window that died', OTHER],
  ])('of many at once, after %s, exactly one gets it', async (_, before) => {
    const { own, other, third } = windows([THIRD, OWN]);
    if (before !== undefined) await other.begin(KEY, engine);
    const claims = await Promise.all([own.begin(KEY, engine), third.begin(KEY, engine)]);
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test('what a dead window left half done must be finished first', async () => {
    const { own, other } = windows([]);
    await other.begin(KEY, engine);
    await other.note(recreateJob(engine));
    expect(await own.begin(KEY, engine)).toBe(false);
    const { resumed } = await look(own);
    expect(resumed).toMatchObject([{ key: KEY, engine: 'fake', job: { kind: 'recreate', replaced } }]);
    await own.end(KEY);
    expect(await own.begin(KEY, engine)).toBe(true);
  });

  test('keys that look alike as file names are told apart, and the names are fit for files', async () => {
    const { own, records } = windows([]);
    for (const key of ['a|/w/x', 'a|/w_x', 'a|/w-x', `a|/${'é/'.repeat(300)}`]) await own.begin(key, engine);
    expect(records.values.size).toBe(4);
    for (const name of records.values.keys()) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,180}$/);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['another version', { version: 2, key: KEY, engine: 'fake', owner: OTHER }],
    ['no process', { version: 1, key: KEY, engine: 'fake' }],
    ['a job that is none', { version: 1, key: KEY, engine: 'fake', owner: OTHER, job: { kind: 'recreate' } }],
  ])('an entry with %s counts for nothing', async (_, value) => {
    const { own, other, records } = windows([OTHER]);
    await other.note(recreateJob(engine));
    for (const name of records.values.keys()) records.values.set(name, value);
    expect(await look(own)).toEqual({ resumed: [], elsewhere: [] });
    expect(await own.begin(KEY, engine)).toBe(true);
  });
});

describe('Journal.recover', () => {
  test.each([
    ['a window that died', OTHER, [], false, true],
    ['a window that lives', OTHER, [OTHER], false, false],
    ['this window, which still runs it', OWN, [OWN], true, false],
    ['this window, which gave up on it', OWN, [OWN], false, true],
  ])('a job of %s is taken over: %5$s', async (_, owner, alive, running, isTaken) => {
    const { own, other } = windows(alive);
    await (owner === OWN ? own : other).note(recreateJob(engine, replaced, ['b']));
    const { resumed } = await look(own, (key) => running && key === KEY);
    expect(resumed).toHaveLength(isTaken ? 1 : 0);
    if (isTaken) expect(resumed[0]?.job.known).toEqual(['b', replaced.id]);
  });

  test('a job of this window that ends while the entries are read is not taken over', async () => {
    const { own, records } = windows([OWN]);
    await own.note(recreateJob(engine));
    let isRunning = true;
    const readAll = records.readAll.bind(records);
    records.readAll = async () => {
      const all = await readAll();
      records.readAll = readAll;
      await own.end(KEY);
      isRunning = false;
      return all;
    };
    expect(await look(own, () => isRunning)).toEqual({ resumed: [], elsewhere: [] });
  });

  test('of two windows that look at once one takes it over', async () => {
    const { own, other, third } = windows([OWN, THIRD]);
    await other.note(recreateJob(engine));
    const found = await Promise.all([look(own), look(third)]);
    expect(found.flatMap(({ resumed }) => resumed)).toHaveLength(1);
    const again = await look(third);
    expect(again.elsewhere.length + again.resumed.length).toBeLessThanOrEqual(1);
  });

  test('who dies while taking it over keeps nobody from it for ever', async () => {
    const { own, other, third, records } = windows([OWN]);
    await other.note(recreateJob(engine));
    const create = records.create.bind(records);
    records.create = async (key, value) => {
      await create(key, value);
      throw new Error('dead');
    };
    expect((await look(third)).resumed).toEqual([]);
    records.create = create;
    // The first look finds the mark of the dead one, the second none.
    await look(own);
    expect((await look(own)).resumed).toHaveLength(1);
  });

  test('the run of a dead window is told with its job, and whether its CLI still works', async () => {
    const { own, other } = windows(['7']);
    await other.note(recreateJob(engine));
    await other.noteProcess(KEY, { pid: 7, folder: 'f' });
    const { resumed } = await look(own);
    expect(resumed[0]?.run).toEqual({ pid: 7, folder: 'f', process: '7' });
    expect(own.isAlive({ pid: 7, folder: 'f', process: '7' })).toBe(true);
    expect(own.isAlive({ pid: 8, folder: 'f', process: '8' })).toBe(false);
  });

  test('entries of another engine wait for that engine', async () => {
    const { own, other } = windows([]);
    await other.note(recreateJob(new FakeEngine('elsewhere')));
    expect(await look(own)).toEqual({ resumed: [], elsewhere: [] });
  });

  test('what others are at work on is told', async () => {
    const { own, other } = windows([OTHER]);
    await other.begin(KEY, engine);
    expect((await look(own)).elsewhere).toEqual([{ key: KEY }]);
    await other.note(recreateJob(engine));
    expect((await look(own)).elsewhere).toEqual([{ key: KEY, kind: 'recreate' }]);
  });

  test('what cannot be finished yet stays written down, and keeps nothing else from being finished', async () => {
    const { own, other, records } = windows([]);
    await other.note(recreateJob(engine));
    const { finished } = await own.recover(
      engine,
      () => false,
      () => Promise.reject(new Error('No.')),
    );
    await finished;
    expect(records.values.size).toBe(1);
    expect((await look(own)).resumed).toHaveLength(1);
  });
});
