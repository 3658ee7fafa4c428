import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { EngineChoice } from '../../../src/core/engineChoice';
import { Engines } from '../../../src/core/engines';
import { JobBoard } from '../../../src/core/jobBoard';
import { AS_DOCKER, type EngineOffer, type EngineSource } from '../../../src/core/ports';
import { FakeEngine } from '../../support/fakeEngine';
import { FakeTimers, settle } from '../../support/fakeTimers';

/** Engines by id; what AS_DOCKER means can be switched. */
class FakeSource implements EngineSource {
  dockers = 'first';
  holds: Promise<void> | undefined;
  readonly opened: FakeEngine[] = [];
  #onChange: () => void = () => undefined;

  find(): Promise<EngineOffer[]> {
    const offer = { name: 'Fake', endpoint: 'unix:///x', isDockers: true };
    return Promise.resolve([AS_DOCKER, 'first'].map((id) => ({ ...offer, id })));
  }

  async open(ids: readonly string[]): Promise<FakeEngine[]> {
    const engines = ids.map((id) => new FakeEngine(id === AS_DOCKER ? this.dockers : id));
    await this.holds;
    this.opened.push(...engines);
    return engines;
  }

  watch(onChange: () => void) {
    this.#onChange = onChange;
    return { dispose: () => (this.#onChange = () => undefined) };
  }

  switchTo(id: string): void {
    this.dockers = id;
    this.#onChange();
  }
}

function setUp(kept?: unknown) {
  const engines = new Engines(new FakeTimers(), silentLogger);
  const board = new JobBoard();
  const source = new FakeSource();
  let value = kept;
  const memory = { get: () => value, set: (ids: readonly string[]) => (value = ids) };
  const choice = new EngineChoice({ engines, source, memory, board, logger: silentLogger });
  const keys = () => engines.stores.map(({ engine }) => engine.key);
  return { engines, board, source, choice, keys, memory };
}

describe('EngineChoice', () => {
  test.each([[undefined], ['x'], [[]], [[1, '']]])('with %j kept it is as the docker command', (kept) => {
    expect(setUp(kept).choice.chosen).toEqual([AS_DOCKER]);
  });

  test('shows the chosen ones in their order, and the docker command’s own when none is', async () => {
    const { choice, keys } = setUp(['b', 'a']);
    await choice.connect();
    expect(keys()).toEqual(['b', 'a']);
    await choice.choose(['a', AS_DOCKER]);
    expect(keys()).toEqual(['a', 'first']);
    await choice.choose([]);
    expect(keys()).toEqual(['first']);
    expect(choice.chosen).toEqual([AS_DOCKER]);
  });

  test('follows switches of the docker command, and leaves the others as they are', async () => {
    const { choice, source, engines, keys } = setUp([AS_DOCKER, 'other']);
    await choice.connect();
    const other = engines.find('other');
    choice.follow();
    source.switchTo('second');
    await settle();
    expect(keys()).toEqual(['second', 'other']);
    expect(engines.find('other')).toBe(other);
    choice.dispose();
    source.switchTo('third');
    await settle();
    expect(keys()).toEqual(['second', 'other']);
  });

  test('an engine with a running job stays until the job is over', async () => {
    const { choice, board, keys } = setUp(['a']);
    await choice.connect();
    const job = { activity: 'recreating', phase: '', startedAt: 0 } as const;
    board.set('a|/w|', job);
    await choice.choose(['b']);
    expect(keys()).toEqual(['b', 'a']);
    board.set('a|/w|', { ...job, phase: 'checking the result' });
    await settle();
    expect(keys()).toEqual(['b', 'a']);
    board.end('a|/w|');
    await settle();
    expect(keys()).toEqual(['b']);
  });

  test('while a job runs, its engine is also not reached in another way', async () => {
    const { choice, board, source, engines } = setUp(['a']);
    await choice.connect();
    const [old] = source.opened;
    Object.assign(old ?? {}, { isReachedLike: (other: unknown) => other === old });
    board.set('a|/w|', { activity: 'recreating', phase: '', startedAt: 0 });
    await choice.connect();
    expect(engines.find('a')?.engine).toBe(old);
    board.end('a|/w|');
    await settle();
    expect(engines.find('a')?.engine).toBe(source.opened.at(-1));
  });

  test('follows what another window has chosen, and does nothing when it is the same', async () => {
    const { choice, source, keys, memory } = setUp(['a']);
    await choice.connect();
    choice.recheck();
    await settle();
    expect(source.opened).toHaveLength(1);
    memory.set(['b']);
    choice.recheck();
    await settle();
    expect(keys()).toEqual(['b']);
  });

  test('the last of several choices wins, whichever is found sooner', async () => {
    const { choice, source, keys } = setUp();
    let release: () => void = () => undefined;
    source.holds = new Promise((resolve) => (release = resolve));
    const slow = choice.choose(['slow']);
    await settle();
    source.holds = undefined;
    const fast = choice.choose(['fast']);
    release();
    await Promise.all([slow, fast]);
    expect(keys()).toEqual(['fast']);
  });

  test('offers what was chosen also when it is not to be found any more', async () => {
    const { choice } = setUp(['context:gone', 'first']);
    expect((await choice.offers()).map(({ id, name }) => [id, name])).toEqual([
      [AS_DOCKER, 'Fake'],
      ['first', 'Fake'],
      ['context:gone', 'gone'],
    ]);
  });

  test('a probe asks one engine and lets go of it', async () => {
    const { choice, source, keys } = setUp();
    const never = new AbortController().signal;
    await choice.probe('x', never);
    expect(source.opened[0]?.calls).toEqual(['ping']);
    const why = new ShipshapeError('engineMissing', 'Nothing listens.');
    source.open = () => {
      const engine = new FakeEngine('y');
      engine.failure = why;
      return Promise.resolve([engine]);
    };
    await expect(choice.probe('y', never)).rejects.toBe(why);
    expect(keys()).toEqual([]);
  });
});
