import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import { parseHost } from '../../../src/engine/hosts';
import { sshArguments } from '../../../src/engine/ssh';

const tls = { verify: true };

describe('parseHost', () => {
  it.each([
    [
      'unix:///var/run/docker.sock',
      'unix:///var/run/docker.sock',
      { kind: 'socket', path: '/var/run/docker.sock' },
    ],
    ['UNIX:///a b.sock', 'unix:///a b.sock', { kind: 'socket', path: '/a b.sock' }],
    ['  unix:///x  ', 'unix:///x', { kind: 'socket', path: '/x' }],
    [
      'npipe:////./pipe/docker_engine',
      'npipe:////./pipe/docker_engine',
      { kind: 'socket', path: '//./pipe/docker_engine' },
    ],
    ['npipe://\\\\.\\pipe\\x', 'npipe:////./pipe/x', { kind: 'socket', path: '//./pipe/x' }],
    ['tcp://10.0.0.1:2375', 'tcp://10.0.0.1:2375', { kind: 'tcp', host: '10.0.0.1', port: 2375 }],
    ['tcp://engine', 'tcp://engine:2375', { kind: 'tcp', host: 'engine', port: 2375 }],
    ['tcp://engine:1/', 'tcp://engine:1', { kind: 'tcp', host: 'engine', port: 1 }],
    ['engine:4243', 'tcp://engine:4243', { kind: 'tcp', host: 'engine', port: 4243 }],
    ['tcp://[::1]:2375', 'tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375 }],
    ['ssh://me@far:22', 'ssh://me@far:22', { kind: 'ssh', user: 'me', host: 'far', port: 22 }],
    ['ssh://far', 'ssh://far', { kind: 'ssh', host: 'far' }],
    [
      'ssh://far/run/d.sock',
      'ssh://far/run/d.sock',
      { kind: 'ssh', host: 'far', remoteSocket: '/run/d.sock' },
    ],
    ['ssh://me@[::1]/', 'ssh://me@[::1]/', { kind: 'ssh', user: 'me', host: '::1' }],
  ])('reads %s', (text, endpoint, transport) => {
    expect(parseHost(text, 'DOCKER_HOST')).toStrictEqual({ endpoint, transport });
  });

  it('gives a TLS engine the other default port', () => {
    expect(parseHost('tcp://far', 'x', tls)).toStrictEqual({
      endpoint: 'tcp://far:2376',
      transport: { kind: 'tcp', host: 'far', port: 2376, tls },
    });
  });

  it.each([
    '', 'unix://', 'unix://relative.sock', 'unix:///a\0b', 'tcp://', 'tcp://a:0', 'tcp://a:99999', 'tcp://a:b', 'tcp://a/path',
    'tcp://u:p@a:1', 'http://a:1', 'fd://', 'npipe://x', 'ssh://', 'ssh://-oProxyCommand=x', 'ssh://-oX', 'ssh://-l@far', 'ssh://u:pw@far',
    'ssh://far:0', 'ssh://far name', 'ssh://far/$(x).sock', 'ssh://far/x;y', '::::', '://', 'tcp://[::1',
  ])('refuses %j, and says which variable is to blame', (text) => {
    expect(() => parseHost(text, 'DOCKER_HOST')).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
    expect(() => parseHost(text, 'DOCKER_HOST')).toThrow(/^DOCKER_HOST names .*unix:\/\//);
  }); // prettier-ignore

  it('keeps a password out of the message', () => {
    expect(() => parseHost('ssh://me:hunter2@far', 'x')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') as string }),
    );
    try {
      parseHost('tcp://me:hunter2@far:1', 'x');
    } catch (error) {
      expect((error as Error).message).not.toContain('hunter2');
    }
    expect.assertions(2);
  });

  it('reads its own answer to the same, and throws nothing but ShipshapeError', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('unix://', 'tcp://', 'ssh://', 'npipe://'), fc.string())
        .map(([a, b]) => a + b),
    );
    fc.assert(
      fc.property(text, (host) => {
        try {
          const first = parseHost(host, 'x');
          expect(parseHost(first.endpoint, 'x')).toEqual(first);
        } catch (error) {
          expect(error).toBeInstanceOf(ShipshapeError);
        }
      }),
    );
  });
});

it('ssh is asked for what the docker command asks for, the host behind the dashes', () => {
  expect(
    sshArguments({ kind: 'ssh', host: 'far', user: 'me', port: 2222, remoteSocket: '/run/d.sock' }),
  ).toEqual(
    '-l me -p 2222 -T -o ConnectTimeout=10 -- far docker --host unix:///run/d.sock system dial-stdio'.split(
      ' ',
    ),
  );
  expect(sshArguments({ kind: 'ssh', host: 'far' })).toEqual(
    '-T -o ConnectTimeout=10 -- far docker system dial-stdio'.split(' '),
  );
});
