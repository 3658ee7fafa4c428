import { describe, expect, test } from 'vitest';
import { fakeCore } from '../../support/fakeCore';
import { devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';

describe('Inventory.find', () => {
  const target = { workspaceFolder: '/w' };

  async function onTwo(first: string, second: string) {
    const engines = [new FakeEngine('one'), new FakeEngine('two')];
    for (const [index, state] of [first, second].entries()) {
      const facts = devContainer(String(index), '/w', FILE, { state });
      engines[index]?.containers.set(facts.id, facts);
    }
    const core = fakeCore({ engines });
    core.disk.put(FILE, { image: 'image:1' });
    await core.start();
    return core.inventory;
  }

  test('of a folder on two engines takes the one that runs, wherever it is', async () => {
    expect((await onTwo('running', 'exited')).find(target).engine).toBe('one');
    expect((await onTwo('exited', 'running')).find(target).engine).toBe('two');
  });

  test('asks for an engine, by name, when both run or none does', async () => {
    const why = '/w has a dev container on several engines; name one of one (Fake), two (Fake).';
    for (const state of ['running', 'exited']) {
      const inventory = await onTwo(state, state);
      expect(() => inventory.find(target)).toThrow(why);
      expect(inventory.find({ ...target, engine: 'two' }).engine).toBe('two');
    }
  });

  test('of an engine that is not shown names it and those that are', async () => {
    const inventory = await onTwo('running', 'exited');
    const why = 'The engine three is not shown; those that are: one (Fake), two (Fake).';
    expect(() => inventory.find({ ...target, engine: 'three' })).toThrow(why);
    expect(() => inventory.findOrPlace({ ...target, engine: 'three' })).toThrow(why);
  });

  test('other configurations of the folder do not stand in the way of the usual one', async () => {
    const other = '/w/.devcontainer/other/devcontainer.json';
    const engines = [new FakeEngine('one'), new FakeEngine('two')];
    const [a, b] = [devContainer('a', '/w', other), devContainer('b', '/w', FILE, { state: 'exited' })];
    engines[0]?.containers.set(a.id, a);
    engines[1]?.containers.set(b.id, b);
    const core = fakeCore({ engines });
    await core.start();
    expect(core.inventory.find(target).containerId).toBe(b.id);
    expect(core.inventory.find({ ...target, configFile: other }).containerId).toBe(a.id);
  });
});
