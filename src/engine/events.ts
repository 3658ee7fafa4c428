/**
 * The engine's event stream: `GET /events`, one JSON object a line. From API 1.52 on only Type, Action and Actor are
 * there; engines before 1.22 have only `status` and `id`.
 */
import { finished, type Readable } from 'node:stream';
import { messageOf } from '../common/errors';
import type { Logger } from '../common/logger';
import type { EngineEvent, EventStream } from '../core/ports';
import { fullId } from './facts';
import { asRecord, asString, cut, parseJson } from './json';
import { cancelled, onAbort } from './limit';
import { LineSplitter } from './lines';

/** Podman tells of a container whose process has ended as `stopped` until its `cleanup`. */
const containerWords = [
  'create', 'start', 'die', 'died', 'cleanup', 'stop', 'destroy', 'remove', 'rename', 'pause', 'unpause', 'update',
  'restart', 'oom', 'health_status',
]; // prettier-ignore

/** After which a name may mean another image. A build is told as `build` by Podman and as `create` by containerd. */
const imageWords = [
  'tag', 'untag', 'delete', 'remove', 'pull', 'load', 'loadfromarchive', 'import', 'build', 'create',
]; // prettier-ignore

/**
 * What the engine is to send: neither the flood of exec events nor those of other objects. Podman's own words are in it.
 */
export const eventFilters = {
  type: ['container', 'image'] as ['container', 'image'],
  event: [...new Set([...containerWords, ...imageWords])],
};

/** The engine as the stream needs it. */
export interface EventSource {
  /** Asks for the events; resolves with the body once the headers are there. */
  connect(signal: AbortSignal): Promise<Readable>;
  ping(signal: AbortSignal): Promise<void>;
  /** What went wrong, for people. */
  explain(error: unknown): Error;
}

interface EventOptions {
  readonly onEvent: (event: EngineEvent) => void;
  readonly logger: Logger;
  /** How long headers may be missing before the engine is asked whether it is there, in milliseconds. */
  readonly headersMs: number;
  /** Each ends the stream, also while it is being opened. */
  readonly signals: readonly (AbortSignal | undefined)[];
}

/**
 * Resolves once the stream is open. Rejects with what `explain` makes of the failure, or with `cancelled`.
 * Podman 5.2.0 sends no headers before the first event (podman#23712): when an engine without headers answers a ping,
 * its stream counts as open.
 */
export async function openEvents(source: EventSource, options: EventOptions): Promise<EventStream> {
  const { signals } = options;
  const isCancelled = (): boolean => signals.some((signal) => signal?.aborted);
  if (isCancelled()) throw cancelled();
  const controller = new AbortController();
  const state = { isOver: false };
  let settle: (error?: Error) => void = () => undefined;
  const closed = new Promise<Error | undefined>((resolve) => (settle = resolve));
  const close = (error?: Error): void => {
    if (state.isOver) return;
    state.isOver = true;
    listening.dispose();
    settle(error);
    controller.abort();
  };
  const dispose = (): void => close();
  const listening = onAbort(signals, dispose);

  const headers = source.connect(controller.signal).then((body) => {
    finished(body, (error) => close(error ? source.explain(error) : undefined));
    readEvents(body, (event) => {
      if (!state.isOver) options.onEvent(event);
    }, options.logger); // prettier-ignore
  });
  headers.catch((error: unknown) => close(source.explain(error)));
  try {
    if (!(await settlesWithin(options.headersMs, headers))) {
      await Promise.race([headers, source.ping(controller.signal)]);
    }
    return { closed, dispose };
  } catch (error) {
    close();
    throw isCancelled() ? cancelled() : source.explain(error);
  }
}

/** The event that a line tells of; undefined when it is of no interest, `garbage` when it is no JSON object. */
export function parseEvent(line: string): EngineEvent | 'garbage' | undefined {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed === 'null') return undefined;
  const event = asRecord(parseJson(trimmed));
  if (!event) return 'garbage';
  const actor = asRecord(event['Actor']);
  // `health_status: healthy` and `exec_start: sh -c …` carry data behind the action.
  const [word = ''] = (asString(event['Action']) ?? asString(event['status']) ?? '').split(':');
  if (event['Type'] === 'image') {
    if (!imageWords.includes(word)) return undefined;
    const name = asString(asRecord(actor?.['Attributes'])?.['name']) ?? asString(actor?.['ID']) ?? '';
    return { image: cut(name, 1024), action: word };
  }
  const containerId = asString(actor?.['ID']) ?? asString(event['id']) ?? '';
  if ((event['Type'] ?? 'container') !== 'container' || !containerWords.includes(word)) return undefined;
  if (!fullId.test(containerId)) return undefined;
  return { containerId, action: podmanWords.get(word) ?? word };
}

/** The labels of a container are part of its events, so an honest line may be as long as they are. */
const maxLine = 16 * 1024 * 1024;

const podmanWords = new Map([
  ['died', 'die'],
  ['remove', 'destroy'],
]);

function readEvents(body: Readable, onEvent: (event: EngineEvent) => void, logger: Logger): void {
  let hasComplained = false;
  const complain = (about: string): void => {
    if (!hasComplained) logger.warn(`The event stream holds what is no event; it is left out: ${about}`);
    hasComplained = true;
  };
  const splitter = new LineSplitter(maxLine, () => complain('a line without end'));
  body.on('data', (chunk: Buffer) => {
    for (const line of splitter.push(chunk)) {
      const event = parseEvent(line);
      if (event === 'garbage') complain(JSON.stringify(cut(line, 100)));
      else if (event) deliver(event);
    }
  });

  function deliver(event: EngineEvent): void {
    try {
      onEvent(event);
    } catch (error) {
      logger.error(`Handling the event ${event.action} failed: ${messageOf(error)}`);
    }
  }
}

async function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
