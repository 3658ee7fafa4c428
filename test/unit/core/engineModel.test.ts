import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { EngineStore } from '../../../src/core/engineStore';
import { EngineWatch } from '../../../src/core/engineWatch';
import { FakeTimers, settle } from '../../support/fakeTimers';
import { asListed, ModelEngine } from '../../support/modelEngine';

/** What may happen next; the number says to which container, request or event. */
const step = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('change', 'destroy', 'work', 'answer', 'event', 'refreshOne') },
    { weight: 1, arbitrary: fc.constantFrom('double', 'fail', 'refresh', 'freshen', 'invalidate', 'pass') },
    { weight: 1, arbitrary: fc.constantFrom('break', 'crash', 'restart', 'restart') },
  ),
  fc.nat(11),
);
const steps = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const runs = Number(process.env['SHIPSHAPE_MODEL_RUNS'] ?? 10_000);
const never = 1e12;
/** Neither the safety list nor the watchdog may make up for what is lost. */
const limits = {
  ...{ answerMs: never, pingMs: never, safetyListMs: never, stableMs: 60_000, sleptMs: never },
  ...{ backoffBaseMs: 500, localCapMs: 5_000, remoteCapMs: 30_000, silentCapMs: 1_000 },
};

test(
  `whatever happens in whatever order, the store ends up with what is true (${runs} orders)`,
  { timeout: 20_000 + runs * 10 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), steps, async (isConnected, steps) => {
        const engine = new ModelEngine();
        const timers = new FakeTimers();
        const store = new EngineStore(engine, timers, silentLogger);
        const watch = new EngineWatch(store, timers, silentLogger, limits);
        for (const n of [1, 2, 3]) engine.change(n);
        watch.start();
        if (isConnected) await calmDown(engine, timers, () => store.state.status === 'ready');
        for (const next of steps) {
          take(next, engine, store, timers);
          await settle(20);
        }
        await calmDown(engine, timers, () => store.state.status === 'ready');
        const byId = new Map(store.containers().map((facts) => [facts.id, asListed(facts)]));
        expect(byId).toEqual(new Map([...engine.truth].map(([id, facts]) => [id, asListed(facts)])));
        expect(store.containers()).toHaveLength(byId.size);
        watch.dispose();
        store.dispose();
      }),
      { numRuns: runs },
    );
  },
);

function take([what, n]: Step, engine: ModelEngine, store: EngineStore, timers: FakeTimers): void {
  const ignore = (): void => undefined;
  if (what === 'change') engine.change(n);
  else if (what === 'destroy') engine.destroy(n);
  else if (what === 'work') engine.work(n);
  else if (what === 'answer') engine.answer(n);
  else if (what === 'event') engine.event(n);
  else if (what === 'double') engine.event(n, true);
  else if (what === 'fail') engine.fail(n);
  else if (what === 'break') engine.breakStream();
  else if (what === 'crash') engine.crash();
  else if (what === 'restart') engine.isUp = true;
  else if (what === 'pass') void timers.pass(n * 200);
  else if (what === 'refresh') store.refresh().catch(ignore);
  else if (what === 'freshen') store.freshen().catch(ignore);
  else if (what === 'invalidate') store.invalidate();
  else store.refreshOne((n % 3).toString().repeat(64)).catch(ignore);
}

/** Everything that is under way arrives, and the watch gets the time to connect again. */
async function calmDown(engine: ModelEngine, timers: FakeTimers, isReady: () => boolean): Promise<void> {
  engine.isUp = true;
  for (let round = 0; round < 1_000; round++) {
    await settle(20);
    if (!engine.isQuiet) {
      engine.event(0);
      engine.answer(round);
    } else if (engine.hasStream && isReady() && timers.waiting <= 2) {
      return;
    } else {
      await timers.pass(5_000);
    }
  }
  throw new Error('It never calms down.');
}
