import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger as logger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import type { CliFailure, ContainerFacts, EnginePort } from '../../../src/core/ports';
import { replaceContainers, type ReplacementEnd } from '../../../src/core/replaceContainers';
import { Replacements } from '../../../src/core/replacements';
import { FakeRecords } from '../../support/fakeDisk';
import { container, FakeEngine } from '../../support/fakeEngine';
import { processes } from '../../support/fakeProcesses';
import { FakeTimers } from '../../support/fakeTimers';

const ACTIONS = ['make', 'stop', 'rename', 'start', 'remove'];
const NEW = 'f'.repeat(64);
const old = container('a', { name: 'web' });
const second = container('c', { name: 'worker' });
const bystander = container('b', { name: 'db' });
const unfit: CliFailure = { kind: 'run', message: 'it is unhealthy' };
let engine: FakeEngine;
let records: FakeRecords;
let awaitReady: () => Promise<CliFailure | undefined>;

beforeEach(() => {
  engine = new FakeEngine();
  for (const each of [old, bystander]) engine.containers.set(each.id, each);
  records = new FakeRecords();
  awaitReady = () => Promise.resolve(undefined);
});

const storeOf = (port: EnginePort): EngineStore => new EngineStore(port, new FakeTimers(), logger);
/** What a window has written down; its process ends with the test's wish. */
const windowOf = (own: string): Replacements =>
  new Replacements(records, processes(own, () => false), logger); // prettier-ignore
const replace = (
  port: EnginePort,
  containers: readonly ContainerFacts[] = [old],
  signal = new AbortController().signal,
): Promise<ReplacementEnd> =>
  replaceContainers(
    storeOf(port),
    containers.map((each) => ({ container: each, image: 'image:2' })),
    { replacements: windowOf('1'), awaitReady: () => awaitReady(), signal },
  );
const recover = (): Promise<void> => windowOf('2').recover(storeOf(engine));

/** The engine whose n-th action fails, before or after it was done; `dies`: and so do all calls after it. */
function failingAt(n: number, isDone: boolean, dies: boolean): EnginePort & { readonly actions: number } {
  let actions = 0;
  let isDead = false;
  return new Proxy(engine, {
    get(target, name) {
      if (name === 'actions') return actions;
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (isDead) throw new Error('dead');
        const fails = ACTIONS.includes(String(name)) && actions++ === n;
        isDead = fails && dies;
        if (fails && !isDone) throw new Error(`injected before ${String(name)}`);
        const answer: unknown = await (value as (...all: unknown[]) => unknown).apply(target, args);
        if (fails) throw new Error(`injected after ${String(name)}`);
        return answer;
      };
    },
  }) as unknown as EnginePort & { readonly actions: number };
}

/** These and the bystander run, and nothing else is there. */
function expectOnly(...names: string[]): void {
  const all = [...engine.containers.values()];
  const wanted = ['db', ...names].map((name) => `${name} running`);
  expect(all.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(wanted.sort());
}
const imageOf = (name: string): string | undefined =>
  [...engine.containers.values()].find((each) => each.name === name)?.image;

describe('a container made anew', () => {
  it('takes the name of the old one, which goes last', async () => {
    expect(await replace(engine)).toEqual({ outcome: 'replaced', containerIds: [NEW] });
    expectOnly('web');
    expect(imageOf('web')).toBe('image:2');
    expect(records.values.size).toBe(0);
    const acts = engine.calls.filter((call) => /^(make|change|remove)/.test(call));
    expect(acts.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
      'make web_after_aaaaaaaa',
      'change aaaa',
      'change aaaa',
      'change ffff',
      'change ffff',
      'remove aaaa',
    ]);
  });

  it('leaves the old one as it was when the new one is not fit for use', async () => {
    awaitReady = () => Promise.resolve(unfit);
    const end = await replace(engine);
    expect(end).toMatchObject({
      outcome: 'rolledBack',
      isImageToBlame: true,
      error: { message: unfit.message },
    });
    expectOnly('web');
    expect(engine.containers.get(old.id)?.name).toBe('web');
    expect(records.values.size).toBe(0);
  });

  it('is cancelled before anything is touched, and after it without blame for the image', async () => {
    const cancel = new AbortController();
    awaitReady = () => {
      cancel.abort();
      return Promise.reject(
        Object.assign(new Error('Cancelled.'), { name: 'ShipshapeError', code: 'cancelled' }),
      );
    };
    expect(await replace(engine, [old], cancel.signal)).toMatchObject({
      outcome: 'rolledBack',
      isImageToBlame: false,
    });
    expectOnly('web');
    await expect(replace(engine, [old], cancel.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expectOnly('web');
  });

  const steps = [0, 1, 2, 3, 4, 5];
  const faults = steps.flatMap((step) =>
    [false, true].flatMap((isDone) => [false, true].map((dies) => ({ step, isDone, dies }))),
  );

  it.each(faults)(
    'survives a fault at action $step (done: $isDone, window dies: $dies)',
    async ({ step, isDone, dies }) => {
      const broken = failingAt(step, isDone, dies);
      const end = await replace(broken).catch((error: unknown) => error as Error);
      expect(broken.actions).toBeGreaterThan(step);
      await recover();
      expectOnly('web');
      expect(records.values.size).toBe(0);
      // Once the new one is fit for use nothing goes back.
      expect(engine.containers.has(NEW)).toBe(step === 5);
      const expected = step === 0 ? 'failed' : 'rolledBack';
      if (!dies && step < 5) expect((end as ReplacementEnd).outcome).toBe(expected);
    },
  );

  it('stays when somebody removed the old one meanwhile', async () => {
    awaitReady = () => {
      engine.containers.delete(old.id);
      return Promise.resolve(unfit);
    };
    await replace(engine);
    expectOnly('web');
  });

  it('gives way to the old one when somebody removed it', async () => {
    awaitReady = () => {
      engine.containers.delete(NEW);
      return Promise.resolve(undefined);
    };
    await replace(engine);
    expectOnly('web');
  });
});

describe('several containers made anew together', () => {
  beforeEach(() => void engine.containers.set(second.id, second));

  it('are all new, or all as they were', async () => {
    let n = 0;
    awaitReady = () => Promise.resolve(n++ === 1 ? unfit : undefined);
    expect(await replace(engine, [old, second])).toMatchObject({ outcome: 'rolledBack' });
    expectOnly('web', 'worker');
    expect([imageOf('web'), imageOf('worker')]).toEqual(['image:1', 'image:1']);
    awaitReady = () => Promise.resolve(undefined);
    expect(await replace(engine, [old, second])).toMatchObject({ outcome: 'replaced' });
    expectOnly('web', 'worker');
    expect([imageOf('web'), imageOf('worker')]).toEqual(['image:2', 'image:2']);
  });

  it.each(Array.from({ length: 12 }, (_, step) => step))(
    'survive the death of the window at action %d',
    async (step) => {
      await replace(failingAt(step, true, true), [old, second]).catch(() => undefined);
      await recover();
      expectOnly('web', 'worker');
      expect(imageOf('web')).toBe(imageOf('worker'));
      expect(records.values.size).toBe(0);
    },
  );
});

describe('what is written down', () => {
  const member = { id: old.id, name: 'web' };
  const left = { version: 1, engine: 'fake', members: [member] };

  it('is undone by the next window when the one that made it died before its id was known', async () => {
    engine.containers.set(NEW, { ...container('f'), name: 'web_after_aaaaaaaa', state: 'created' });
    records.values.set('x', { owner: 'dead', replacement: left });
    await recover();
    expectOnly('web');
  });

  it('waits out a stop that the engine was asked for, and starts the container then', async () => {
    const calls: string[] = [];
    const port = new Proxy(engine, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (name === 'stop' || name === 'start') calls.push(name);
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    records.values.set('x', { owner: 'dead', replacement: { ...left, isSwapping: true } });
    await windowOf('2').recover(storeOf(port));
    expect(calls).toEqual(['stop', 'start']);
    expectOnly('web');
  });

  it('is left alone while its window lives, or another puts it right, and while it makes no sense', async () => {
    const alive = new Replacements(records, processes('2', () => true), logger); // prettier-ignore
    for (const value of [
      { owner: '1', replacement: left },
      { owner: 'x', replacement: { ...left, members: [{ id: '../x', name: 'web' }] } },
      { owner: 'x', replacement: { ...left, engine: 'other' } },
      7,
    ]) {
      records.values.set('x', value);
      await alive.recover(storeOf(engine));
      expect(records.values.size).toBe(1);
    }
    records.values.set('x', { owner: '2', replacement: left });
    records.values.set('x-settled', { settler: '1' });
    await alive.recover(storeOf(engine));
    expect(records.values.size).toBe(2);
    records.values.set('x-settled', { settler: '2' });
    await alive.recover(storeOf(engine));
    expect(records.values.size).toBe(0);
  });

  it('keeps another window from the same container', async () => {
    records.values.set('x', { owner: '1', replacement: left });
    await expect(replace(engine)).rejects.toMatchObject({ code: 'busy' });
    records.values.set('x', { owner: '1', replacement: { ...left, engine: 'other' } });
    expect(await replace(engine)).toMatchObject({ outcome: 'replaced' });
  });

  it('comes first: nothing is touched where it cannot be written', async () => {
    records.failure = new Error('full');
    await expect(replace(engine)).rejects.toThrow('full');
    expect(engine.calls.some((call) => /^(make|change|remove)/.test(call))).toBe(false);
  });
});

describe('a container that cannot be replaced', () => {
  it.each([
    ['is stopped', { state: 'exited' }, /web is not running/],
    ['is removed when it stops', { isRemovedWhenStopped: true }, /--rm/],
  ])('%s, and is not touched', async (_, more, why) => {
    engine.containers.set(old.id, { ...old, ...more });
    await expect(replace(engine)).rejects.toThrow(why);
    expect(engine.calls.some((call) => /^(make|change|remove)/.test(call))).toBe(false);
    expect(records.values.size).toBe(0);
  });

  it('has another one in its network', async () => {
    engine.networkModes.set(bystander.id, `container:${old.id}`);
    await expect(replace(engine)).rejects.toThrow(/db lives in its namespaces/);
  });
});
