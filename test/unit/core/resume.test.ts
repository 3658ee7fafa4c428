import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Journal } from '../../../src/core/journal';
import { Recovery } from '../../../src/core/recovery';
import type { CliResult, ContainerFacts } from '../../../src/core/ports';
import type { Replaced } from '../../../src/core/swap';
import { cliResult } from '../../support/fakeCore';
import { processes } from '../../support/fakeProcesses';
import { container, devContainer } from '../../support/fakeEngine';
import { settle } from '../../support/fakeTimers';
import { held } from '../../support/held';
import { started } from '../../support/recreateCases';
import { ASIDE, FILE, KEY, recreateJob, replaced } from '../../support/savedJobs';

const aside = devContainer('a', '/w', FILE, { name: ASIDE, state: 'exited' });

/** A window that finds what another, `200`, has left. */
async function windowAfter(containers: readonly ContainerFacts[], old: Replaced = replaced, hasRun = false) {
  const core = await started(containers);
  const other = new Journal(core.journalRecords, processes('200', () => true), silentLogger); // prettier-ignore
  await other.note(recreateJob(core.engine, old, [old.id]));
  if (hasRun) await other.noteProcess(KEY, { pid: 7, folder: 'f' });
  const { engines, journal, drift, board, previous, recreate, timers } = core;
  const recovery = new Recovery({ engines, journal, drift, board, previous, recreate, timers, logger: silentLogger }); // prettier-ignore
  recovery.start();
  const look = async (): Promise<void> => {
    core.journalRecords.touch();
    await core.timers.pass(2_000);
  };
  const left = (): string[] => [...core.engine.containers.values()].map((c) => `${c.name} ${c.state}`).sort();
  return { ...core, recovery, look, left };
}

describe('a job whose window and CLI are gone', () => {
  test.each<[string, ContainerFacts[], Partial<Replaced>, string[]]>([
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
  ])('the old container is %s', async (_, containers, more, expected) => {
    const core = await windowAfter(containers, { ...replaced, ...more });
    await core.look();
    expect(core.left()).toEqual(expected);
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('of Compose, whose old container is gone, is made good with the copy of its files', async () => {
    const core = await windowAfter([devContainer('a', '/w', FILE)]);
    const blueprint = (await core.engine.blueprint(replaced.id)) ?? {};
    await core.engine.commit(replaced.id, 'shipshape/copy:a');
    core.engine.containers.clear();
    const { id, name, wasRunning } = replaced;
    const other = new Journal(core.journalRecords, processes('200', () => true), silentLogger); // prettier-ignore
    await other.note(
      recreateJob(core.engine, { id, name, wasRunning, copy: { image: 'shipshape/copy:a', blueprint } }),
    );
    await core.look();
    expect(core.left()).toEqual(['ca running']);
  });
});

describe('a job whose window is gone and whose CLI works', () => {
  test('is shown, followed to its end, settled and told', async () => {
    const core = await windowAfter([devContainer('a', '/w', FILE)], replaced, true);
    const end = held<CliResult>();
    core.cli.run = () => end.promise;
    const told: unknown[] = [];
    core.recreate.onDidResume((job) => told.push(job));
    await core.look();
    expect(core.cli.followed).toMatchObject([{ pid: 7, folder: 'f' }]);
    expect(core.item()).toMatchObject({ activity: 'recreating', state: 'running' });
    await core.engine.stop(replaced.id);
    await core.engine.rename(replaced.id, ASIDE);
    const made = devContainer('b', '/w', FILE, { createdAt: 1_800_000_000_000 });
    core.engine.containers.set(made.id, made);
    end.resolve(cliResult({ containerId: made.id }));
    await settle();
    await core.timers.pass(1_000);
    expect(told).toMatchObject([
      { key: KEY, kind: 'recreate', outcome: { outcome: 'succeeded', containerId: made.id } },
    ]);
    expect(core.left()).toEqual(['cb running']);
    expect(core.item()).toMatchObject({ activity: 'idle', containerId: made.id });
    expect(core.journalRecords.values.size).toBe(0);
  });

  test('can be cancelled', async () => {
    const core = await windowAfter([devContainer('a', '/w', FILE)], replaced, true);
    core.cli.run = (_request, _listener, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () =>
          reject(Object.assign(new Error('Cancelled.'), { name: 'ShipshapeError', code: 'cancelled' })),
        );
      });
    await core.look();
    core.recreate.cancel(KEY);
    await settle();
    await core.timers.pass(1_000);
    expect(core.item().activity).toBe('idle');
    expect(core.left()).toEqual(['ca running']);
  });
});

test('a job of a window that lives is shown until it is over, with what that window kept', async () => {
  const core = await windowAfter([devContainer('a', '/w', FILE)]);
  core.alive.add('200');
  await core.look();
  expect(core.item()).toMatchObject({ activity: 'recreating', job: { phase: 'at work in another window' } });
  await expect(core.recreate.run('up', KEY)).rejects.toMatchObject({ code: 'busy' });
  core.journalRecords.values.clear();
  await core.timers.pass(1_500);
  await settle();
  expect(core.item().activity).toBe('idle');
});
