/** The classic builder runs each step in a container, and leaves that of a step which fails or is cut short. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { runToEnd, signalProcess, waitFor } from '../../support/processes';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const ground = new RecreateGround(() => inject('dockerHost'));
afterEach(() => ground.close());

const env = { ...process.env, DOCKER_BUILDKIT: '0' };
const config = { 'devcontainer.json': { build: { dockerfile: 'Dockerfile' } } };
const dockerfile = (step: string): string => `FROM ${IMAGE}\nLABEL mark=${ground.folder}\n${step}\n`;

/** `id state` of each container of a step of these Dockerfiles. */
const steps = (): string[] =>
  ground.docker('ps', '-a', '--no-trunc', '--filter', `label=mark=${ground.folder}`, '--format', '{{.ID}} {{.State}}').split('\n').filter(Boolean); // prettier-ignore

async function openWith(step: string): Promise<string> {
  await ground.open({ 'devcontainer.json': { image: IMAGE } }, { env });
  const { containerId = '' } = await ground.run('up');
  await ground.write({ ...config, Dockerfile: dockerfile(step) });
  return containerId;
}

test('of a build that fails none is left', async () => {
  const old = await openWith('RUN echo one && exit 3');
  expect(await ground.run('recreate')).toMatchObject({ outcome: 'failed', containerId: old });
  expect(ground.core.lines.map(({ text }) => text).join('\n')).toMatch(/ ---> Running in [0-9a-f]{12}/);
  expect(steps()).toEqual([]);
});

test('of a build that is cancelled none is left, and the steps of another build go on', async () => {
  const old = await openWith('RUN sleep 300');
  const other = spawn('docker', ['-H', inject('dockerHost'), 'build', '--no-cache', join(ground.folder, '.devcontainer')], { env, stdio: 'ignore' }); // prettier-ignore
  const ended = once(other, 'exit');
  try {
    const [theirs] = await waitFor('their step', () => steps().some((line) => line.endsWith('running')) && steps()); // prettier-ignore
    const job = ground.run('recreate');
    await waitFor('our step', () => steps().filter((line) => line.endsWith('running')).length === 2, 30_000);
    ground.core.recreate.cancel(ground.item().key);
    expect(await job).toMatchObject({ outcome: 'cancelled', containerId: old });
    expect(steps()).toEqual([theirs]);
  } finally {
    signalProcess(other.pid ?? 0, 'SIGKILL');
    await ended;
    // Its engine ends it too, at its leisure.
    await waitFor('it to be gone', async () => {
      const left = steps().map((line) => line.slice(0, 64));
      if (left.length > 0) await runToEnd('docker', ['-H', inject('dockerHost'), 'rm', '-f', ...left]);
      return left.length === 0;
    });
  }
});
