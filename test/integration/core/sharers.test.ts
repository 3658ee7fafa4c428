import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const ground = new RecreateGround(() => inject('dockerHost'));
let name = '';
beforeEach(() => {
  name = `sharer${process.pid}x${Date.now()}`;
});
afterEach(async () => {
  const ids = ground.docker('ps', '-aq', '--filter', `name=${name}`);
  if (ids) ground.docker('rm', '-f', '-v', ...ids.split('\n'));
  if (ground.docker('images', '-q', `${name}:exposed`)) ground.docker('rmi', `${name}:exposed`);
  await ground.close();
});

/** The network addresses that a container has, without its own loop. */
const addresses = (id: string): string =>
  ground.inside("ifconfig | grep 'inet addr:' | grep -v 127.0.0.1", id);
const modesOf = (id: string): string[] =>
  ground.docker('inspect', '-f', '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}}', id).split(' ');

const composeFiles = (app: string): Record<string, unknown> => ({
  'docker-compose.yml': `version: "2.4"
services:
  app: { image: "${IMAGE}", command: sleep 10000, stop_signal: SIGKILL${app} }
  proxy: { image: "${name}:exposed", command: sleep 10001, stop_signal: SIGKILL, network_mode: "service:app", volumes: ["/anonymous"] }
  watch: { image: "${IMAGE}", command: sleep 10002, stop_signal: SIGKILL, pid: "service:app" }
`,
  'devcontainer.json': { dockerComposeFile: 'docker-compose.yml', service: 'app', workspaceFolder: '/' },
});
const service = (of: string): string =>
  ground.docker('ps', '-q', '--no-trunc', '--filter', `label=com.docker.compose.project=${name}`, '--filter', `label=com.docker.compose.service=${of}`); // prettier-ignore
/** The proxy's image exposes a port, which an engine refuses to make anew in another one's network. */
const openCompose = () => {
  ground.docker('create', '--name', `${name}-exposed`, IMAGE);
  ground.docker('commit', '-c', 'EXPOSE 80', `${name}-exposed`, `${name}:exposed`);
  ground.docker('rm', `${name}-exposed`);
  return ground.open(composeFiles(''), { env: { ...process.env, COMPOSE_PROJECT_NAME: name } });
};

test("Compose siblings come along with their files and volumes, as their project's containers", async () => {
  await openCompose();
  await ground.run('up');
  const [proxy, watch] = [service('proxy'), service('watch')];
  ground.inside('echo mine > /root/file; echo kept > /anonymous/file', proxy);
  await ground.write(composeFiles(', environment: { A: "1" }'));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'succeeded' });
  const { containerId: app = '' } = outcome;
  // Compose makes both at once, so either may be the first.
  const notes = outcome.notes?.join();
  expect(notes).toMatch(/proxy\S* was made anew with its files and volumes, since it shares the network/);
  expect(notes).toMatch(/watch\S* was made anew by Compose with its volumes, since it shares the processes/);
  const [proxyNow, watchNow] = [service('proxy'), service('watch')];
  expect(proxyNow).not.toBe(proxy);
  expect([modesOf(proxyNow)[0], modesOf(watchNow)[1]]).toEqual([`container:${app}`, `container:${app}`]);
  expect(addresses(proxyNow)).toBe(addresses(app));
  expect(addresses(app)).toContain('inet addr');
  expect(ground.inside('cat /root/file /anonymous/file', proxyNow)).toBe('mine\nkept');
  expect(ground.inside('ps', watchNow)).toContain('sleep 10000');
  expect(ground.docker('ps', '-aq', '--no-trunc', '--filter', `name=${name}`).split('\n').sort()).toEqual(
    [app, proxyNow, watchNow].sort(),
  );
  expect(watchNow).not.toBe(watch);
  expect(ground.core.lines.map(({ text }) => text).join('\n')).toContain('was made anew with its files');
  const [run] = await ground.core.history.runs(ground.item().key);
  expect(run?.notes).toEqual(outcome.notes);

  // Compose takes them for its own: the next recreate leaves them nothing to be made from but themselves.
  await ground.write(composeFiles(', environment: { A: "2" }'));
  const next = await ground.run('recreate');
  expect(next).toMatchObject({ outcome: 'succeeded' });
  expect(addresses(service('proxy'))).toBe(addresses(next.containerId ?? ''));
  expect(ground.inside('cat /root/file /anonymous/file', service('proxy'))).toBe('mine\nkept');
});

test('after a start that fails, Compose siblings share with the container that came back', async () => {
  await openCompose();
  await ground.run('up');
  await ground.write(composeFiles(', devices: ["/dev/no-such-device:/dev/x"]'));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'rolledBack', failure: { kind: 'run' } });
  const { containerId: app = '' } = outcome;
  expect(modesOf(service('proxy'))[0]).toBe(`container:${app}`);
  expect(addresses(service('proxy'))).toBe(addresses(app));
});

const config = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'devcontainer.json': { image: IMAGE, ...more },
});
/** A container that somebody else runs in the dev container's network, or in what else is said. */
const join = (id: string, what = 'network'): string => {
  const how = ['--stop-signal', 'KILL', '--name', name, `--${what}`, `container:${id}`];
  return ground.docker('run', '-d', ...how, IMAGE, 'sleep', '10000');
};

test('a container of other origin stays as it is, the old container is kept for it, and going back brings both back', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  const other = join(old);
  await ground.write(config({ containerEnv: { A: '1' } }));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'succeeded' });
  expect(outcome.notes).toEqual([
    expect.stringMatching(`^${name} still shares the network .* Make it again`),
  ]);
  expect(ground.docker('inspect', '-f', '{{.State.Status}}', other)).toBe('running');
  expect(ground.left()).toEqual([`${outcome.containerId ?? ''} running`, `${old} exited`]);
  const back = await ground.run('rollBack');
  expect(back).toMatchObject({ outcome: 'succeeded', containerId: old });
  expect(back.notes).toEqual([`${name} was restarted, since it shares the network.`]);
  expect(addresses(other)).toBe(addresses(old));
});

test.each([
  ['a start that fails', 'recreate', { runArgs: ['--volumes-from', 'no-such-container'] }, 'rolledBack'],
  ['a restart', 'restart', { postStartCommand: 'true' }, 'succeeded'],
] as const)(
  'after %s the others share the network of the same container again',
  async (_, kind, more, end) => {
    await ground.open(config());
    const { containerId: old = '' } = await ground.run('up');
    const other = join(old);
    await ground.write(config(more));
    const outcome = await ground.run(kind);
    expect(outcome).toMatchObject({ outcome: end, containerId: old });
    expect(outcome.notes).toEqual([`${name} was restarted, since it shares the network.`]);
    expect(addresses(other)).toBe(addresses(old));
  },
);

test('a build that fails leaves them alone', async () => {
  await ground.open(config());
  const { containerId: old = '' } = await ground.run('up');
  const other = join(old);
  const started = ground.docker('inspect', '-f', '{{.State.StartedAt}}', other);
  await ground.write({
    ...config({ image: undefined, build: { dockerfile: 'Dockerfile' } }),
    Dockerfile: `FROM ${IMAGE}\nRUN exit 3\n`,
  });
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'failed', containerId: old });
  expect(outcome).not.toHaveProperty('notes');
  expect(ground.docker('inspect', '-f', '{{.State.StartedAt}}', other)).toBe(started);
});

test('one that shares the memory stays as it is, and going back brings both back', async () => {
  const shareable = (more = {}) => config({ runArgs: ['--ipc', 'shareable'], ...more });
  await ground.open(shareable());
  const { containerId: old = '' } = await ground.run('up');
  const other = join(old, 'ipc');
  ground.inside('echo shared > /dev/shm/file', old);
  expect(ground.inside('cat /dev/shm/file', other)).toBe('shared');
  await ground.write(shareable({ containerEnv: { A: '1' } }));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'succeeded' });
  expect(outcome.notes).toEqual([expect.stringMatching(`^${name} still shares the memory .* Make it again`)]);
  expect(ground.left()).toEqual([`${outcome.containerId ?? ''} running`, `${old} exited`]);
  const back = await ground.run('rollBack');
  expect(back).toMatchObject({ outcome: 'succeeded', containerId: old });
  expect(back.notes).toEqual([`${name} was restarted, since it shares the memory.`]);
  ground.inside('echo again > /dev/shm/file', old);
  expect(ground.inside('cat /dev/shm/file', other)).toBe('again');
});

test('a Compose sibling that shares the memory is made anew by Compose, with its volumes', async () => {
  const files = (more = ''): Record<string, unknown> => ({
    'docker-compose.yml': `version: "2.4"
services:
  app: { image: "${IMAGE}", command: sleep 10000, stop_signal: SIGKILL, ipc: shareable${more} }
  cache: { image: "${IMAGE}", command: sleep 10001, stop_signal: SIGKILL, ipc: "service:app", volumes: ["/anonymous"] }
`,
    'devcontainer.json': { dockerComposeFile: 'docker-compose.yml', service: 'app', workspaceFolder: '/' },
  });
  await ground.open(files(), { env: { ...process.env, COMPOSE_PROJECT_NAME: name } });
  await ground.run('up');
  ground.inside('echo kept > /anonymous/file', service('cache'));
  await ground.write(files(', environment: { A: "1" }'));
  const outcome = await ground.run('recreate');
  expect(outcome).toMatchObject({ outcome: 'succeeded' });
  expect(outcome.notes?.join()).toMatch(
    /cache\S* was made anew by Compose with its volumes, since it shares the memory/,
  );
  ground.inside('echo shared > /dev/shm/file', outcome.containerId);
  expect(ground.inside('cat /dev/shm/file /anonymous/file', service('cache'))).toBe('shared\nkept');
});
