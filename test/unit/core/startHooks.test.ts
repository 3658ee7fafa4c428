import { describe, expect, test } from 'vitest';
import type { MadeFrom } from '../../../src/core/madeFrom';
import { metadataOfToday } from '../../../src/core/startHooks';
import { cliResult } from '../../support/fakeCore';
import { container, devContainer } from '../../support/fakeEngine';
import { FILE, OLD, started } from '../../support/recreateCases';

const FEATURE = { id: './feature', postStartCommand: 'echo feature' };
const OWN = { init: true, postStartCommand: 'echo old', postCreateCommand: 'echo made' };

const labelled = (label?: string) =>
  devContainer('a', '/w', FILE, label === undefined ? {} : { labels: { 'devcontainer.metadata': label } });

/** The entries that the CLI is shown; undefined when it sees the container's own. */
function shown(
  entries: unknown,
  today: Record<string, unknown>,
  madeFrom?: Record<string, unknown>,
): unknown {
  const label = typeof entries === 'string' ? entries : JSON.stringify(entries);
  const metadata = metadataOfToday(labelled(label), today, recordOf(madeFrom));
  if (metadata) expect(metadata.containerId).toBe(OLD);
  return metadata && JSON.parse(metadata.label);
}

function recordOf(value?: Record<string, unknown>): MadeFrom | undefined {
  const what = { version: 2, source: 'created', text: '', inputs: [], images: {} } as const;
  return value && { ...what, engine: 'fake', containerId: OLD, configFile: FILE, value };
}

describe('the metadata that a start goes by', () => {
  test("has today's start hooks, what Features run, and all else as it was", () => {
    const today = { init: false, postStartCommand: ['echo', 'new'], postAttachCommand: { a: 'echo a' } };
    expect(shown([FEATURE, OWN], today)).toEqual([
      FEATURE,
      { ...OWN, postStartCommand: ['echo', 'new'], postAttachCommand: { a: 'echo a' } },
    ]);
  });

  test('is the file with a container that plain Compose made: the label is that of its image', () => {
    const labels = {
      'devcontainer.metadata': JSON.stringify([{ postStartCommand: 'echo image' }]),
      'com.docker.compose.project': 'w',
      'com.docker.compose.service': 'app',
    };
    const today = { postStartCommand: 'echo new' };
    expect(metadataOfToday(container('a', { labels }), today, undefined)).toBeUndefined();
  });

  test('has no hook that today has none of', () => {
    expect(shown([FEATURE, OWN], {})).toEqual([FEATURE, { init: true, postCreateCommand: 'echo made' }]);
  });

  test("is the container's own where the start hooks are the same, whatever else is not", () => {
    expect(
      shown([FEATURE, OWN], { postStartCommand: 'echo old', postCreateCommand: 'other' }),
    ).toBeUndefined();
    expect(shown([FEATURE], {})).toBeUndefined();
    expect(metadataOfToday(labelled(), { postStartCommand: 'echo new' }, undefined)).toBeUndefined();
  });

  test('gets an entry where the configuration has none', () => {
    const today = { postStartCommand: 'echo new' };
    expect(shown([FEATURE], today)).toEqual([FEATURE, today]);
    expect(shown([], today)).toEqual([today]);
  });

  test('keeps the hooks that came with a prebuilt image', () => {
    const prebuilt = { ...OWN, remoteUser: 'dev' };
    expect(shown([prebuilt], { image: 'a' }, { image: 'a' })).toBeUndefined();
    const today = { image: 'a', postStartCommand: 'echo new' };
    expect(shown([prebuilt], today, { image: 'a' })).toEqual([prebuilt, { postStartCommand: 'echo new' }]);
    expect(shown([prebuilt, { init: true }], today, { image: 'a', init: true })).toEqual([
      prebuilt,
      { init: true, postStartCommand: 'echo new' },
    ]);
  });

  test('replaces a hook that is all that the configuration notes', () => {
    const before = { postStartCommand: 'echo old' };
    expect(shown([before], { postStartCommand: 'echo new' }, before)).toEqual([
      { postStartCommand: 'echo new' },
    ]);
  });

  test('is made also of labels as other tools write them, and of broken ones', () => {
    const today = { postStartCommand: 'echo new' };
    expect(shown(OWN, today)).toEqual([{ ...OWN, ...today }]);
    for (const label of ['[', 'null', '7']) expect(shown(label, today)).toEqual([today]);
    expect(shown([null], today)).toEqual([null, today]);
  });
});

describe('a job that starts a container', () => {
  async function withHook(now: Record<string, unknown>, state = 'running') {
    const labels = { 'devcontainer.metadata': JSON.stringify([{ postStartCommand: 'echo old' }]) };
    const core = await started([devContainer('a', '/w', FILE, { labels, state })]);
    core.disk.put(FILE, { image: 'image:1', ...now });
    await core.configs.check();
    core.cli.run = async () => {
      await core.engine.start(OLD);
      return cliResult({ containerId: OLD });
    };
    return core;
  }
  const NEW_HOOK = { postStartCommand: 'echo new' };
  const METADATA = { containerId: OLD, label: JSON.stringify([NEW_HOOK]) };

  test.each([
    ['restart', 'running'],
    ['restart', 'exited'],
    ['up', 'exited'],
  ] as const)("a %s of a container that is %s runs today's hooks", async (kind, state) => {
    const core = await withHook(NEW_HOOK, state);
    await core.recreate.run(kind, core.key);
    expect(core.cli.requests[0]?.metadata).toEqual(METADATA);
  });

  test('where hooks did not change, and for a new container, the CLI goes by itself', async () => {
    const same = await withHook({ postStartCommand: 'echo old' });
    await same.recreate.run('restart', same.key);
    const anew = await withHook(NEW_HOOK);
    await anew.recreate.run('recreate', anew.key);
    for (const { cli } of [same, anew]) expect(cli.requests[0]).not.toHaveProperty('metadata');
  });

  test('a hook that fails leaves the container running, and a change', async () => {
    const core = await withHook(NEW_HOOK);
    core.cli.run = async () => {
      await core.engine.start(OLD);
      const failure = { kind: 'lifecycle', message: 'postStartCommand failed, exit 7.' } as const;
      return cliResult({ outcome: 'error', containerId: OLD, failure });
    };
    const outcome = await core.recreate.run('restart', core.key);
    expect(outcome).toMatchObject({ outcome: 'failed', containerId: OLD, failure: { kind: 'lifecycle' } });
    expect(outcome.failure?.message).toBe(
      'postStartCommand failed, exit 7. The container is running, but not set up as its configuration says.',
    );
    expect(core.item()).toMatchObject({ dirty: true, state: 'running' });
  });
});
