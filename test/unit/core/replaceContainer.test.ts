import { beforeEach, describe, expect, it } from 'vitest';
import {
  replaceContainer,
  settleReplacement,
  type Replacement,
  type ReplacementEnd,
} from '../../../src/core/replaceContainer';
import type { EnginePort } from '../../../src/core/ports';
import { container, FakeEngine } from '../../support/fakeEngine';

const ACTIONS = ['make', 'stop', 'rename', 'start', 'remove'];
const old = container('a', { name: 'web' });
const bystander = container('b', { name: 'db' });
let engine: FakeEngine;
/** What is written down. */
let noted: Replacement | undefined;

beforeEach(() => {
  engine = new FakeEngine();
  for (const each of [old, bystander]) engine.containers.set(each.id, each);
  noted = undefined;
});

const parts = {
  note: (_: string, replacement: Replacement | undefined) => {
    noted = replacement;
    return Promise.resolve();
  },
  awaitReady: () => Promise.resolve(undefined),
};

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

/** One container of the name, running, and the bystander as it was. */
function expectOne(): void {
  const all = [...engine.containers.values()];
  expect(all.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['db running', 'web running']);
}

describe('a container made anew', () => {
  it('takes the name of the old one, which goes last', async () => {
    const end = await replaceContainer(engine, old, 'image:2', parts);
    expect(end).toEqual({ outcome: 'replaced', containerId: 'f'.repeat(64) });
    expectOne();
    expect(engine.containers.get('f'.repeat(64))?.image).toBe('image:2');
    expect(noted).toBeUndefined();
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
    const awaitReady = () => Promise.resolve({ kind: 'run' as const, message: 'it is unhealthy' });
    const end = await replaceContainer(engine, old, 'image:2', { ...parts, awaitReady });
    expect(end).toMatchObject({ outcome: 'rolledBack', error: { message: 'it is unhealthy' } });
    expectOne();
    expect(engine.containers.get(old.id)?.name).toBe('web');
    expect(noted).toBeUndefined();
  });

  const steps = [0, 1, 2, 3, 4, 5];
  const faults = steps.flatMap((step) =>
    [false, true].flatMap((isDone) => [false, true].map((dies) => ({ step, isDone, dies }))),
  );

  it.each(faults)(
    'survives a fault at action $step (done: $isDone, window dies: $dies)',
    async ({ step, isDone, dies }) => {
      const broken = failingAt(step, isDone, dies);
      const end = await replaceContainer(broken, old, 'image:2', parts).catch(
        (error: unknown) => error as Error,
      );
      expect(broken.actions).toBeGreaterThan(step);
      if (noted) await settleReplacement(engine, noted);
      expectOne();
      const isNew = engine.containers.has('f'.repeat(64));
      // Once the new one is fit for use nothing goes back.
      expect(isNew).toBe(step === 5);
      if (!dies && step < 5) expect((end as ReplacementEnd).outcome).toBe('rolledBack');
    },
  );

  it('is undone by the next window when the one that made it died before its id was known', async () => {
    engine.containers.set('c'.repeat(64), container('c', { name: 'web_after_aaaaaaaa', state: 'created' }));
    await settleReplacement(engine, { version: 1, engine: 'fake', id: old.id, name: 'web' });
    expectOne();
  });

  it('stays when somebody removed the old one meanwhile', async () => {
    const awaitReady = () => {
      engine.containers.delete(old.id);
      return Promise.resolve({ kind: 'run' as const, message: 'it is unhealthy' });
    };
    await replaceContainer(engine, old, 'image:2', { ...parts, awaitReady });
    expectOne();
  });

  it('gives way to the old one when somebody removed it', async () => {
    const awaitReady = () => {
      engine.containers.delete('f'.repeat(64));
      return Promise.resolve(undefined);
    };
    await replaceContainer(engine, old, 'image:2', { ...parts, awaitReady });
    expectOne();
  });
});

describe('a container that cannot be replaced', () => {
  it.each([
    ['is stopped', { state: 'exited' }, /web is not running/],
    ['is removed when it stops', { isRemovedWhenStopped: true }, /--rm/],
  ])('%s, and is not touched', async (_, more, why) => {
    engine.containers.set(old.id, { ...old, ...more });
    await expect(replaceContainer(engine, old, 'image:2', parts)).rejects.toThrow(why);
    expect(engine.calls.some((call) => /^(make|change|remove)/.test(call))).toBe(false);
    expect(noted).toBeUndefined();
  });

  it('has another one in its network', async () => {
    engine.networkModes.set(bystander.id, `container:${old.id}`);
    await expect(replaceContainer(engine, old, 'image:2', parts)).rejects.toThrow(
      /db lives in its namespaces/,
    );
  });
});
