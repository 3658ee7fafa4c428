import { chmod, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import { connect, stubEngine, temporaryFolder } from './support';

const id = 'ef'.repeat(32);

describe('a list', () => {
  it('that is cut off rejects at once, not only at the limit', async () => {
    const engine = await connect(
      await stubEngine((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write(`[{"Id":"${id}"`, () => response.destroy());
      }),
      { limits: { list: 30_000 } },
    );
    await expect(engine.list()).rejects.toMatchObject({ code: 'engineFailed' });
  });

  it('that stops in the middle rejects at the limit', async () => {
    const host = await stubEngine((_, response) => void response.writeHead(200).write('[{"Id":'));
    const engine = await connect(host, { limits: { list: 200 } });
    await expect(engine.list()).rejects.toMatchObject({
      code: 'engineSilent',
      message: expect.stringMatching(/within 0\.2 s/) as string,
    });
  });

  it.each([
    ['null', 200, 'null'],
    ['HTML', 200, '<html>Welcome to nginx!</html>'],
    ['an object', 200, '{"message": "hello"}'],
    ['nothing', 200, ''],
    ['half a list', 200, '[{"Id":'],
    ['no content', 204, ''],
  ])('that is %s rejects', async (_, status, body) => {
    const engine = await connect(
      await stubEngine((_, response) => void response.writeHead(status).end(body)),
    );
    await expect(engine.list()).rejects.toMatchObject({ code: 'engineFailed' });
  });

  it('holds what can be understood', async () => {
    const body = JSON.stringify([null, 7, { Id: id, Labels: null, Names: null, Ports: null }, { Id: '..' }]);
    const engine = await connect(await stubEngine((_, response) => void response.end(body)));
    expect((await engine.list()).map((facts) => facts.id)).toEqual([id]);
  });

  it.each([
    [500, '{"message": "layer does not exist"}', /layer does not exist \(HTTP 500\)$/],
    [500, '<html>', /HTTP 500$/],
    [502, '', /HTTP 502$/],
    [400, '{"message":"client version 1.41 is too old"}', /too old/],
    [403, 'null', /HTTP 403$/],
  ])('answered with %d says so', async (status, body, message) => {
    const engine = await connect(
      await stubEngine((_, response) => void response.writeHead(status).end(body)),
    );
    await expect(engine.list()).rejects.toMatchObject({
      code: 'engineFailed',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['http://127.0.0.1:1/', 'foo:bar', '/elsewhere', '//x'])(
    'that is redirected to %s rejects and is not followed',
    async (location) => {
      const uncaught = vi.fn();
      process.prependListener('uncaughtExceptionMonitor', uncaught);
      onTestFinished(() => void process.removeListener('uncaughtExceptionMonitor', uncaught));
      const engine = await connect(
        await stubEngine((_, response) => void response.writeHead(301, { location }).end()),
      );
      await expect(engine.list()).rejects.toMatchObject({
        code: 'engineFailed',
        message: expect.stringMatching(/HTTP 301$/) as string,
      });
      await engine.ping().catch(() => undefined);
      expect(uncaught).not.toHaveBeenCalled();
    },
  );

  it('may be asked for a hundred times at once, with one signal', async () => {
    const warnings = vi.spyOn(process, 'emitWarning');
    const engine = await connect(await stubEngine((_, response) => void response.end('[]')));
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 100 }, () => engine.list(signal)));
    expect(warnings).not.toHaveBeenCalled();
  });
});

describe('an engine', () => {
  it('that is not there is missing', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    for (const path of ['none.sock', 'file', 'file/below']) {
      const engine = await connect(`unix://${join(folder, path)}`);
      await expect(engine.ping()).rejects.toMatchObject({ code: 'engineMissing' });
      await expect(engine.openEvents(() => undefined)).rejects.toMatchObject({ code: 'engineMissing' });
    }
    await expect((await connect('tcp://127.0.0.1:1')).ping()).rejects.toMatchObject({
      code: 'engineMissing',
    });
  });

  it('that may not be used is denied', async () => {
    const host = await stubEngine((_, response) => void response.end('OK'));
    await chmod(host.replace('unix://', ''), 0);
    const engine = await connect(host);
    // Root may use any socket, so for as long as the connection is made the test is somebody else.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(engine.ping()).rejects.toMatchObject({
        code: 'engineDenied',
        message: expect.stringMatching(/stub\.sock.*"docker"/) as string,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('that gives no time, or a wrong one, is asked for its clock', async () => {
    const answers = [
      '{}',
      'null',
      JSON.stringify({ SystemTime: new Date(Date.now() + 3_600_000).toISOString() }),
    ];
    const engine = await connect(await stubEngine((_, response) => void response.end(answers.shift())));
    await expect(engine.clockSkew()).rejects.toMatchObject({ code: 'engineFailed' });
    await expect(engine.clockSkew()).rejects.toMatchObject({ code: 'engineFailed' });
    expect(Math.abs((await engine.clockSkew()) - 3_600_000)).toBeLessThan(1_000);
  });

  it('that describes something else than a container is no engine', async () => {
    const engine = await connect(await stubEngine((_, response) => void response.end('{"Id": 7}')));
    await expect(engine.inspect(id)).rejects.toMatchObject({ code: 'engineFailed' });
  });
});

it('a container that goes away while it is being stopped has stopped', async () => {
  const host = await stubEngine((call, response) => {
    if (call.method === 'GET') response.end(JSON.stringify({ Id: id }));
    else response.writeHead(404).end('{"message": "No such container"}');
  });
  await (await connect(host)).stop(id);
});

describe('a removal', () => {
  const removal = (polls: number) => {
    let left = polls;
    return (call: IncomingMessage, response: ServerResponse) => {
      if (call.method === 'DELETE') {
        expect(call.url).toMatch(/v=false&force=true|force=true&v=false/);
        return response.writeHead(409).end('{"message": "removal of container is already in progress"}');
      }
      return left-- > 0 ? response.end(JSON.stringify({ Id: id })) : response.writeHead(404).end('{}');
    };
  };

  it('that is already under way is waited for', async () => {
    const engine = await connect(await stubEngine(removal(2)));
    await engine.remove(id);
  });

  it('that gets nowhere fails', async () => {
    const engine = await connect(await stubEngine(removal(Infinity)), { limits: { removal: 300 } });
    await expect(engine.remove(id)).rejects.toMatchObject({
      code: 'engineFailed',
      message: expect.stringMatching(/in progress/) as string,
    });
  });
});

describe('an event stream', () => {
  const event = `${JSON.stringify({ Type: 'container', Action: 'start', Actor: { ID: id } })}\n`;

  it('without headers counts as open once the engine has answered a ping', async () => {
    let answer: () => void = () => undefined;
    const host = await stubEngine((call, response) => {
      if (call.url === '/_ping') response.end('OK');
      else answer = () => void response.write(event);
    });
    const engine = await connect(host, { limits: { headers: 50 } });
    const onEvent = vi.fn();
    await engine.openEvents(onEvent);
    expect(onEvent).not.toHaveBeenCalled();
    answer();
    await vi.waitFor(() => expect(onEvent).toHaveBeenCalledWith({ containerId: id, action: 'start' }));
  });

  it('asks for containers and images only, and for no exec', async () => {
    let url = '';
    const host = await stubEngine((call, response) => {
      url = call.url ?? '';
      response.end(event);
    });
    const stream = await (await connect(host)).openEvents(() => undefined);
    expect(await stream.closed).toBeUndefined();
    const filters = JSON.parse(new URL(url, 'http://x').searchParams.get('filters') ?? '') as Record<
      string,
      string[]
    >;
    expect(filters['type']).toEqual(['container', 'image']);
    expect(filters['event']).toEqual(
      expect.arrayContaining(['start', 'die', 'health_status', 'remove', 'destroy']),
    );
    expect(filters['event']?.join()).not.toContain('exec');
  });

  it.each([
    ['1.40', 1],
    ['1.9', 1],
    ['1.41', 0],
    ['1.52', 0],
    ['2.0', 0],
    ['', 0],
    ['<b>', 0],
  ])('of an engine with the API version "%s" warns %d times (fault 18)', async (version, times) => {
    const warn = vi.fn();
    const host = await stubEngine(
      (_, response) => void response.writeHead(200, { 'api-version': version }).end(),
    );
    const engine = await connect(host, { logger: { ...silentLogger, warn } });
    for (let n = 0; n < 2; n++) await (await engine.openEvents(() => undefined)).closed;
    expect(warn).toHaveBeenCalledTimes(times);
    if (times > 0) expect(warn).toHaveBeenCalledWith(expect.stringContaining(`version ${version} of`));
  });

  it('that is refused rejects', async () => {
    const engine = await connect(
      await stubEngine((_, response) => void response.writeHead(500).end('{"message":"no"}')),
    );
    await expect(engine.openEvents(() => undefined)).rejects.toMatchObject({
      code: 'engineFailed',
      message: expect.stringMatching(/no/) as string,
    });
  });

  it('that is cut off is closed with a reason', async () => {
    const host = await stubEngine((_, response) => void response.write(event, () => response.destroy()));
    const stream = await (await connect(host)).openEvents(() => undefined);
    expect(await stream.closed).toMatchObject({ code: 'engineFailed' });
  });
});
