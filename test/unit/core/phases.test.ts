import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BuildSteps } from '../../../src/core/buildSteps';
import { Phases } from '../../../src/core/phases';
import type { CliProgress } from '../../../src/core/ports';
import { CliLogParser } from '../../../src/devcontainers/cliLog';

/** The phases of a recorded run, and the line before which each came first. */
function recorded(name: string) {
  const log = readFileSync(`test/fixtures/cli-logs/${name}.ndjson`);
  const began = Number(/"timestamp":(\d+)/.exec(log.toString())?.[1]);
  const phases = new Phases(began);
  let last = began;
  const parser = new CliLogParser(
    {
      onLine: ({ at, text }) => {
        last = at;
        phases.line(text);
      },
      onProgress: (progress, at = last) => phases.progress(progress, at),
    },
    undefined,
    () => last,
  );
  parser.push(log);
  parser.end();
  return { phases, last };
}

const names = (phases: Phases): string[] => phases.list().map(({ name }) => name);
const sum = (phases: Phases): number => phases.list().reduce((all, { ms }) => all + ms, 0);

describe('of recorded runs', () => {
  test.each([
    ['success', ['read', 'build', 'create', 'start', 'postCreateCommand'], 'postCreateCommand'],
    ['compose-success', ['read', 'build', 'create', 'start'], 'start'],
    ['build-failure', ['read', 'build'], 'build'],
    ['run-failure', ['read', 'create'], 'create'],
    ['hook-failure', ['read', 'create', 'start', 'postCreateCommand'], 'postCreateCommand'],
  ])('%s', (name, expected, open) => {
    const { phases, last } = recorded(name);
    expect(names(phases)).toEqual(expected);
    expect(phases.open).toBe(open);
    phases.enter('check', last);
    phases.end(last + 50);
    expect(phases.open).toBeUndefined();
    expect(names(phases)).toEqual([...expected, 'check']);
    expect(sum(phases)).toBe(phases.totalMs);
    expect(phases.list().at(-1)).toEqual({ name: 'check', ms: 50 });
  });

  test('the time of a build is that between the log’s own times', () => {
    const build = recorded('success')
      .phases.list()
      .find(({ name }) => name === 'build');
    expect(build).toEqual({
      name: 'build',
      ms: 1795317731633 - 1795317729610,
      build: { steps: 3, cached: 0 },
    });
  });
});

describe('of what the CLI says', () => {
  const pass = (first: string, ...all: CliProgress[]): (string | undefined)[] => {
    const phases = new Phases(0, first);
    return all.map((progress, at) => phases.progress(progress, at));
  };

  test('a phase that comes again is the same one', () => {
    const phases = new Phases(0);
    expect(phases.progress({ kind: 'hook', name: 'initializeCommand', status: 'running' }, 10)).toBe(
      'initialize',
    );
    expect(phases.progress({ kind: 'read' }, 30)).toBeUndefined();
    expect(phases.progress({ kind: 'pull', image: 'x' }, 35)).toBe('build');
    phases.end(40);
    expect(phases.list()).toEqual([
      { name: 'read', ms: 15 },
      { name: 'initialize', ms: 20 },
      { name: 'build', ms: 5 },
    ]);
  });

  test('a hook that builds and runs containers of its own is a hook still', () => {
    const hook = { kind: 'hook', name: 'postCreateCommand', status: 'running' } as const;
    expect(
      pass(
        'read',
        hook,
        { kind: 'build', step: 1, steps: 2 },
        { kind: 'create' },
        { kind: 'start' },
        { kind: 'read' },
      ),
    ).toEqual(['postCreateCommand', undefined, undefined, undefined, undefined]);
    const initialize = { kind: 'hook', name: 'initializeCommand', status: 'running' } as const;
    expect(pass('read', initialize, { kind: 'build', step: 1, steps: 2 }, { kind: 'build' })).toEqual([
      ...['initialize', undefined, 'build'],
    ]);
  });

  test('of hooks without number only so many are told apart', () => {
    const phases = new Phases(0);
    for (let n = 0; n < 100; n++) phases.progress({ kind: 'hook', name: `hook ${n}`, status: 'running' }, n);
    phases.end(100);
    expect([phases.list().length, sum(phases)]).toEqual([40, 100]);
  });

  test('each build counts its own steps', () => {
    const phases = new Phases(0);
    for (let build = 0; build < 2; build++) {
      phases.progress({ kind: 'build' }, build);
      for (const line of ['#5 [2/3] RUN one', '#5 CACHED']) phases.line(line);
    }
    expect(phases.list().at(-1)).toMatchObject({ name: 'build', build: { steps: 2, cached: 2 } });
  });

  test('a restart begins with the stop', () => {
    expect(pass('stop', { kind: 'read' }, { kind: 'start' })).toEqual(['read', 'start']);
  });

  test('after the end nothing begins', () => {
    const phases = new Phases(0);
    phases.end(5);
    phases.end(500);
    expect(phases.progress({ kind: 'hook', name: 'x', status: 'running' }, 6)).toBeUndefined();
    expect(phases.enter('check', 7)).toBeUndefined();
    expect(phases.list()).toEqual([{ name: 'read', ms: 5 }]);
  });
});

const progress: fc.Arbitrary<CliProgress> = fc.oneof(
  fc.constantFrom<CliProgress>(
    { kind: 'read' },
    { kind: 'build' },
    { kind: 'build', step: 1, steps: 2 },
    { kind: 'pull', image: 'x' },
    { kind: 'create' },
    { kind: 'start' },
  ),
  fc.record({
    kind: fc.constant('hook' as const),
    name: fc.string({ maxLength: 3 }),
    status: fc.constantFrom('running', 'succeeded', 'failed'),
  }),
);

test('whatever a CLI says and whatever its clock, no time is negative and all together is the whole', () => {
  const steps = fc.array(fc.tuple(progress, fc.integer({ min: -1000, max: 1000 })), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.boolean(), (all, dies) => {
      const phases = new Phases(0);
      for (const [said, at] of all) {
        phases.progress(said, at);
        expect(names(phases).filter((name) => name === phases.open)).toHaveLength(1);
      }
      if (!dies) phases.enter('check', 1000);
      phases.end(1000);
      expect(phases.open).toBeUndefined();
      expect(phases.list().every(({ ms }) => ms >= 0)).toBe(true);
      expect(sum(phases)).toBe(1000);
      expect(phases.list().length).toBeLessThanOrEqual(41);
    }),
  );
});

describe('steps from the cache', () => {
  const counted = (...lines: string[]): unknown => {
    const steps = new BuildSteps();
    for (const line of lines) steps.line(line);
    return steps.count;
  };

  test.each([
    [
      'the classic builder',
      [
        'Step 1/5 : ARG X=1',
        'Step 2/5 : FROM a',
        ' ---> 014a266f20e0',
        'Step 3/5 : RUN one',
        ' ---> Using cache',
      ],
      ['Step 4/5 : ARG Y', ' ---> Using cache', 'Step 5/5 : RUN two', ' ---> Running in b676be350b1b'],
    ],
    [
      'BuildKit',
      [
        '#1 [internal] load build definition',
        '#4 [1/3] FROM docker.io/a',
        '#4 CACHED',
        '#5 [stage 2/3] RUN one',
      ],
      [
        '#5 CACHED',
        '#6 [3/3] COPY x /x',
        '#6 0.1 working',
        '#6 [3/3] COPY x /x',
        '#6 DONE 0.2s',
        '#5 CACHED',
      ],
    ],
    [
      'Podman',
      ['[1/2] STEP 1/2: FROM a AS b', '[1/2] STEP 2/2: RUN one', '--> Using cache 0a1b2c'],
      ['[2/2] STEP 1/2: FROM b', '[2/2] STEP 2/2: RUN two', '--> 91f3c2'],
    ],
  ])('%s', (_, ...lines) => {
    expect(counted(...lines.flat())).toEqual({ steps: 2, cached: 1 });
  });

  test('a second build numbers anew, and counts on', () => {
    const steps = new BuildSteps();
    const build = ['#5 [2/3] RUN one', '#5 CACHED'];
    for (const line of build) steps.line(line);
    steps.begin();
    for (const line of build) steps.line(line);
    expect(steps.count).toEqual({ steps: 2, cached: 2 });
  });

  test('never more from the cache than there are', () => {
    const line = fc.constantFrom(
      ...[
        'Step 1/2 : RUN x',
        ' ---> Using cache',
        '--> Using cache',
        '#1 [1/2] RUN y',
        '#1 CACHED',
        'STEP 1/2: FROM z',
      ],
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { steps, cached } = counted(...lines) as { steps: number; cached: number };
        expect(cached).toBeLessThanOrEqual(steps);
      }),
    );
  });
});
