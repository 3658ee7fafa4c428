/** Questions to an engine about one container, which may have gone. */
import type Docker from 'dockerode';
import { ShipshapeError } from '../common/errors';
import { checkedId, undefinedFor } from './checks';
import type { CallOptions, Connection } from './connection';
import { statusOf } from './errors';

export interface Asking {
  readonly id: string;
  /** In milliseconds, for all of the answer. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The engine's description as it stands, undefined when there is no such container. */
export function inspection(connection: Connection, asking: Asking): Promise<unknown> {
  return ask(connection, asking, 'describe the container', (container, options) =>
    container.inspect(options),
  );
}

/** The same with the size of what the container has written, which the engine has to add up. */
export function inspectionWithSize(connection: Connection, asking: Asking): Promise<unknown> {
  return ask(connection, asking, 'say how much the container has written', (container, options) =>
    container.inspect({ ...options, size: true } as object),
  );
}

/** What the container changed in its image's files, as it stands, undefined when there is no such container. */
export async function changesSinceImage(connection: Connection, asking: Asking): Promise<unknown> {
  try {
    return await ask(connection, asking, 'say what the container changed', (container, options) =>
      container.changes(options),
    );
  } catch (error) {
    // Podman calls it an error of its own (HTTP 500, "layer not known") when there is no such container.
    const isAnswer = error instanceof ShipshapeError && statusOf(error.cause) === 500;
    if (isAnswer && (await inspection(connection, asking)) === undefined) return undefined;
    throw error;
  }
}

function ask(
  connection: Connection,
  { id, limitMs, signal }: Asking,
  doing: string,
  question: (container: Docker.Container, options: CallOptions) => Promise<unknown>,
): Promise<unknown> {
  return undefinedFor([404], () =>
    connection.call(
      doing,
      limitMs,
      (docker, abortSignal) => question(docker.getContainer(checkedId(id)), { abortSignal }),
      signal,
    ),
  );
}
