import { describe, expect, test } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { keyOf } from '../../../src/core/identity';
import type { CliProgress } from '../../../src/core/ports';
import { waitingFor } from '../../../src/core/silence';
import { devContainer, FakeEngine } from '../../support/fakeEngine';

const FILE = '/w/.devcontainer/devcontainer.json';
const old = devContainer('a', '/w', FILE, { name: 'old' });

/** A job that replaces `old`; the engine holds it unless told otherwise. */
function setUp(progress: CliProgress = { kind: 'create' }) {
  const engine = new FakeEngine();
  engine.containers.set(old.id, old);
  const key = keyOf({ engine: engine.key, workspaceFolder: '/w', configFile: FILE });
  const attempt = {
    engine,
    key,
    before: new Set([old.id]),
    replaced: { id: old.id, name: 'old', wasRunning: true },
  };
  return { engine, silence: { phase: 'creating the container', progress, attempt } };
}

describe('in the creation', () => {
  test('a container that runs already: its start event was missed', async () => {
    const { engine, silence } = setUp();
    engine.containers.set('b'.repeat(64), devContainer('b', '/w', FILE));
    expect(await waitingFor(silence)).toBe(
      "creating the container: the engine's start event seems to be missed: the container runs, cancel and start it again",
    );
  });

  test('a container of another dev container says nothing', async () => {
    const { engine, silence } = setUp();
    engine.containers.set(old.id, { ...old, state: 'exited' });
    engine.containers.set('b'.repeat(64), devContainer('b', '/other', FILE));
    expect(await waitingFor(silence)).toBe('creating the container, no output for a minute');
  });

  test.each([
    ['removing', 'creating the container: waiting for the engine to remove old'],
    ['running', 'creating the container: waiting for old to stop'],
    ['exited', 'creating the container, no output for a minute'],
  ])('an old container that is %s', async (state, expected) => {
    const { engine, silence } = setUp();
    engine.containers.set(old.id, { ...old, state });
    expect(await waitingFor(silence)).toBe(expected);
  });

  test('a container that was created and not started', async () => {
    const { engine, silence } = setUp();
    engine.containers.set(old.id, { ...old, state: 'exited' });
    engine.containers.set('b'.repeat(64), devContainer('b', '/w', FILE, { state: 'created' }));
    expect(await waitingFor(silence)).toBe(
      'creating the container: the engine has created the container and does not start it',
    );
  });

  test('an engine that does not answer', async () => {
    const { engine, silence } = setUp();
    engine.failure = new ShipshapeError('engineSilent', 'No answer in 3 s.');
    expect(await waitingFor(silence)).toBe(
      'creating the container: the engine does not answer: No answer in 3 s.',
    );
  });
});

test.each<[string, CliProgress, string]>([
  ['building', { kind: 'build' }, 'building, no output for a minute'],
  [
    'building, step 3 of 7',
    { kind: 'build', step: 3, steps: 7, instruction: 'RUN npm ci' },
    'building, step 3 of 7 (RUN npm ci), no output for a minute',
  ],
  [
    'building, step 1 of 7',
    { kind: 'build', step: 1, steps: 7, instruction: 'FROM --platform=linux/arm64 debian:12 AS base' },
    'building, step 1 of 7: waiting for the pull of debian:12',
  ],
  ['pulling debian:12', { kind: 'pull', image: 'debian:12' }, 'pulling debian:12, no output for a minute'],
  [
    'running postCreateCommand',
    { kind: 'hook', name: 'postCreateCommand', status: 'running' },
    'postCreateCommand has said nothing for a minute',
  ],
  [
    'postCreateCommand succeeded',
    { kind: 'hook', name: 'postCreateCommand', status: 'succeeded' },
    'postCreateCommand succeeded, no output for a minute',
  ],
])('%s asks the engine nothing', async (phase, progress, expected) => {
  const { engine, silence } = setUp(progress);
  expect(await waitingFor({ ...silence, phase })).toBe(expected);
  expect(engine.calls).toEqual([]);
});

test.each([
  ['Really delete it? ', 'Really delete it?'],
  ['Continue [y/N]', 'Continue [y/N]'],
  ['Continue (yes/no) ', 'Continue (yes/no)'],
  ['[sudo] password for me: ', '[sudo] password for me:'],
  ['Password', 'Password'],
  ['\u202eName:', '\\u202eName:'],
])('a last output of %j seems to be a question', async (unfinished, shown) => {
  const { silence } = setUp({ kind: 'hook', name: 'postCreateCommand', status: 'running' });
  const phase = 'running postCreateCommand';
  expect(await waitingFor({ ...silence, phase, unfinished })).toBe(
    `running postCreateCommand: it seems to wait for input, which it cannot get: ${shown}`,
  );
});

test.each(['', '50 %', 'working...', 'password accepted'])(
  'a last output of %j is none',
  async (unfinished) => {
    const { silence } = setUp({ kind: 'hook', name: 'postCreateCommand', status: 'running' });
    expect(await waitingFor({ ...silence, unfinished })).toBe(
      'postCreateCommand has said nothing for a minute',
    );
  },
);
