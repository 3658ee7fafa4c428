import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { connect, stubEngine } from './support';

const id = 'ab'.repeat(32);
const one = { Id: id, Names: ['/é"]},{'], Labels: { a: '[\\"' }, State: 'running' };
const bodies: Readonly<Record<string, string>> = {
  list: JSON.stringify([one, { ...one, Id: 'cd'.repeat(32) }]),
  inspect: JSON.stringify({ Id: id, Name: '/é"]},{', State: { Status: 'running' } }),
  clockSkew: JSON.stringify({ SystemTime: '2026-11-22T01:02:03.5Z', Name: 'é"]},{' }),
};

/** How an answer may end too early: the connection breaks, or a proxy that knows no better ends it in good order. */
const ends: Readonly<Record<string, (response: ServerResponse, part: Buffer, whole: number) => void>> = {
  'a broken connection': (response, part, whole) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole });
    response.write(part, () => response.destroy());
  },
  'a broken chunk': (response, part) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(part.length > 0 ? part : ' ', () => response.destroy());
  },
  'an early end': (response, part) => void response.writeHead(200).end(part),
};

/** Everything is allowed to take this long; what hangs would be engineSilent. */
const limits = { list: 5_000, inspect: 5_000 };

it.each(Object.keys(bodies).flatMap((call) => Object.keys(ends).map((end) => [call, end] as const)))(
  'the answer to %s, cut at any byte by %s, is a failure and never half of the truth (fault 4)',
  async (call, end) => {
    const whole = Buffer.from(bodies[call] ?? '');
    let length = 0;
    const host = await stubEngine((_, response) => {
      ends[end]?.(response, whole.subarray(0, length), whole.length);
    });
    const engine = await connect(host, { limits });
    const ask = () =>
      call === 'list' ? engine.list() : call === 'inspect' ? engine.inspect(id) : engine.clockSkew();
    for (length = 0; length < whole.length; length++) {
      await expect(ask(), `${length} of ${whole.length} bytes`).rejects.toMatchObject({
        code: 'engineFailed',
      });
    }
  },
);
