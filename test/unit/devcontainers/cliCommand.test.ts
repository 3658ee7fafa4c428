import { expect, test } from 'vitest';
import type { CliRequest } from '../../../src/core/ports';
import { buildArguments, cliEnvironment, upArguments } from '../../../src/devcontainers/cliCommand';

const request: CliRequest = {
  workspaceFolder: '/w/project',
  configFile: '/w/project/.devcontainer/devcontainer.json',
  engine: { key: 'k', name: 'n', endpoint: 'e', env: { DOCKER_HOST: 'unix:///x.sock' } },
  noCache: false,
};
const folders = { userData: '/s/data' };

test('every value stands in one argument with its option', () => {
  const hostile = { ...request, workspaceFolder: '/w/-rf $(x)', noCache: true, secretsFile: '/s/secrets' };
  expect(upArguments(hostile, folders, { docker: '/j/docker', compose: '/j/compose' })).toEqual([
    'up',
    '--workspace-folder=/w/-rf $(x)',
    '--config=/w/project/.devcontainer/devcontainer.json',
    '--log-format=json',
    '--docker-path=/j/docker',
    '--user-data-folder=/s/data',
    '--oci-auth-hardening',
    '--terminal-columns=120',
    '--terminal-rows=40',
    '--docker-compose-path=/j/compose',
    '--build-no-cache',
    '--secrets-file=/s/secrets',
  ]);
});

test('without a script (Windows) the candidate is built under a name of its own first', () => {
  const args = buildArguments({ ...request, noCache: true }, folders, 'docker', 'shipshape-candidate');
  expect(args[0]).toBe('build');
  expect(args.slice(-2)).toEqual(['--image-name=shipshape-candidate', '--no-cache']);
  expect(args).toContain('--workspace-folder=/w/project');
});

test("the environment is the host's without the editor's and with the engine's", () => {
  const env = cliEnvironment(
    {
      HOME: '/h',
      VSCODE_PID: '1',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '-r x',
      DOCKER_HOST: 'tcp://old',
      DOCKER_CONTEXT: 'old',
      DOCKER_TLS_VERIFY: '1',
      PATH: '/usr/bin:.::relative:/w/project/bin:/w/project:/w/project2:/bin',
    },
    request,
    'linux',
  );
  expect(env).toEqual({ HOME: '/h', DOCKER_HOST: 'unix:///x.sock', PATH: '/usr/bin:/w/project2:/bin' });
});
