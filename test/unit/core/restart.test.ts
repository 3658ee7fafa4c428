import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import type { InputReading } from '../../../src/core/ports';
import { cliResult } from '../../support/fakeCore';
import { devContainer } from '../../support/fakeEngine';
import { FILE, OLD, started } from '../../support/recreateCases';

const BEFORE = { image: 'image:1', remoteEnv: { A: '1' }, init: true };

/** A container that was made from BEFORE, and a file that says something else now. */
async function changed(now: Record<string, unknown>, more: Parameters<typeof devContainer>[3] = {}) {
  const core = await started([devContainer('a', '/w', FILE, more)]);
  const facts = core.inventory.facts(core.key);
  const subject = facts && core.inventory.caseOf(facts);
  if (!subject) throw new Error('there is nothing to judge');
  core.drift.record(subject, 'created', { reading: core.disk.put(FILE, BEFORE), inputs: [] });
  core.disk.put(FILE, now);
  await core.configs.check();
  core.inventory.current();
  core.cli.run = async () => {
    await core.engine.start(OLD);
    return cliResult({ containerId: OLD });
  };
  return core;
}

const calls = ({ engine }: Awaited<ReturnType<typeof changed>>): string[] =>
  engine.calls.filter((call) => call.startsWith('change') || call.startsWith('remove'));
const STOP = 'change aaaa {"state":"exited","finishedAt":1000}';
const START = 'change aaaa {"state":"running","startedAt":2000}';

describe('a restart', () => {
  test('stops the container, has the CLI start the same one again, and is clean after it', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' }, remoteUser: 'x' });
    expect(core.item()).toMatchObject({
      dirty: true,
      changes: [{ effect: 'restart' }, { effect: 'restart' }],
    });
    const seen: unknown[] = [];
    core.board.onDidChange((key) => {
      const job = core.board.get(key);
      seen.push(job && [job.activity, job.phase]);
    });
    expect(await core.recreate.run('restart', core.key)).toEqual({
      ...{ outcome: 'succeeded', containerId: OLD, downtimeMs: 1000, logFile: '/log' },
    });
    expect(core.cli.requests[0]).not.toHaveProperty('replace');
    expect(calls(core)).toEqual([STOP, START]);
    expect(core.item()).toMatchObject({ dirty: false, changes: [], state: 'running', containerId: OLD });
    expect(core.journalRecords.values.size).toBe(0);
    expect(seen).toEqual([
      ['starting', 'waiting for other jobs'],
      ['starting', 'reading the configuration'],
      ['stopping', 'stopping the container'],
      ['starting', 'checking the result'],
      undefined,
    ]);
    expect(core.drift.madeFromText('fake', OLD, FILE)).toContain('remoteUser');
  });

  test('leaves what needs more than a restart a change', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' }, init: false });
    await core.recreate.run('restart', core.key);
    expect(core.item()).toMatchObject({ dirty: true, changes: [{ property: 'init' }] });
    expect(core.drift.madeFromText('fake', OLD, FILE)).toContain('"A": "1"');
  });

  test('takes over what variables of the machine mean for what counts at a start, and only that', async () => {
    const value = { ...BEFORE, remoteEnv: { A: '${localEnv:X}' } };
    const core = await changed(value);
    const reading = (input: string, values: Record<string, string>): InputReading => ({
      ...{ kind: 'environment', input, values },
    });
    const facts = core.inventory.facts(core.key);
    const subject = facts && core.inventory.caseOf(facts);
    if (!subject) throw new Error('there is nothing to judge');
    core.drift.record(subject, 'created', {
      reading: core.disk.put(FILE, value),
      inputs: [
        reading('${localEnv:X}', { 'remoteEnv.A': '#1', 'containerEnv.B': '#1' }),
        reading('${localEnv:GONE}', { 'remoteEnv.C': '#1' }),
      ],
    });
    core.inputReader.put(
      FILE,
      reading('${localEnv:X}', { 'remoteEnv.A': '#2', 'containerEnv.B': '#2' }),
      reading('${localEnv:NEW}', { 'remoteEnv.D': '#1' }),
    );
    await core.recreate.run('restart', core.key);
    expect(core.drift.madeFrom('fake', OLD)?.inputs).toEqual([
      reading('${localEnv:X}', { 'remoteEnv.A': '#2', 'containerEnv.B': '#1' }),
      reading('${localEnv:NEW}', { 'remoteEnv.D': '#1' }),
    ]);
    const inputs = await core.inputReader.read({ ...subject, config: value, known: [] });
    const now = { reading: core.disk.put(FILE, value), inputs };
    expect(core.drift.judge(subject, now).changes).toMatchObject([
      { property: 'containerEnv.B', effect: 'recreate' },
    ]);
  });

  test('is what starting a stopped one is, too', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' } }, { state: 'exited' });
    await core.recreate.run('up', core.key);
    expect(calls(core)).toEqual([START]);
    expect(core.item()).toMatchObject({ dirty: false, state: 'running' });
  });

  test('of a running one counts as none when it was only started', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' } });
    await core.recreate.run('up', core.key);
    expect(core.item()).toMatchObject({ dirty: true });
  });

  test('that fails leaves the container running, and a change', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' } });
    core.cli.run = () => Promise.resolve(cliResult({ outcome: 'error', message: 'No.' }));
    const outcome = await core.recreate.run('restart', core.key);
    expect(outcome).toMatchObject({
      ...{ outcome: 'failed', containerId: OLD },
      failure: { message: 'No. The container it had is running again.' },
    });
    expect(calls(core)).toEqual([STOP, START]);
    expect(core.item()).toMatchObject({ dirty: true, state: 'running' });
  });

  test('that cannot be undone either says so at once, and goes on', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' } });
    core.cli.run = () => {
      core.engine.failing = 'change aaaa {"state":"running"';
      core.engine.failure = new ShipshapeError('engineFailed', 'The port is taken.');
      return Promise.resolve(cliResult({ outcome: 'error', message: 'No.' }));
    };
    const outcome = await core.recreate.run('restart', core.key);
    expect(outcome.failure?.message).toBe('No. The container it had is stopped.');
    expect(core.item()).toMatchObject({ state: 'stopped', activity: 'idle' });
  });

  test('that is cancelled leaves the container running', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' } });
    core.cli.run = () => Promise.reject(new ShipshapeError('cancelled', 'Cancelled.'));
    const outcome = await core.recreate.run('restart', core.key);
    expect(outcome).toMatchObject({
      outcome: 'cancelled',
      failure: { message: 'Cancelled. The container it had is running again.' },
    });
    expect(core.item()).toMatchObject({ state: 'running' });
  });

  test('notes before it stops anything what is to be running again after a crash', async () => {
    const core = await changed({ ...BEFORE, remoteEnv: { A: '2' } });
    let noted: unknown;
    core.cli.run = () => {
      [noted] = core.journalRecords.values.values();
      return Promise.resolve(cliResult({ containerId: OLD }));
    };
    await core.recreate.run('restart', core.key);
    const restarted = { id: OLD, name: 'ca', wasRunning: true };
    expect(noted).toMatchObject({ job: { restarted, known: [OLD] } });
  });

  test('is refused without a container, and for one that would be gone once it stops', async () => {
    const none = await started([]);
    await expect(none.recreate.run('restart', none.key)).rejects.toMatchObject({ code: 'notFound' });
    const core = await changed(BEFORE, { isRemovedWhenStopped: true });
    await expect(core.recreate.run('restart', core.key)).rejects.toThrow(/started with --rm/);
    expect(calls(core)).toEqual([]);
  });
});
