/** Windows tools write one path in several ways, and a container's labels hold whichever it was made with. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { Configs } from '../../../src/core/configs';
import { Drift } from '../../../src/core/drift';
import * as judging from '../../../src/core/verdict';
import { Inputs } from '../../../src/core/inputs';
import { FakeDisk, FakeInputs, FakeRecords } from '../../support/fakeDisk';
import { devContainer } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';

const FILE = 'c:/w/.devcontainer.json';
const OTHERWISE = 'C:\\w\\.devcontainer.json';
const dockerfile = { kind: 'dockerfile', input: 'Dockerfile', values: {} } as const;

function configsOf(disk: FakeDisk): Configs {
  return new Configs(disk, disk, disk, new FakeTimers(), silentLogger);
}

test('what a configuration says is known by either', async () => {
  const disk = new FakeDisk();
  const configs = configsOf(disk);
  disk.put(FILE, { image: 'a' });
  await configs.read(FILE);
  expect(configs.reading(OTHERWISE)).toMatchObject({ value: { image: 'a' } });
});

test('a configuration that was found and that a container names otherwise is read and watched once', async () => {
  const disk = new FakeDisk();
  const configs = configsOf(disk);
  disk.put(FILE, { image: 'a' });
  await configs.setFolders(['c:/w']);
  configs.setNamed([OTHERWISE]);
  await settle();
  expect(disk.reads).toEqual([FILE]);
  expect(configs.files).toHaveLength(1);
  expect(disk.watched).toHaveLength(1);
});

test('the inputs of a configuration are known by either', async () => {
  const reader = new FakeInputs();
  const inputs = new Inputs(reader, new FakeDisk(), () => [], new FakeTimers());
  reader.put(FILE, dockerfile);
  inputs.want([{ workspaceFolder: 'c:/w', configFile: FILE, config: {} }]);
  await inputs.settled();
  expect(inputs.of(OTHERWISE)?.readings).toEqual([dockerfile]);
});

test('what containers were made from is known by either', () => {
  const drift = new Drift(new FakeRecords(), new FakeDisk(), () => judging, silentLogger);
  const container = devContainer('a', 'C:\\w', OTHERWISE);
  const subject = { engine: 'e', container, workspaceFolder: 'C:\\w', configFile: OTHERWISE, skewMs: 0 };
  const reading = { status: 'ok', text: '{}', value: {}, modifiedAt: 0 } as const;
  drift.record(subject, 'created', { reading, inputs: [dockerfile] });
  for (const file of [FILE, OTHERWISE]) expect(drift.inputsOf(file)).toEqual([dockerfile]);
  expect(drift.inputsOf('C:\\w\\other.json')).toEqual([]);
});
