/** Updating Swarm services: `POST /services/{name}/update` (Docker Engine API 1.41). */
import { parseReference } from '../core/imageReference';
import type { ServiceImage, ServiceProgress } from '../core/pullPorts';
import { checkedName, checkedReference } from './checks';
import type { Connection } from './connection';
import { oneLine } from './errors';
import { asInteger, asRecord, asString } from './json';
import { authOf } from './registryAuth';

/** See ServicesPort. */
export async function updateService(
  connection: Connection,
  limitMs: number,
  name: string,
  to: ServiceImage | 'previous',
  signal?: AbortSignal,
): Promise<void> {
  const service = await inspect(connection, limitMs, name, signal);
  const spec = asRecord(service['Spec']) ?? {};
  const version = asInteger(asRecord(service['Version'])?.['Index']);
  const isBack = to === 'previous';
  const query = { version, ...(isBack && { rollback: 'previous' }) };
  const body = isBack ? spec : withImage(spec, checkedReference(to.image));
  const reference = isBack ? undefined : parseReference(to.image);
  const auth = !isBack && to.login && reference ? authOf(to.login, reference) : undefined;
  await connection.call(
    `update the service ${name}`,
    limitMs,
    (docker, abortSignal) =>
      docker
        .getService(checkedName(name))
        .update({ _query: query, _body: body, abortSignal, authconfig: auth }),
    signal,
  );
}

/** See ServicesPort. The swarm says nothing of an update that it has not begun yet. */
export async function serviceProgress(
  connection: Connection,
  limitMs: number,
  name: string,
  signal?: AbortSignal,
): Promise<ServiceProgress> {
  const status = asRecord((await inspect(connection, limitMs, name, signal))['UpdateStatus']);
  const word = asString(status?.['State']) ?? '';
  const state = FAILED.includes(word) ? 'failed' : DONE.includes(word) ? 'completed' : 'updating';
  return { state, message: oneLine(asString(status?.['Message']) ?? '') };
}

/** With `--update-failure-action rollback` the swarm goes back by itself. */
const FAILED = ['paused', 'rollback_started', 'rollback_paused', 'rollback_completed'];
const DONE = ['completed'];

async function inspect(
  connection: Connection,
  limitMs: number,
  name: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = asRecord(
    await connection.call(
      `describe the service ${name}`,
      limitMs,
      (docker, abortSignal) => docker.getService(checkedName(name)).inspect({ abortSignal } as object),
      signal,
    ),
  );
  if (!answer) throw connection.odd('the description of a service');
  return answer;
}

function withImage(spec: Readonly<Record<string, unknown>>, image: string): object {
  const template = asRecord(spec['TaskTemplate']) ?? {};
  const container = asRecord(template['ContainerSpec']) ?? {};
  return { ...spec, TaskTemplate: { ...template, ContainerSpec: { ...container, Image: image } } };
}
