/** The way that is taken where there is no sh, with the real CLI on the engine that there is. */
import { afterEach, expect, test } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { CliGround, up } from './cliGround';
import { findProgram } from '../../../src/devcontainers/cliCommand';

const ground = new CliGround();
afterEach(async () => {
  await ground.clean();
  if (await ground.docker('images', '-q', 'shipshape-candidate')) await ground.docker('rmi', 'shipshape-candidate'); // prettier-ignore
});

const files = (step: string): Record<string, string> => ({
  'devcontainer.json': JSON.stringify({ build: { dockerfile: 'Dockerfile' } }),
  Dockerfile: `FROM ${baseImage}\nRUN ${step}\n`,
});

test('the image is built before the CLI removes the container, and a build that fails leaves it', async () => {
  const dockerPath = (await findProgram('docker', process.env['PATH'] ?? '')) ?? '';
  const cli = await ground.cli({ platform: 'win32', dockerPath });
  const project = await ground.project(files('echo one > /version'));
  const { containerId = '' } = await up(cli, ground.request(project));
  const request = ground.request(project, { replace: { containerId, setAsideName: 'not-used' } });

  await ground.write(project, files('exit 3'));
  const failed = await up(cli, request);
  expect(failed.failure).toMatchObject({ kind: 'build', exitCode: 3 });
  expect(failed.replacedAt).toBeUndefined();
  expect(await ground.inspect(containerId, '{{.State.Running}} {{.Name}}')).toMatch(/^true /);

  await ground.write(project, files('echo two > /version'));
  const replaced = await up(cli, request);
  expect(replaced.outcome).toBe('success');
  expect(replaced.replacedAt).toBeGreaterThan(0);
  expect(await ground.docker('exec', replaced.containerId ?? '', 'cat', '/version')).toBe('two');
  expect(await ground.containersOf(project)).toEqual([replaced.containerId]);
});
