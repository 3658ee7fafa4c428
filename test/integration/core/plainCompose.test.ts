/** Dev containers that plain Compose made: the CLI finds them by project and service, and so do we. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { judged } from '../../support/bareCli';
import { snapshotWhere } from '../../support/core';
import { IMAGE, RecreateGround } from '../../support/recreateGround';

const COMPOSE = 'docker-compose';

const files = (mode = 'dev', more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'compose.yml': `version: "2.4"
services:
  app:
    image: "${IMAGE}"
    command: sleep 10000
    stop_signal: SIGKILL
    environment: { MODE: "${mode}" }
  db: { image: "${IMAGE}", command: sleep 10001, stop_signal: SIGKILL }
`,
  'devcontainer.json': { dockerComposeFile: 'compose.yml', service: 'app', workspaceFolder: '/', ...more },
});

describe('a container that plain Compose made', () => {
  const ground = new RecreateGround(() => inject('dockerHost'));
  const project = (): string => `${basename(ground.folder).toLowerCase()}_devcontainer`;
  const compose = (...args: string[]): string =>
    execFileSync(COMPOSE, ['-p', project(), ...args], {
      cwd: join(ground.folder, '.devcontainer'),
      env: { ...process.env, DOCKER_HOST: inject('dockerHost') },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const idOf = (service: string): string =>
    ground.docker(
      ...['ps', '-aq', '--no-trunc', '--filter', `label=com.docker.compose.project=${project()}`],
      ...['--filter', `label=com.docker.compose.service=${service}`],
    );
  const adopted = () => snapshotWhere(ground.core, () => ground.item().containerId !== undefined);
  const rowOf = (id: string) => ground.core.inventory.snapshot.containers.find((each) => each.id === id);

  beforeEach(async () => {
    await ground.open(files());
    compose('-f', 'compose.yml', 'up', '-d');
    await adopted();
  });

  afterEach(async () => {
    compose('-f', 'compose.yml', 'down', '-t', '0');
    await ground.close();
  });

  test('is the dev container of its configuration, and judged; its siblings are none', async () => {
    expect(ground.item()).toMatchObject({ state: 'running', containerId: idOf('app') });
    expect(rowOf(idOf('app'))?.devContainer).toBe(ground.item().key);
    expect(rowOf(idOf('db'))?.devContainer).toBeUndefined();
    expect(await judged(ground.core, ground.folder)).toMatchObject({ dirty: false, changes: [] });
    await ground.write(files('test'));
    await ground.core.inputs.check();
    await snapshotWhere(ground.core, () => ground.item().dirty);
    expect(ground.item().changes).toMatchObject([
      { property: 'services.app.environment.MODE', from: 'dev', to: 'test' },
    ]);
  });

  test('that is older than its configuration has probably changed', async () => {
    const later = new Date(Date.now() + 60_000);
    await ground.core.dispose();
    await utimes(join(ground.folder, '.devcontainer/devcontainer.json'), later, later);
    await ground.reopen();
    await adopted();
    const { changes } = await judged(ground.core, ground.folder);
    expect(changes).toMatchObject([{ input: '.devcontainer/devcontainer.json', probable: true }]);
  });

  test('lacks what the CLI would have added, until it is recreated', async () => {
    await ground.core.dispose();
    const { 'devcontainer.json': config } = files('dev', { containerEnv: { MORE: 'yes' } });
    await ground.write({ 'devcontainer.json': config });
    await ground.reopen();
    await adopted();
    const { changes } = await judged(ground.core, ground.folder);
    expect(changes).toMatchObject([{ property: 'containerEnv.MORE', effect: 'recreate' }]);
    expect(await ground.run('recreate')).toMatchObject({ outcome: 'succeeded' });
    expect(ground.item()).toMatchObject({ dirty: false });
    expect(ground.inside('echo $MORE')).toBe('yes');
  });

  test('is created, started and restarted as the same one', async () => {
    const id = idOf('app');
    expect(await ground.run('up')).toMatchObject({ outcome: 'succeeded', containerId: id });
    ground.docker('stop', id);
    await snapshotWhere(ground.core, () => ground.item().state === 'stopped');
    expect(await ground.run('up')).toMatchObject({ outcome: 'succeeded', containerId: id });
    expect(await ground.run('restart')).toMatchObject({ outcome: 'succeeded', containerId: id });
    expect(ground.item()).toMatchObject({ state: 'running', containerId: id });
  });

  test('is recreated with the labels of the CLI, its siblings left alone', async () => {
    const [old, db] = [idOf('app'), idOf('db')];
    await ground.write(files('test'));
    const outcome = await ground.run('recreate');
    expect(outcome).toMatchObject({ outcome: 'succeeded', previousContainerId: old });
    expect(ground.left()).toEqual([`${outcome.containerId ?? ''} running`]);
    expect(ground.item()).toMatchObject({ containerId: outcome.containerId, dirty: false });
    expect(ground.item()).not.toHaveProperty('duplicates');
    expect([idOf('app'), idOf('db')]).toEqual([outcome.containerId, db]);
    expect(ground.inside('echo $MODE')).toBe('test');
  });

  test('stays untouched while the new one cannot be built, and comes back with its files when it cannot start', async () => {
    const old = idOf('app');
    ground.inside('echo mine > /root/file');
    await ground.write({ 'compose.yml': String(files()['compose.yml']).replace(IMAGE, 'no/such:image') });
    expect(await ground.run('recreate')).toMatchObject({ outcome: 'failed', containerId: old });
    expect(ground.item()).toMatchObject({ state: 'running', containerId: old });
    await ground.write({
      'compose.yml': String(files()['compose.yml']).replace('sleep 10000', 'no-such-program'),
    });
    expect(await ground.run('recreate')).toMatchObject({ outcome: 'rolledBack', previousContainerId: old });
    await adopted();
    expect(ground.item().state).toBe('running');
    expect(ground.item().containerId).toBe(idOf('app'));
    expect(ground.inside('cat /root/file')).toBe('mine');
    await ground.write(files());
  });
});

test('a container of the same service made for another project is none', async () => {
  const ground = new RecreateGround(() => inject('dockerHost'));
  const other = await mkdtemp(join(tmpdir(), 'shipshape-other-'));
  await ground.open(files());
  const env = { ...process.env, DOCKER_HOST: inject('dockerHost') };
  const compose = (...args: string[]): void => {
    const file = join(ground.folder, '.devcontainer/compose.yml');
    execFileSync(COMPOSE, ['-p', basename(other).toLowerCase(), '-f', file, ...args], {
      ...{ env, stdio: 'ignore' },
    });
  };
  try {
    compose('up', '-d', 'app');
    await snapshotWhere(ground.core, ({ containers }) =>
      containers.some(({ composeProject }) => composeProject === basename(other).toLowerCase()),
    );
    await ground.core.inputs.settled();
    expect(ground.item()).toMatchObject({ state: 'notCreated' });
  } finally {
    compose('down', '-t', '0');
    await ground.close();
    await rm(other, { recursive: true, force: true });
  }
});
