import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { fakeCore } from '../../support/fakeCore';
import { devContainer } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';

test('a thousand times dirty and clean, started and stopped, leave nothing behind (fault 74)', async () => {
  const core = fakeCore();
  const facts = devContainer('a', '/w', FILE);
  core.engine.containers.set(facts.id, facts);
  core.disk.put(FILE, { image: 'image:1' });
  await core.start();
  const item = () => core.inventory.snapshot.devContainers[0];
  const flip = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const isOdd = n % 2 === 1;
      core.disk.put(FILE, { image: isOdd ? 'image:1' : 'image:2' });
      core.disk.touch(FILE);
      core.engine.happen(facts.id, 'die', { ...facts, state: isOdd ? 'running' : 'exited' });
      await core.timers.pass(1_000);
      expect(item()).toMatchObject({ dirty: !isOdd, state: isOdd ? 'running' : 'stopped' });
      // What the fakes keep of it is not ours.
      core.disk.reads.length = 0;
      core.engine.calls.length = 0;
    }
  };
  // The first ones compile code and fill caches.
  await flip(100);
  const before = { heap: heapUsed(), waiting: core.timers.waiting, records: core.records.values.size };
  await flip(1_000);
  expect(core.timers.waiting).toBe(before.waiting);
  expect(core.records.values.size).toBe(before.records);
  expect((heapUsed() - before.heap) / 1e6).toBeLessThan(2);
});

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
