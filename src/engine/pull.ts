/** Fetching an image: `POST /images/create` (Docker Engine API 1.41), which tells of its progress as JSON lines. */
import { finished } from 'node:stream/promises';
import { messageOf, ShipshapeError } from '../common/errors';
import { DOCKER_HUB, familiarReference, formatReference, parseReference } from '../core/imageReference';
import type { ImageReference } from '../core/imageReference';
import type { ImageFacts, Platform } from '../core/imagePorts';
import type { PullOptions } from '../core/pullPorts';
import { streamedBody, type Connection } from './connection';
import { oneLine } from './errors';
import { imageFacts } from './images';
import { asRecord, asString, parseJson } from './json';
import { TimeLimitError } from './limit';
import { LineSplitter } from './lines';
import { PullLayers } from './pullLayers';
import { authOf } from './registryAuth';

export { serviceProgress, updateService } from './services';

/** See EnginePort. Limits in milliseconds. */
export async function pullImage(
  connection: Connection,
  name: string,
  options: PullOptions,
  limits: { readonly inspect: number; readonly pullSilence: number },
): Promise<ImageFacts> {
  const reference = parseReference(name);
  if (!reference) throw new ShipshapeError('invalidArgument', `"${oneLine(name)}" is no name of an image.`);
  try {
    await pull(connection, reference, options, limits.pullSilence);
  } catch (error) {
    throw explained(error, reference);
  }
  const facts = await imageFacts(connection, formatReference(reference), limits.inspect, options.signal);
  if (!facts) throw connection.odd('the image that it fetched');
  return facts;
}

/** Longer than any image takes: what counts is that the engine goes on telling. */
const LONGEST_MS = 24 * 3_600_000;
const MAX_LINE = 64 * 1024;

function pull(
  connection: Connection,
  reference: ImageReference,
  { platform, login, onProgress, signal }: PullOptions,
  silenceMs: number,
): Promise<void> {
  return connection.call(
    `fetch ${familiarReference(reference)}`,
    LONGEST_MS,
    async (docker, abortSignal) => {
      // In full: of a name without a tag, an engine fetches all that its repository has.
      const query = {
        fromImage: formatReference(reference),
        ...(platform && { platform: platformWord(platform) }),
      };
      const body = await streamedBody(docker, {
        ...{ path: '/images/create?', method: 'POST', options: { _query: query, _body: {} }, abortSignal },
        ...(login && { authconfig: authOf(login, reference) }),
      });
      const layers = new PullLayers();
      const lines = new LineSplitter(MAX_LINE, () => undefined);
      const silent = (): void => void body.destroy(new TimeLimitError(silenceMs));
      let watchdog = setTimeout(silent, silenceMs);
      body.on('data', (chunk: Buffer) => {
        clearTimeout(watchdog);
        watchdog = setTimeout(silent, silenceMs);
        for (const line of lines.push(chunk)) {
          const told = asRecord(parseJson(line)) ?? {};
          const wrong = asString(told['error']) ?? asString(asRecord(told['errorDetail'])?.['message']);
          if (wrong !== undefined) body.destroy(new Error(wrong));
          else if (layers.take(told)) onProgress?.(layers.progress);
        }
      });
      try {
        await finished(body);
      } finally {
        clearTimeout(watchdog);
      }
    },
    signal,
  );
}

/** `linux/arm/v7` */
function platformWord({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

/** Engines answer with the words of registries and of their own disks, under whatever status. */
function explained(error: unknown, reference: ImageReference): unknown {
  if (!(error instanceof ShipshapeError) || error.code !== 'engineFailed') return error;
  const said = messageOf(error);
  const name = familiarReference(reference);
  const { host } = reference;
  const known = SAID.find(({ words }) => words.test(said));
  if (!known) return error;
  return new ShipshapeError(known.code, known.message(name, host), { cause: error });
}

const SAID: readonly {
  readonly words: RegExp;
  readonly code: 'diskFull' | 'engineFailed';
  readonly message: (name: string, host: string) => string;
}[] = [
  {
    words: /no space left on device|disk quota exceeded/i,
    code: 'diskFull',
    message: (name) => `There is no space left on the engine's disk for ${name}: free some, then try again.`,
  },
  {
    words: /unauthorized|authentication required|no basic auth credentials|\bdenied\b|status 40[13]\b/i,
    code: 'engineFailed',
    message: (name, host) =>
      `${host} does not give ${name} without another login: use "docker login${host === DOCKER_HUB ? '' : ` ${host}`}".`,
  },
  {
    words: /manifest unknown|name unknown|\bnot found\b|no matching manifest/i,
    code: 'engineFailed',
    message: (name, host) => `${host} has no ${name} for this engine.`,
  },
  {
    words: /unexpected EOF|connection reset|premature close|\baborted\b|socket hang up/i,
    code: 'engineFailed',
    message: (name, host) => `Fetching ${name} from ${host} was cut off: try again.`,
  },
];
