import { describe, expect, inject, it, vi } from 'vitest';
import { lossesIn } from '../../../src/core/losses';
import { waitFor } from '../../support/processes';
import { connect, createContainer, createLabelled, docker, image, unique } from './support';

const host = inject('dockerHost');

describe('a container of the engine', () => {
  it('is listed and inspected alike', async () => {
    const engine = await connect(host);
    const id = await createContainer(host, '--label', 'a=b', '--expose', '90', '-p', '127.0.0.1:0:80');
    await engine.start(id);
    const listed = (await engine.list()).find((facts) => facts.id === id);
    const inspected = await engine.inspect(id);
    if (!inspected) throw new Error('not there');
    const { startedAt, finishedAt, createdAt, namespaces, ...common } = inspected;
    expect(namespaces).toEqual({});
    // The list tells whole seconds only.
    expect(listed).toEqual({ ...common, createdAt: Math.floor(createdAt / 1000) * 1000 });
    expect(common).toMatchObject({ image, state: 'running', labels: { a: 'b' } });
    expect(common.imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(common.ports).toEqual([
      { containerPort: 80, protocol: 'tcp', hostPort: expect.any(Number) as number, hostIp: '127.0.0.1' },
      { containerPort: 90, protocol: 'tcp' },
    ]);
    expect(startedAt).toBeGreaterThanOrEqual(createdAt);
    expect(finishedAt).toBeUndefined();
    expect(Math.abs(createdAt - Date.now())).toBeLessThan(60_000);
  });

  it('starts and stops, twice if asked twice', async () => {
    const engine = await connect(host);
    const id = await createContainer(host);
    expect((await engine.inspect(id))?.state).toBe('created');
    await engine.start(id);
    await engine.start(id);
    expect((await engine.inspect(id))?.state).toBe('running');
    await waitForTrap(id);
    await engine.stop(id);
    await engine.stop(id);
    expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 0 });
    expect((await engine.list()).find((facts) => facts.id === id)).toMatchObject({
      state: 'exited',
      exitCode: 0,
    });
  });

  it('is given its own time to stop, though that is longer than the limit', async () => {
    const engine = await connect(host, { limits: { action: 500 } });
    const id = await docker(host, 'run', '-d', '--stop-timeout', '1', image, 'sleep', '1000');
    await engine.stop(id);
    expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    await engine.remove(id);
  });

  it('is renamed', async () => {
    const engine = await connect(host);
    const [id, other] = [await createContainer(host), await createContainer(host)];
    const name = unique('renamed');
    await engine.rename(id, name);
    expect((await engine.inspect(id))?.name).toBe(name);
    expect(await docker(host, 'inspect', '--format', '{{.Name}}', id)).toBe(`/${name}`);
    await expect(engine.rename(other, name)).rejects.toThrow(/already in use/);
  });

  it('is removed while it runs, its volume is not, and removing it again is fine', async () => {
    const engine = await connect(host);
    const volume = unique('vol');
    const id = await createContainer(host, '-v', `${volume}:/v`, '-v', '/anonymous');
    await engine.start(id);
    const mounts = await docker(host, 'inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', id);
    await engine.remove(id);
    await engine.remove(id);
    await engine.stop(id);
    expect(await engine.inspect(id)).toBeUndefined();
    expect((await engine.list()).map((facts) => facts.id)).not.toContain(id);
    expect(mounts.trim().split(' ')).toHaveLength(2);
    await docker(host, 'volume', 'rm', ...mounts.trim().split(' '));
  });

  it('that is not there cannot be started or renamed, and the engine says why', async () => {
    const engine = await connect(host);
    const id = '0123456789ab'.repeat(5);
    await expect(engine.start(id)).rejects.toMatchObject({
      code: 'engineFailed',
      message: expect.stringMatching(/No such container/) as string,
    });
    await expect(engine.rename(id, 'x')).rejects.toMatchObject({ code: 'engineFailed' });
  });

  it.each(['running', 'stopped'])('tells, %s, what it changed and how much it has written', async (state) => {
    const engine = await connect(host);
    const volume = unique('vol');
    const args = ['-d', '-v', `${volume}:/named`, '-v', '/anonymous', image, 'sh', '-c'];
    const writes = [
      'mkdir /opt /own; head -c 5000 /dev/zero > /own/five; echo x >> /etc/passwd; rm /bin/ls',
      'echo x > /named/x; echo x > /anonymous/x; echo x > "/own/a\nb"; touch /ready; exec sleep 1000',
    ];
    const id = await docker(host, 'run', '--stop-timeout', '0', ...args, writes.join('; '));
    await waitFor('the files', async () => (await engine.changes(id))?.some(({ path }) => path === '/ready'));
    if (state === 'stopped') await engine.stop(id);
    const changes = (await engine.changes(id)) ?? [];
    const kinds = Object.fromEntries(changes.map(({ path, kind }) => [path, kind]));
    expect(kinds).toMatchObject({
      ...{ '/own': 'added', '/own/five': 'added', '/own/a\nb': 'added', '/etc/passwd': 'modified' },
      ...{ '/etc': 'modified', '/bin/ls': 'deleted' },
    });
    expect(Object.keys(kinds).filter((path) => /^\/(named|anonymous)\//.test(path))).toEqual([]);
    const written = (await engine.writtenBytes(id)) ?? 0;
    expect(written).toBeGreaterThan(5_000);
    expect(written).toBeLessThan(50_000);
    const losses = lossesIn(changes, (await engine.details(id))?.mounts ?? []);
    expect(losses).toMatchObject({
      volumes: ['/anonymous'],
      paths: ['/etc/passwd', '/opt', '/own/a\nb', '/own/five', '/ready'],
    });
    const mounts = await docker(host, 'inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', id);
    await engine.remove(id);
    await docker(host, 'volume', 'rm', ...mounts.trim().split(' '));
  });

  it('that wrote nothing, or is not there, has nothing to tell', async () => {
    const engine = await connect(host);
    const id = await createContainer(host);
    expect(await engine.changes(id)).toEqual([]);
    expect(await engine.writtenBytes(id)).toBe(0);
    const gone = '0123456789ab'.repeat(5);
    expect(await engine.changes(gone)).toBeUndefined();
    expect(await engine.writtenBytes(gone)).toBeUndefined();
  });

  it('has its health and a short id', async () => {
    const engine = await connect(host);
    const id = await createContainer(
      host,
      '--health-cmd',
      'false',
      '--health-interval',
      '1s',
      '--health-retries',
      '1',
    );
    await engine.start(id);
    await waitFor('unhealthy', async () => (await engine.inspect(id))?.health === 'unhealthy');
    expect((await engine.list()).find((facts) => facts.id === id)?.health).toBe('unhealthy');
    expect((await engine.inspect(id.slice(0, 12)))?.id).toBe(id);
  });
});

it.each([
  '',
  '../images/json?x=',
  '0123456789ab/../../info',
  'ABCDEF0123456',
  '0123456789a',
  '0123456789ab\n',
])('the id %j is refused before it gets into a path', async (id) => {
  const engine = await connect('unix:///nowhere.sock');
  for (const call of [
    engine.inspect(id),
    engine.changes(id),
    engine.writtenBytes(id),
    engine.start(id),
    engine.stop(id),
    engine.remove(id),
    engine.rename(id, 'x'),
  ]) {
    await expect(call).rejects.toMatchObject({ code: 'invalidArgument' });
  }
});

it.each(['', '/x', 'a b', '-x', 'a/b', 'x?y=z', 'a\n', 'n'.repeat(300)])(
  'the name %j is refused',
  async (name) => {
    const engine = await connect('unix:///nowhere.sock');
    await expect(engine.rename('0123456789ab', name)).rejects.toMatchObject({ code: 'invalidArgument' });
  },
);

it('hostile labels come through as they are, a huge one cut', async () => {
  const engine = await connect(host);
  const small = {
    'multi\nline': 'a\nb\r\n',
    bidi: '\u202Efdp.exe\u2066',
    shell: '$(touch /tmp/x)`id`;\'"',
    markdown: '[x](command:workbench.action.quit) ![](http://x/y.png) <img src=x onerror=alert(1)>',
    escape: '\u001b]0;title\u0007\u0000',
  };
  const huge = 'x'.repeat(1024 * 1024);
  const own = JSON.parse('{"__proto__": "p"}') as Record<string, string>;
  const id = await createLabelled(host, { ...own, ...small, huge });
  for (const facts of [await engine.inspect(id), (await engine.list()).find((each) => each.id === id)]) {
    expect(facts?.labels).toStrictEqual({ ...small, huge: huge.slice(0, 256 * 1024) });
  }
});

it('the clocks of an engine on this machine and of the machine agree', async () => {
  const engine = await connect(host);
  expect(Math.abs(await engine.clockSkew())).toBeLessThan(1_000);
});

it('a DOCKER_HOST that is malformed, or leads elsewhere, changes nothing for an engine that is given', async () => {
  for (const value of ['::::', 'tcp://127.0.0.1:1']) {
    vi.stubEnv('DOCKER_HOST', value);
    const engine = await connect(host);
    expect(process.env['DOCKER_HOST']).toBe(value);
    await engine.ping();
  }
  vi.unstubAllEnvs();
});

it('what is under way is cancelled by the caller and by dispose', async () => {
  const engine = await connect(host);
  await expect(engine.list(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  const calls = [engine.list(), engine.ping(), engine.clockSkew()];
  engine.dispose();
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  await expect(engine.ping()).rejects.toMatchObject({ code: 'cancelled' });
});

/** The shell ends at once on SIGTERM only after it has set its trap, which shows by its child. */
async function waitForTrap(id: string): Promise<void> {
  await waitFor('the trap', async () => (await docker(host, 'top', id)).includes('sleep 1000'));
}
