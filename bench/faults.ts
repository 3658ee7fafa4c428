import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode, messageOf } from '../src/common/errors';
import { startDockerEngine, type TestEngine } from '../test/support/dockerEngine';
import { signalProcess, waitFor } from '../test/support/processes';
import { IMAGE, RecreateGround } from '../test/support/recreateGround';
import { startCore } from '../test/support/core';
import { figure, percentile, type Figure } from './figures';
import { cliOf, FaultyDocker } from './support/faultyDocker';

/** The CLI's own steps, by the subcommand of docker that each is. */
const STEPS = ['build', 'rename', 'stop', 'run', 'exec'] as const;
const FAULTS = ['fails', 'CLI dies', 'CLI and its children die', 'engine dies', 'cancel'] as const;
const EACH = Number(process.env['SHIPSHAPE_FAULTS_EACH'] ?? 20);
const RACES = Number(process.env['SHIPSHAPE_RACES'] ?? 100);

type Step = (typeof STEPS)[number];
type Fault = (typeof FAULTS)[number];

/** What is left after a fault at each step of a recreate: the old container with its files, or the new one, and no other. */
export async function faultFigures(): Promise<Figure[]> {
  const engine = await startDockerEngine();
  try {
    const figures: Figure[] = [];
    for (const fault of FAULTS) figures.push(await faultsAt(engine, fault));
    figures.push(await failedStarts(engine), await races(engine));
    return figures;
  } finally {
    await engine.stop();
  }
}

async function faultsAt(engine: TestEngine, fault: Fault): Promise<Figure> {
  const place = await mkdtemp(join(tmpdir(), 'shipshape-faults-'));
  const docker = new FaultyDocker(place);
  const storage = join(place, 'storage');
  const ground = new RecreateGround(() => engine.endpoint);
  const wrong: string[] = [];
  await ground.open(dockerfile(0), { env: docker.env, storage });
  try {
    await ground.run('up');
    for (const step of STEPS) {
      for (let n = 0; n < EACH; n++) {
        const why = await oneFault(ground, { engine, docker, storage, fault, step, n });
        if (why !== undefined) wrong.push(`${step}, ${n}: ${why}`);
      }
    }
  } finally {
    await ground.close();
    await rm(place, { recursive: true, force: true });
  }
  for (const each of wrong) console.log(`${fault} at ${each}`);
  return figure({
    name: `recreates with a fault that leave anything but one good container: ${fault}`,
    ...{ value: wrong.length, unit: '', n: STEPS.length * EACH, bound: 0, boundOf: 'value' },
  });
}

interface Injection {
  readonly engine: TestEngine;
  readonly docker: FaultyDocker;
  readonly storage: string;
  readonly fault: Fault;
  readonly step: Step;
  readonly n: number;
}

/** Gives what is wrong after it, if anything is. */
async function oneFault(ground: RecreateGround, at: Injection): Promise<string | undefined> {
  const { docker, step, n } = at;
  const old = ground.item().containerId ?? '';
  ground.inside(`echo ${n} > /root/file`, old);
  await ground.write(dockerfile(`${step}${at.fault}${n}`));
  docker.arm(step);
  const job = ground.run('recreate').catch((error: unknown) => error);
  const early = await Promise.race([docker.held(), job]);
  if (early !== undefined) return `it ended before that step: ${JSON.stringify(early)} ${messageOf(early)}`;
  const cli = cliOf(at.storage, readdirSync(join(at.storage, 'journal')));
  await inject(ground, at, cli);
  await job;
  const journal = (): string[] => readdirSync(join(at.storage, 'journal'));
  await waitFor(
    'things to be right',
    () => ground.item().activity === 'idle' && journal().length === 0,
    60_000,
  );
  return wrongOf(ground, old, n);
}

async function inject(ground: RecreateGround, { engine, docker, fault }: Injection, cli = 0): Promise<void> {
  if (fault === 'fails') {
    docker.end('fail');
    return;
  }
  if (fault === 'cancel') ground.core.recreate.cancel(ground.item().key);
  if (fault === 'CLI dies') signalProcess(cli, 'SIGKILL');
  if (fault === 'CLI and its children die') signalProcess(-cli, 'SIGKILL');
  if (fault === 'engine dies') {
    await engine.kill();
    docker.end('go');
    await engine.restart();
  }
  docker.end('go');
}

function wrongOf(ground: RecreateGround, old: string, n: number): string | undefined {
  const left = ground.left();
  const [only = '', another] = left;
  const [id = '', state] = only.split(' ');
  if (another !== undefined || id === '') return `there are ${left.length}: ${left.join(', ')}`;
  if (state === 'exited' && ground.item().state === 'stopped') {
    // An engine that dies takes what runs with it.
    ground.docker('start', id);
  } else if (state !== 'running') return `it is ${state ?? ''}`;
  const name = ground.docker('inspect', '-f', '{{.Name}}', id);
  if (name.includes('_before_')) return `it is called ${name}`;
  if (id === old && ground.inside('cat /root/file', id) !== String(n)) return 'its files are lost';
  return undefined;
}

/** From the failure of the new container's start to the old one's. */
async function failedStarts(engine: TestEngine): Promise<Figure> {
  const ground = new RecreateGround(() => engine.endpoint);
  await ground.open(dockerfile(0));
  const took: number[] = [];
  try {
    await ground.run('up');
    await ground.write({
      ...dockerfile(1),
      'devcontainer.json': { ...config, runArgs: ['--volumes-from', 'no-such-container'] },
    });
    for (let n = 0; n < EACH; n++) {
      const { outcome, downtimeMs } = await ground.run('recreate');
      if (outcome !== 'rolledBack') throw new Error(`the recreate ${outcome}`);
      took.push(downtimeMs);
    }
  } finally {
    await ground.close();
  }
  return figure({
    name: 'time without a container when a start fails, p95',
    ...{ value: percentile(took, 0.95), unit: 'ms', n: EACH, bound: 2_000, boundOf: 'value' },
  });
}

/** Two windows that recreate the same dev container at once. */
async function races(engine: TestEngine): Promise<Figure> {
  const storage = await mkdtemp(join(tmpdir(), 'shipshape-races-'));
  const ground = new RecreateGround(() => engine.endpoint);
  await ground.open({ 'devcontainer.json': { image: IMAGE } }, { storage, owner: 'one' });
  const other = await startCore({
    ...{ dockerHost: engine.endpoint, folders: [ground.folder], storage, owner: 'two' },
  });
  let wrong = 0;
  try {
    await ground.run('up');
    await other.engines.refresh();
    for (let n = 0; n < RACES; n++) {
      const both = [ground.run('recreate'), other.recreateFolder(ground.folder)];
      const ends = await Promise.allSettled(both);
      const refused = ends.filter((end) => end.status === 'rejected' && hasCode(end.reason, 'busy')).length;
      if (ground.left().length !== 1 || refused !== 1) wrong++;
      await Promise.all([ground.core, other].map((core) => core.engines.refresh()));
      await waitFor('both to be idle', () => [ground.core, other].every((core) => core.item(ground.folder).activity === 'idle')); // prettier-ignore
    }
  } finally {
    await other.dispose();
    await ground.close();
    await rm(storage, { recursive: true, force: true });
  }
  return figure({
    name: 'races of two windows that end with other than one container and one refusal',
    ...{ value: wrong, unit: '', n: RACES, bound: 0, boundOf: 'value' },
  });
}

const config = { build: { dockerfile: 'Dockerfile' }, postCreateCommand: 'true' };

function dockerfile(version: string | number): Record<string, unknown> {
  return { Dockerfile: `FROM ${IMAGE}\nRUN echo '${version}' > /version\n`, 'devcontainer.json': config };
}
