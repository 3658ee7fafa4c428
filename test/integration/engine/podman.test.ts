import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lossesIn } from '../../../src/core/losses';
import { startPodmanEngine, type TestPodman } from '../../support/podmanEngine';
import { run, waitFor } from '../../support/processes';
import { connect, image, unique } from './support';

describe('Podman', () => {
  let podman: TestPodman;
  beforeAll(async () => {
    podman = await startPodmanEngine();
  });
  let isStopped = false;
  afterAll(async () => {
    if (!isStopped) await podman.stop();
  });

  it('speaks well enough for the whole life of a container', async () => {
    const engine = await connect(podman.endpoint);
    expect(engine.name).toBe('Podman');
    expect(await engine.list()).toEqual([]);
    expect(Math.abs(await engine.clockSkew())).toBeLessThan(2_000);
    const actions: string[] = [];
    const stream = await engine.openEvents((event) => {
      if ('containerId' in event) actions.push(event.action);
    });

    const args = [
      'create',
      '--label',
      'a=b',
      '--stop-timeout',
      '0',
      '--health-cmd',
      'true',
      image,
      'sleep',
      '1000',
    ];
    const id = (await run('podman', args, { env: podman.env })).trim();
    expect(await engine.inspect(id)).toMatchObject({ id, labels: { a: 'b' }, state: 'created' });
    await engine.start(id);
    await engine.start(id);
    const name = unique('renamed');
    await engine.rename(id, name);
    const listed = (await engine.list()).find((facts) => facts.id === id);
    expect(listed).toMatchObject({ name, state: 'running', labels: { a: 'b' }, ports: [] });
    expect(listed?.image).toContain(image);
    await run('podman', ['healthcheck', 'run', id], { env: podman.env });
    expect((await engine.inspect(id))?.health).toBe('healthy');
    await engine.stop(id);
    await engine.stop(id);
    expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    expect((await engine.list())[0]).toMatchObject({ state: 'exited', exitCode: 137 });
    await engine.remove(id);
    await engine.remove(id);
    expect(await engine.inspect(id)).toBeUndefined();
    await vi.waitFor(() => expect(actions).toContain('destroy'), 10_000);
    const known = ['create', 'start', 'rename', 'health_status', 'die', 'cleanup', 'stop', 'destroy'];
    expect(known).toEqual(expect.arrayContaining(actions));
    expect(actions).toEqual(expect.arrayContaining(known.filter((action) => action !== 'stop')));
    stream.dispose();
    expect(await stream.closed).toBeUndefined();
  });

  it('tells what a container changed, running and stopped, and how much it has written', async () => {
    const engine = await connect(podman.endpoint);
    const writes =
      'mkdir /own; head -c 5000 /dev/zero > /own/five; echo x >> /etc/passwd; rm /bin/ls; echo x > /data/x; exec sleep 1000';
    const args = ['run', '-d', '--stop-timeout', '0', '-v', '/data', image, 'sh', '-c', writes];
    const id = (await run('podman', args, { env: podman.env })).trim();
    const losses = async () =>
      lossesIn((await engine.changes(id)) ?? [], (await engine.details(id))?.mounts ?? []);
    await waitFor('the files', async () =>
      (await engine.changes(id))?.some(({ path }) => path === '/bin/ls'),
    );
    for (const state of ['running', 'exited']) {
      expect((await engine.inspect(id))?.state).toBe(state);
      expect(await losses()).toMatchObject({ paths: ['/etc/passwd', '/own/five'], volumes: ['/data'] });
      expect(await engine.changes(id)).toContainEqual({ path: '/bin/ls', kind: 'deleted' });
      expect(await engine.writtenBytes(id)).toBeGreaterThan(5_000);
      await engine.stop(id);
    }
    await engine.remove(id);
    expect(await engine.changes(id)).toBeUndefined();
    expect(await engine.writtenBytes(id)).toBeUndefined();
  });

  it('that ends closes the stream and is missing', async () => {
    const engine = await connect(podman.endpoint);
    const stream = await engine.openEvents(() => undefined);
    isStopped = true;
    await podman.stop();
    await stream.closed;
    await waitFor('the socket to go', () => engine.ping().then(() => false).catch(() => true)); // prettier-ignore
    await expect(engine.ping()).rejects.toMatchObject({ code: 'engineMissing' });
  });
});
