import { beforeEach, describe, expect, test } from 'vitest';
import { Inputs } from '../../../src/core/inputs';
import type { InputReading } from '../../../src/core/ports';
import { FakeDisk, FakeInputs } from '../../support/fakeDisk';
import { FakeTimers, settle } from '../../support/fakeTimers';

const CONFIG = '/w/.devcontainer/devcontainer.json';
const wanted = { workspaceFolder: '/w', configFile: CONFIG, config: { build: {} } };

function dockerfile(...instructions: string[]): InputReading {
  return { kind: 'dockerfile', input: 'Dockerfile', file: '/w/Dockerfile', values: { '': instructions } };
}

const missing: InputReading = { ...dockerfile(), values: {}, problem: { message: 'gone', isMissing: true } };

describe('Inputs', () => {
  let timers: FakeTimers;
  let reader: FakeInputs;
  let disk: FakeDisk;
  let inputs: Inputs;
  let fired: number;

  beforeEach(async () => {
    timers = new FakeTimers();
    reader = new FakeInputs();
    disk = new FakeDisk();
    fired = 0;
    inputs = new Inputs(reader, disk, () => [dockerfile('recorded')], timers);
    inputs.onDidChange(() => fired++);
    reader.put(CONFIG, dockerfile('FROM a'));
    inputs.want([wanted]);
    await inputs.settled();
  });

  const now = (): unknown => inputs.of(CONFIG)?.readings[0]?.values[''];

  test('reads what is wanted once, watches its files, and offers what is recorded', async () => {
    expect(now()).toEqual(['FROM a']);
    expect(disk.watched).toEqual(['/w/Dockerfile']);
    expect(fired).toBe(1);
    inputs.want([{ ...wanted }]);
    await inputs.settled();
    expect(reader.requests).toHaveLength(1);
    expect(reader.requests[0]?.known).toEqual([dockerfile('recorded')]);
  });

  test('takes a change over once two looks agree on it', async () => {
    reader.put(CONFIG, dockerfile('FROM b'));
    disk.touch('/w/Dockerfile');
    await settle();
    expect(now()).toEqual(['FROM a']);
    await timers.pass(120);
    expect(now()).toEqual(['FROM b']);
    expect(fired).toBe(2);
  });

  test('a file that is gone for a moment was never gone', async () => {
    reader.put(CONFIG, missing);
    disk.touch('/w/Dockerfile');
    await timers.pass(399);
    reader.put(CONFIG, dockerfile('FROM a'));
    await timers.pass(400);
    expect(now()).toEqual(['FROM a']);
    expect(fired).toBe(1);
  });

  test('a file that is gone for good is', async () => {
    reader.put(CONFIG, missing);
    disk.touch('/w/Dockerfile');
    await timers.pass(400);
    expect(inputs.of(CONFIG)?.readings).toEqual([missing]);
  });

  test('a file that never rests is taken as it is after five looks', async () => {
    reader.put(CONFIG, dockerfile('FROM 0'));
    disk.touch('/w/Dockerfile');
    await settle();
    for (let n = 1; n < 5; n++) {
      reader.put(CONFIG, dockerfile(`FROM ${n}`));
      await timers.pass(120);
    }
    expect(now()).toEqual(['FROM 4']);
  });

  test('an event during a reading is followed by another reading', async () => {
    let release: () => void = () => undefined;
    reader.hold = new Promise((resolve) => (release = resolve));
    reader.put(CONFIG, dockerfile('FROM b'));
    disk.touch('/w/Dockerfile');
    await settle();
    // What the reading in flight answers was true before this.
    reader.put(CONFIG, dockerfile('FROM c'));
    disk.touch('/w/Dockerfile');
    reader.hold = undefined;
    release();
    await timers.pass(1000);
    expect(now()).toEqual(['FROM c']);
  });

  test('many that change at once, as in a checkout, are read four at a time', async () => {
    const many = Array.from({ length: 500 }, (_, n) => `/w/.devcontainer/${n}/devcontainer.json`);
    for (const file of many) reader.put(file, dockerfile(`FROM ${file}`));
    let release: () => void = () => undefined;
    reader.hold = new Promise((resolve) => (release = resolve));
    reader.requests.length = 0;
    inputs.want(many.map((configFile) => ({ ...wanted, configFile })));
    await settle();
    expect(reader.requests).toHaveLength(4);
    release();
    await inputs.settled();
    expect(reader.requests).toHaveLength(500);
    expect(many.every((file) => inputs.of(file)?.readings.length === 1)).toBe(true);
  });

  test('other files do not concern it', async () => {
    disk.touch('/w/Other');
    await timers.pass(1000);
    expect(reader.requests).toHaveLength(1);
  });

  test('a configuration that says something else has other inputs', async () => {
    reader.put(CONFIG, dockerfile('FROM other'));
    inputs.want([{ ...wanted, config: { dockerFile: 'Other' } }]);
    await timers.pass(120);
    expect(now()).toEqual(['FROM other']);
  });

  test('what nobody wants any more is neither kept nor watched', async () => {
    inputs.want([]);
    expect(inputs.of(CONFIG)).toBeUndefined();
    expect(disk.watched).toEqual([]);
    disk.touch('/w/Dockerfile');
    await timers.pass(1000);
    expect(reader.requests).toHaveLength(1);
  });

  test('a look at everything reads all again', async () => {
    reader.put(CONFIG, dockerfile('FROM b'));
    const checked = inputs.check();
    await timers.pass(120);
    await checked;
    expect(now()).toEqual(['FROM b']);
  });

  test('reads at once for a job, also what was not wanted before', async () => {
    reader.put(CONFIG, dockerfile('FROM b'));
    expect((await inputs.read(wanted)).readings).toEqual([dockerfile('FROM b')]);
    expect(now()).toEqual(['FROM b']);
    const other = { ...wanted, configFile: '/w/.devcontainer.json' };
    expect((await inputs.read(other)).readings).toEqual([]);
    expect(inputs.of(other.configFile)).toBeUndefined();
  });
});
