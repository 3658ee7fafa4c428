import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/common/logger';
import type { EngineEvent } from '../../../src/core/ports';
import { openEvents, parseEvent, type EventSource } from '../../../src/engine/events';

const id = 'cd'.repeat(32);
const line = (Action: string, more: object = {}) =>
  JSON.stringify({ Type: 'container', Action, Actor: { ID: id }, ...more });

describe('parseEvent', () => {
  it.each([
    [line('start'), 'start'],
    [line('health_status: healthy'), 'health_status'],
    [line('health_status'), 'health_status'],
    [line('remove'), 'destroy'],
    [line('died'), 'die'],
    [line('cleanup'), 'cleanup'],
    [JSON.stringify({ status: 'die', id }), 'die'],
    [
      JSON.stringify({ status: 'stop', id: 'other', Type: 'container', Action: 'die', Actor: { ID: id } }),
      'die',
    ],
    [` ${line('start')}\r`, 'start'],
  ])('reads %s', (text, action) => expect(parseEvent(text)).toEqual({ containerId: id, action }));

  it.each([
    'null', '', '  ', '{}', line('exec_start: sh'), line('attach'), line('start', { Type: 'image' }), line('start', { Actor: null }),
    line('start', { Actor: { ID: '../x' } }), line('tag'), line('pull'), line('die', { Type: 'image' }),
    line('push', { Type: 'image' }), line('tag', { Type: 'volume' }),
    // Other objects have words and ids of the same form; those of a swarm are told to all of its engines.
    line('create', { Type: 'volume' }), line('destroy', { Type: 'network' }), line('update', { Type: 'node', scope: 'swarm' }),
  ])('has no interest in %s', (text) => expect(parseEvent(text)).toBeUndefined()); // prettier-ignore

  it.each([
    [line('tag', { Type: 'image', Actor: { ID: 'sha256:0', Attributes: { name: 'a:1' } } }), 'a:1', 'tag'],
    [line('delete', { Type: 'image', Actor: { ID: 'sha256:0' } }), 'sha256:0', 'delete'],
    [line('build', { Type: 'image', Actor: { ID: '', Attributes: { name: '62d3' } } }), '62d3', 'build'],
    [line('pull', { Type: 'image', Actor: null }), '', 'pull'],
    [
      line('load', { Type: 'image', Actor: { Attributes: { name: 'x'.repeat(9999) } } }),
      'x'.repeat(1024),
      'load',
    ],
  ])('reads of images %s', (text, image, action) => expect(parseEvent(text)).toEqual({ image, action }));

  it.each(['<html>', '[1]', '{"Type":', '7', '"x"'])('calls %s garbage', (text) => {
    expect(parseEvent(text)).toBe('garbage');
  });

  it('never throws', () => {
    const value = fc.oneof(fc.string(), fc.json());
    fc.assert(fc.property(value, (text) => void parseEvent(text)));
    const event = fc.record({ Type: fc.jsonValue(), Action: fc.jsonValue(), Actor: fc.jsonValue() });
    fc.assert(fc.property(event, (json) => void parseEvent(JSON.stringify(json))));
  });
});

describe('openEvents', () => {
  it('delivers the events of the stream, past garbage, which it mentions once', async () => {
    const { events, body, warn } = await opened();
    body.write(`${line('create')}\nnull\n<garbage>\n<more>\n${line('start').slice(0, 20)}`);
    body.write(`${line('start').slice(20)}\n`);
    await vi.waitFor(() => expect(events.map((event) => event.action)).toEqual(['create', 'start']));
    expect(warn).toHaveBeenCalledOnce();
  });

  it('goes on when a listener throws', async () => {
    const { body, onEvent, events } = await opened();
    onEvent.mockImplementationOnce(() => {
      throw new Error('mine');
    });
    body.write(`${line('create')}\n${line('start')}\n`);
    await vi.waitFor(() => expect(events.map((event) => event.action)).toEqual(['start']));
  });

  it('is closed without a reason after a clean end', async () => {
    const { body, stream } = await opened();
    body.end();
    expect(await stream.closed).toBeUndefined();
  });

  it('is closed with the reason when the connection breaks', async () => {
    const { body, stream } = await opened();
    body.destroy(new Error('reset'));
    expect(await stream.closed).toEqual(new Error('explained: reset'));
  });

  it('is closed with a reason when the stream just closes', async () => {
    const { body, stream } = await opened();
    body.destroy();
    expect(await stream.closed).toBeInstanceOf(Error);
  });

  it('is silent and closed without a reason after dispose', async () => {
    const { body, stream, events, signal } = await opened();
    stream.dispose();
    body.write(`${line('create')}\n`);
    body.destroy(new Error('ECONNRESET after our own abort'));
    expect(await stream.closed).toBeUndefined();
    expect(signal()?.aborted).toBe(true);
    expect(events).toEqual([]);
  });

  it('is closed by its signal, on which it leaves no listener', async () => {
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, 'addEventListener');
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const { stream, signal } = await opened({ signals: [controller.signal] });
    controller.abort();
    expect(await stream.closed).toBeUndefined();
    expect(signal()?.aborted).toBe(true);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  });

  it('rejects with the reason when it cannot be opened', async () => {
    await expect(opened({ connect: () => Promise.reject(new Error('refused')) })).rejects.toThrow(
      'explained: refused',
    );
  });

  it('rejects with cancelled when its signal fires while it is being opened', async () => {
    const controller = new AbortController();
    const stream = opened({ connect: abortable, signals: [controller.signal] });
    controller.abort();
    await expect(stream).rejects.toMatchObject({ code: 'cancelled' });
    await expect(opened({ signals: [controller.signal] })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('counts as open without headers when the engine answers a ping, and delivers once they come', async () => {
    const body = new PassThrough();
    let sendHeaders: () => void = () => undefined;
    const connect = () => new Promise<PassThrough>((resolve) => (sendHeaders = () => resolve(body)));
    const ping = vi.fn(() => Promise.resolve());
    const { events, stream } = await opened({ connect, ping, headersMs: 1 });
    expect(ping).toHaveBeenCalledOnce();
    sendHeaders();
    body.write(`${line('start')}\n`);
    await vi.waitFor(() => expect(events).toHaveLength(1));
    body.end();
    expect(await stream.closed).toBeUndefined();
  });

  it('is closed with the reason when headers never come because the connection broke', async () => {
    let fail: (error: Error) => void = () => undefined;
    const connect = () => new Promise<never>((_, reject) => (fail = reject));
    const { stream } = await opened({ connect, headersMs: 1 });
    fail(new Error('hang up'));
    expect(await stream.closed).toEqual(new Error('explained: hang up'));
  });

  it('rejects when neither headers nor the answer to the ping come', async () => {
    const ping = () => Promise.reject(new Error('silent'));
    await expect(opened({ connect: abortable, ping, headersMs: 1 })).rejects.toThrow('explained: silent');
  });
});

type Options = Partial<EventSource> & { signals?: AbortSignal[]; headersMs?: number };

async function opened({ signals = [], headersMs = 10_000, ...source }: Options = {}) {
  const body = new PassThrough();
  const events: EngineEvent[] = [];
  const onEvent = vi.fn((event: EngineEvent) => void events.push(event));
  const warn = vi.fn();
  const connect = vi.fn(source.connect ?? (() => Promise.resolve(body)));
  const stream = await openEvents(
    {
      ping: () => Promise.resolve(),
      explain: (error) => new Error(`explained: ${(error as Error).message}`),
      ...source,
      connect,
    },
    { onEvent, logger: { ...silentLogger, warn }, headersMs, signals },
  );
  return { stream, body, events, onEvent, warn, signal: () => connect.mock.lastCall?.[0] };
}

/** Never answers, and rejects when it is told to stop. */
function abortable(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
}
