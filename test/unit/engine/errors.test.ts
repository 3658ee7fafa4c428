import { describe, expect, it } from 'vitest';
import { ShipshapeError } from '../../../src/common/errors';
import type { ResolvedEndpoint } from '../../../src/engine/endpoints';
import { engineError } from '../../../src/engine/errors';
import { TimeLimitError } from '../../../src/engine/limit';

const socket = endpoint('unix:///run/e.sock', { kind: 'socket', path: '/run/e.sock' });
const tcp = endpoint('tcp://far:2375', { kind: 'tcp', host: 'far', port: 2375 });

describe('engineError', () => {
  it.each(['ENOENT', 'ECONNREFUSED', 'ENOTDIR'])('says how to go on when nothing listens (%s)', (code) => {
    expect(explain(failed(code), socket)).toEqual([
      'engineMissing',
      'No engine listens at unix:///run/e.sock: start Docker, or choose another engine.',
    ]);
  });

  it('adds the reason where the network is between', () => {
    const [code, message] = explain(
      Object.assign(new Error('getaddrinfo ENOTFOUND far'), { code: 'ENOTFOUND' }),
      tcp,
    );
    expect(code).toBe('engineMissing');
    expect(message).toContain('tcp://far:2375 (getaddrinfo ENOTFOUND far)');
  });

  it.each(['EACCES', 'EPERM'])('names the socket and the group without permission (%s)', (code) => {
    const [kind, message] = explain(failed(code), socket);
    expect(kind).toBe('engineDenied');
    expect(message).toMatch(/\/run\/e\.sock.*group "docker"/);
  });

  it('names the time limit', () => {
    expect(explain(new TimeLimitError(5_000), socket)).toEqual([
      'engineSilent',
      'The engine at unix:///run/e.sock did not list its containers within 5 s.',
    ]);
  });

  it('gives the words of the engine, in one line and not too many', () => {
    const json = { message: `page\u202E not\n found\u001b[31m ${'x'.repeat(1000)}` };
    const [code, message] = explain(
      Object.assign(new Error('(HTTP code 404)'), { statusCode: 404, json }),
      socket,
    );
    expect(code).toBe('engineFailed');
    expect(message).toMatch(/: page not found \[31m x+ \(HTTP 404\)$/);
    expect(message?.length).toBeLessThan(700);
  });

  it.each([undefined, null, Buffer.from('<html>'), 'text', { message: 7 }])(
    'gives the status when there are no words: %j',
    (json) => {
      const [, message] = explain(Object.assign(new Error('x'), { statusCode: 500, json }), socket);
      expect(message).toMatch(/: HTTP 500$/);
    },
  );

  it.each([new Error('socket hang up'), failed('ECONNRESET'), 'a string', undefined, null])(
    'is engineFailed for all else: %s',
    (error) => expect(explain(error, socket)[0]).toBe('engineFailed'),
  );

  it('leaves alone what is said already', () => {
    const error = new ShipshapeError('cancelled', 'Cancelled.');
    expect(engineError(error, 'x', socket)).toBe(error);
  });
});

function explain(error: unknown, of: ResolvedEndpoint): string[] {
  const { code, message } = engineError(error, 'list its containers', of);
  return [code, message];
}

function failed(code: string): Error {
  return Object.assign(new Error(`connect ${code} /run/e.sock`), { code });
}

function endpoint(text: string, transport: ResolvedEndpoint['transport']): ResolvedEndpoint {
  return { key: text, name: 'Docker', endpoint: text, env: {}, transport, source: 'default' };
}
