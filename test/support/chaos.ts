/** A real engine that is made to live badly, and the core that has to keep up with it. */
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import type { Container } from '../../src/api';
import { baseImage } from './baseImage';
import type { startCore } from './core';
import type { TestEngine } from './dockerEngine';
import { callEngine, engineAnswers } from './engineHttp';
import { run, waitFor } from './processes';

type Core = Pick<Awaited<ReturnType<typeof startCore>>, 'inventory'>;

/** A container that does nothing until it is told to stop. */
export const sleeper = {
  Image: baseImage,
  Cmd: ['sh', '-c', 'trap "exit 0" TERM; sleep 10000 & wait'],
  HostConfig: { NetworkMode: 'none' },
};

/** `id name state` of each container, as the docker command tells it. */
export async function dockerPs(engine: Pick<TestEngine, 'endpoint'>): Promise<string> {
  const format = '{{.ID}} {{.Names}} {{.State}}';
  const env = { ...process.env, DOCKER_HOST: engine.endpoint };
  const said = await run('docker', ['ps', '--all', '--no-trunc', '--format', format], { env });
  return said.trim().split('\n').sort().join('\n');
}

export function asPs(containers: readonly Pick<Container, 'id' | 'name' | 'state'>[]): string {
  return containers.map(({ id, name, state }) => `${id} ${name} ${state}`).sort().join('\n'); // prettier-ignore
}

export async function createSleepers(
  engine: TestEngine,
  count: number,
  isStarted: boolean,
): Promise<string[]> {
  const docker = new Docker({ socketPath: engine.socketPath });
  const ids: string[] = [];
  const make = async (): Promise<void> => {
    const container = await docker.createContainer(sleeper);
    if (isStarted) await container.start();
    ids.push(container.id);
  };
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await make();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return ids;
}

/** Ends the engine and starts it again; gives how long after its first answer the snapshot was right. */
export async function killAndCompare(
  engine: TestEngine,
  core: Core,
  limitMs: number,
  signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL',
): Promise<number> {
  await engine.kill(signal);
  const restarted = engine.restart();
  let answered = 0;
  const answers = waitFor('the engine to answer', () => engineAnswers(engine.socketPath), 30_000).then(
    () => (answered = performance.now()),
  );
  await Promise.all([restarted, answers]);
  await untilEqual(engine, () => core.inventory.current().containers, limitMs);
  return performance.now() - answered;
}

/** Waits until what we know is what the engine says; rejects with the difference. */
export async function untilEqual(
  engine: Pick<TestEngine, 'endpoint'>,
  known: () => Parameters<typeof asPs>[0],
  limitMs: number,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const began = asPs(known());
    const truth = await dockerPs(engine);
    const ours = asPs(known());
    if (ours === truth || began === truth) return;
    if (performance.now() > deadline) throw new Error(difference(ours, truth));
  }
}

function difference(ours: string, truth: string): string {
  const [mine, real] = [new Set(ours.split('\n')), new Set(truth.split('\n'))];
  const wrong = [...mine].filter((line) => !real.has(line)).map((line) => `only ours:   ${line}`);
  const missing = [...real].filter((line) => !mine.has(line)).map((line) => `only theirs: ${line}`);
  return ['The snapshot is not what the engine says.', ...wrong, ...missing].join('\n');
}

export interface ChaosOptions {
  readonly ops: number;
  readonly kills: number;
  readonly seed: number;
  /** Stops early when this much time has passed. */
  readonly budgetMs?: number;
}

/**
 * Does random things to containers, four at a time, and kills the engine in between; compares after each round. Gives
 * how much was done.
 */
export async function chaos(
  engine: TestEngine,
  core: Core,
  options: ChaosOptions,
): Promise<{ ops: number; kills: number; comparisons: number }> {
  const docker = new Docker({ socketPath: engine.socketPath });
  const random = randomFrom(options.seed);
  const began = performance.now();
  const rounds = Math.max(1, options.kills) * 4;
  const done = { ops: 0, kills: 0, comparisons: 0 };
  const ids = new Set(await createSleepers(engine, 5, false));
  for (let round = 1; round <= rounds; round++) {
    if (options.budgetMs !== undefined && performance.now() - began > options.budgetMs) break;
    const isKilled = round % 4 === 0 && done.kills < options.kills;
    const until = Math.floor((options.ops * round) / rounds);
    const worker = async (): Promise<void> => {
      while (done.ops < until) {
        done.ops++;
        await oneOperation(docker, ids, random).catch(() => undefined);
      }
    };
    const workers = Promise.all([worker(), worker(), worker(), worker()]);
    if (isKilled) {
      // In the middle of the work, whose calls then fail until the engine is back.
      await pause(random() * 300);
      await engine.kill('SIGKILL');
      await engine.restart();
      done.kills++;
    }
    await workers;
    await untilEqual(engine, () => core.inventory.current().containers, 2_000);
    done.comparisons++;
  }
  return done;
}

async function oneOperation(docker: Docker, ids: Set<string>, random: () => number): Promise<void> {
  const dice = random();
  const id = [...ids][Math.floor(random() * ids.size)];
  if (id === undefined || (dice < 0.15 && ids.size < 30)) {
    ids.add((await docker.createContainer(sleeper)).id);
    return;
  }
  const container = docker.getContainer(id);
  if (dice < 0.35) await container.start();
  else if (dice < 0.5) await container.stop({ t: 1 });
  else if (dice < 0.65) await container.rename({ name: `n${Math.floor(random() * 1e9)}` });
  else if (dice < 0.75) await container.pause();
  else if (dice < 0.85) await container.unpause();
  else if (dice < 0.95) {
    await container.remove({ force: true });
    ids.delete(id);
  } else {
    // Several events in a row of the same container.
    await container.start();
    await container.kill();
  }
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The raw list, by a bare request. */
export async function rawList(socketPath: string): Promise<number> {
  const began = performance.now();
  JSON.parse((await callEngine(socketPath, 'GET', '/containers/json?all=1')).body);
  return performance.now() - began;
}
