import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../src/common/errors';
import { startCore } from '../test/support/core';
import { startDockerEngine, type TestEngine } from '../test/support/dockerEngine';
import { startPodmanEngine } from '../test/support/podmanEngine';
import { waitFor } from '../test/support/processes';
import { IMAGE, RecreateGround } from '../test/support/recreateGround';
import { faultsOn, hasChosen, HOOK, isChosen, type Field } from './faultMatrix';
import { figure, percentile, type Figure } from './figures';

const EACH = Number(process.env['SHIPSHAPE_FAULTS_EACH'] ?? 20);
/** Compose and Podman are slower, and have fewer tries. */
const EACH_BESIDE = Math.ceil(EACH / 5);
const RACES = Number(process.env['SHIPSHAPE_RACES'] ?? 100);

/** What is left after a fault at each step of a recreate: the old container with its files, or the new one, and no other. */
export async function faultFigures(): Promise<Figure[]> {
  const engine = await startDockerEngine();
  try {
    return [
      ...(await faultsOn(onDocker(engine), EACH)),
      ...(await faultsOn(onCompose(engine), EACH_BESIDE)),
      ...(await podmanFigures()),
      ...(isChosen('failed starts') ? [await failedStarts(engine)] : []),
      ...(isChosen('races') ? [await races(engine)] : []),
    ];
  } finally {
    await engine.stop();
  }
}

/** The steps of a container that is set aside: an engine connects one to its network while it starts it. */
const SINGLE = {
  steps: ['build', 'rename', 'stop', 'create', 'start', 'hook', 'remove', 'tag'],
  afterCli: ['remove', 'tag'],
} as const;

function onDocker(engine: TestEngine): Field {
  return {
    ...{ name: 'Docker', socketPath: engine.socketPath, files: single, ...SINGLE },
    killAndRestart: () => restarted(engine),
  };
}

/** The copy of the old container's files stands for its new name; the CLI itself has it removed. */
function onCompose(engine: TestEngine): Field {
  const project = `faults${process.pid}`;
  return {
    ...{ name: 'Compose', socketPath: engine.socketPath, isCompose: true },
    // After a hook that failed there is nothing to tag.
    steps: ['build', 'stop', 'commit', 'remove', 'create', 'network', 'start', 'tag', 'hook'],
    afterCli: ['tag'],
    files: composed,
    env: { ...process.env, COMPOSE_PROJECT_NAME: project },
    killAndRestart: () => restarted(engine),
  };
}

async function podmanFigures(): Promise<Figure[]> {
  const kind = { name: 'Podman', files: single, ...SINGLE };
  if (!hasChosen(kind)) return [];
  const podman = await startPodmanEngine();
  try {
    const { socketPath } = podman;
    const killAndRestart = () => podman.killAndRestart();
    return await faultsOn({ ...kind, socketPath, killAndRestart }, EACH_BESIDE);
  } finally {
    await podman.stop();
  }
}

async function restarted(engine: TestEngine): Promise<void> {
  await engine.kill();
  await engine.restart();
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

const config = { build: { dockerfile: 'Dockerfile' }, postCreateCommand: HOOK };

function dockerfile(version: string | number): Record<string, unknown> {
  return { Dockerfile: `FROM ${IMAGE}\nRUN echo '${version}' > /version\n`, 'devcontainer.json': config };
}

function single(mark: string): Record<string, unknown> {
  return { ...dockerfile(mark), 'devcontainer.json': { ...config, containerEnv: { N: mark } } };
}

function composed(mark: string): Record<string, unknown> {
  return {
    ...dockerfile(mark),
    'docker-compose.yml': `version: "3"
services:
  app: { build: ., command: sleep 10000, stop_signal: SIGKILL, environment: { N: "${mark}" } }
`,
    'devcontainer.json': {
      ...{ dockerComposeFile: 'docker-compose.yml', service: 'app', workspaceFolder: '/' },
      postCreateCommand: HOOK,
    },
  };
}
