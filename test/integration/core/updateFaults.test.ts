import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { silentLogger as logger } from '../../../src/common/logger';
import { hostTimers as timers } from '../../../src/common/scheduling';
import { EngineStore } from '../../../src/core/engineStore';
import { replaceContainers, type ReplacementEnd } from '../../../src/core/replaceContainers';
import { Replacements } from '../../../src/core/replacements';
import { DockerEngine } from '../../../src/engine/client';
import { resolveEndpoint } from '../../../src/engine/endpoints';
import { FileRecords } from '../../../src/storage/fileRecords';
import { hostProcesses } from '../../../src/storage/processes';
import { startDockerEngine, type TestEngine } from '../../support/dockerEngine';
import { failingEngine } from '../../support/failingEngine';
import { runToEnd } from '../../support/processes';
import { docker, image, unique } from '../engine/support';

/** Make, stop, two renames, start, remove. */
const LAST = 5;
const NEW_IMAGE = 'shipshape-test/newer:1';
/** More of them make a bench of it: 0 containers are lost in any. */
const rounds = Number(process.env['SHIPSHAPE_FAULT_ROUNDS'] ?? 1);
const faults = Array.from({ length: rounds }, () =>
  Array.from({ length: LAST + 1 }, (_, step) =>
    (['before', 'after'] as const).map((when) => ({ step, when })),
  ),
).flat(2);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'shipshape-faults-'))));
afterAll(() => rm(folder, { recursive: true }));

const replacements = (): Replacements =>
  new Replacements(new FileRecords(folder, logger), hostProcesses, logger);

async function makeImage(host: string): Promise<void> {
  const id = await docker(host, 'create', image);
  await docker(host, 'commit', '-c', 'LABEL content=newer', id, NEW_IMAGE);
  await docker(host, 'rm', id);
}

async function start(host: string, name: string): Promise<string> {
  return docker(host, 'run', '-d', '--stop-signal', 'KILL', '--name', name, image, 'sleep', '1000');
}

/** One container of the name runs, nothing is set aside, and nothing is left to be put right. */
async function expectOne(host: string, name: string, isNew: boolean): Promise<void> {
  const all = await docker(host, 'ps', '-a', '--filter', `name=${name}`, '--format', '{{.Names}} {{.State}} {{.Image}}'); // prettier-ignore
  expect(all).toBe(`${name} running ${isNew ? NEW_IMAGE : image}`);
  expect((await readdir(folder)).filter((each) => each.endsWith('.json'))).toEqual([]);
}

async function recover(host: string): Promise<void> {
  const engine = new DockerEngine(await resolveEndpoint(host));
  try {
    const store = new EngineStore(engine, timers, logger);
    await store.refresh();
    await replacements().recover(store);
  } finally {
    engine.dispose();
  }
}

describe('the window dies', () => {
  const host = (): string => inject('dockerHost');
  beforeAll(() => makeImage(host()));
  afterAll(() => docker(host(), 'rmi', '-f', NEW_IMAGE));

  test.each(faults)(
    '$when action $step, and the next one has the old or the new container running',
    { timeout: 60_000 },
    async ({ step, when }) => {
      const name = unique('dying');
      const id = await start(host(), name);
      try {
        const script = resolve('test/integration/core/replacingWindow.ts');
        const args = ['--import', 'tsx', script, host(), folder, id, NEW_IMAGE, `${step}`, when];
        const { code } = await runToEnd(process.execPath, args);
        expect(code).not.toBe(0);
        expect(await readdir(folder)).toHaveLength(1);
        await recover(host());
        await expectOne(host(), name, step === LAST);
      } finally {
        await docker(
          host(),
          'rm',
          '-f',
          ...(await docker(host(), 'ps', '-aq', '--filter', `name=${name}`)).split('\n'),
        );
      }
    },
  );
});

describe('the engine is killed', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startDockerEngine();
    await makeImage(engine.endpoint);
  });
  afterAll(() => engine.stop());

  test.each(faults)(
    '$when action $step, and the old or the new container runs once it is back',
    { timeout: 120_000 },
    async ({ step, when }) => {
      const name = unique('killed');
      const id = await start(engine.endpoint, name);
      const real = new DockerEngine(await resolveEndpoint(engine.endpoint));
      const broken = failingEngine(real, step, when, () => engine.kill());
      const store = new EngineStore(broken, timers, logger);
      await store.refresh();
      const container = store.find(id);
      if (!container) throw new Error('no container');
      const end = await replaceContainers(store, [{ container, image: NEW_IMAGE }], {
        replacements: replacements(),
        awaitReady: () => Promise.resolve(undefined),
        signal: new AbortController().signal,
      }).catch((error: unknown) => error as Error);
      real.dispose();
      // The very last action was done before the engine died.
      const isOver = (end as Partial<ReplacementEnd>).outcome === 'replaced';
      expect(isOver).toBe(step === LAST && when === 'after');
      await engine.restart();
      await recover(engine.endpoint);
      if (isOver) await docker(engine.endpoint, 'start', name);
      // Nobody asked the new one how it is: it was as good as done.
      await expectOne(engine.endpoint, name, step === LAST || (step === LAST - 1 && when === 'after'));
      await docker(engine.endpoint, 'rm', '-f', name);
    },
  );
});
