import { afterEach, beforeEach, expect, test } from 'vitest';
import { baseImage } from '../../support/baseImage';
import { CliGround, up } from './cliGround';

const ground = new CliGround();
let name = '';

beforeEach(() => {
  name = `ss${process.pid}x${Date.now()}`;
});

afterEach(async () => {
  const ids = await ground.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${name}`);
  for (const id of ids.split('\n').filter((line) => line !== '')) await ground.docker('rm', '-f', id);
  await ground.clean();
});

const files = (step: string): Record<string, string> => ({
  'devcontainer.json': JSON.stringify({
    dockerComposeFile: 'docker-compose.yml',
    service: 'up',
    workspaceFolder: '/',
  }),
  // A service called like the subcommand, to see that the two are told apart.
  'docker-compose.yml': `version: "3"
services:
  up: { build: ., command: sleep 1000, environment: { SECRET: canary } }
  db: { image: "${baseImage}", command: sleep 1000 }
`,
  Dockerfile: `FROM ${baseImage}\nRUN ${step}\n`,
});

async function idsOf(service: string): Promise<string[]> {
  const label = `label=com.docker.compose.service=${service}`;
  const project = `label=com.docker.compose.project=${name}`;
  const out = await ground.docker('ps', '-aq', '--no-trunc', '--filter', label, '--filter', project);
  return out.split('\n').filter((id) => id !== '');
}

test('a Compose service is replaced after its build; its siblings stay', async () => {
  const project = await ground.project(files('echo one > /version'));
  const env = { ...process.env, COMPOSE_PROJECT_NAME: name };
  const cli = await ground.cli({ env });
  const first = await up(cli, ground.request(project));
  expect(first.outcome).toBe('success');
  const containerId = first.containerId ?? '';
  const siblings = await idsOf('db');
  expect(siblings).toHaveLength(1);

  await ground.write(project, files('false'));
  const failed = await up(cli, ground.request(project, { replace: { containerId } }));
  expect(failed.failure).toMatchObject({ kind: 'build' });
  expect(failed.message).toMatch(/RUN false.*exit code 1/);
  expect(failed.replacedAt).toBeUndefined();
  expect(await ground.inspect(containerId, '{{.State.Running}}')).toBe('true');

  await ground.write(project, files('echo two > /version'));
  const before = Date.now();
  const second = await up(cli, ground.request(project, { replace: { containerId } }));
  expect(second.outcome).toBe('success');
  expect(second.replacedAt).toBeGreaterThanOrEqual(before);
  const steps = second.heard.lines.filter((line) => line.text.startsWith('Step ')).map((line) => line.at);
  expect(second.replacedAt).toBeGreaterThanOrEqual(Math.max(...steps));
  expect(await idsOf('up')).toEqual([second.containerId]);
  expect(second.containerId).not.toBe(containerId);
  expect(await ground.docker('exec', second.containerId ?? '', 'cat', '/version')).toBe('two');
  expect(await idsOf('db')).toEqual(siblings);
  expect(await ground.inspect(siblings[0] ?? '', '{{.State.Running}}')).toBe('true');
  expect(JSON.stringify([first.heard, failed.heard, second.heard])).not.toContain('canary');
}, 120_000);
