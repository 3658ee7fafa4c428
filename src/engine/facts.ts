/**
 * Containers as the engine tells of them, in the two shapes of the Docker Engine API: an element of
 * `GET /containers/json` and the answer of `GET /containers/{id}/json`. Podman's differ in details. Nothing here
 * throws, whatever the value; strings stay as they are but for their length.
 */
import type { Writable } from '../common/record';
import type { ContainerFacts, Namespaces } from '../core/ports';
import { asArray, asInteger, asRecord, asString, cut } from './json';
import { inspectedPorts, listedPorts } from './portFacts';

/** 64 hexadecimal digits, the only form in which engines give ids. */
export const fullId = /^[0-9a-f]{64}$/;

/** An element of the list; undefined when it names no container. Runs for each of thousands at once. */
export function listedFacts(value: unknown): ContainerFacts | undefined {
  const entry = asRecord(value);
  const id = asString(entry?.['Id']);
  if (!entry || !id || !fullId.test(id)) return undefined;
  const status = asString(entry['Status']) ?? '';
  const state = text(entry['State']).toLowerCase() || 'unknown';
  const facts: Writable<ContainerFacts> = {
    id,
    name: nameOf(id, asArray(entry['Names'])),
    image: text(entry['Image']),
    imageId: text(entry['ImageID']),
    state,
    createdAt: milliseconds((asInteger(entry['Created']) ?? 0) * 1000) ?? 0,
    labels: labelsOf(entry['Labels']),
    ports: listedPorts(entry['Ports']),
  };
  const health = tells(state) ? listedHealth(entry, status) : undefined;
  if (health) facts.health = health;
  const exitCode = status.startsWith('Exited (') ? /^Exited \((\d+)\)/.exec(status)?.[1] : undefined;
  if (exitCode !== undefined) facts.exitCode = Number(exitCode);
  return facts;
}

/** The answer to an inspection; undefined when it is none. */
export function inspectedFacts(value: unknown): ContainerFacts | undefined {
  const entry = asRecord(value);
  const id = asString(entry?.['Id']);
  if (!entry || !id || !fullId.test(id)) return undefined;
  const state = asRecord(entry['State']);
  const config = asRecord(entry['Config']);
  const host = asRecord(entry['HostConfig']);
  const status = text(state?.['Status']).toLowerCase() || 'unknown';
  const health = healthOf(asRecord(state?.['Health'])?.['Status']);
  // Before the first end the engine gives 0, which would read as a success.
  const exitCode = ended.has(status) ? asInteger(state?.['ExitCode']) : undefined;
  const startedAt = instant(state?.['StartedAt']);
  const finishedAt = instant(state?.['FinishedAt']);
  return {
    id,
    name: nameOf(id, [entry['Name']]),
    image: text(config?.['Image']),
    imageId: text(entry['Image']),
    state: status,
    ...(tells(status) && health && { health }),
    ...(exitCode !== undefined && { exitCode }),
    createdAt: instant(entry['Created']) ?? 0,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(host?.['AutoRemove'] === true && { isRemovedWhenStopped: true }),
    namespaces: namespacesOf(host),
    labels: labelsOf(config?.['Labels']),
    ports: inspectedPorts(asRecord(entry['NetworkSettings'])?.['Ports']),
  };
}

/**
 * An RFC 3339 time, with up to nine digits of fraction, as milliseconds since 1970; undefined for anything else and
 * for the year 1, by which engines mean "never".
 */
export function instant(value: unknown): number | undefined {
  return milliseconds(Date.parse(asString(value) ?? ''));
}

const maxName = 200;
const maxText = 4096;
const maxLabelKey = 1024;
/** Room for the largest honest `devcontainer.metadata`, not for a megabyte of mischief. */
const maxLabelValue = 256 * 1024;
const ended = new Set(['exited', 'dead', 'stopped']);
const healthInStatus = /\((?:health: )?(starting|healthy|unhealthy)\)$/;

function text(value: unknown): string {
  return cut(asString(value) ?? '', maxText);
}

/** The name without a further slash: links to a container add others (`/other/alias`), which may be shorter. */
function nameOf(id: string, names: readonly unknown[]): string {
  let best = '';
  for (const each of names) {
    const given = asString(each) ?? '';
    const name = given.startsWith('/') ? given.slice(1) : given;
    if (name !== '' && (best === '' || isNearer(name, best))) best = name;
  }
  return cut(best || id.slice(0, 12), maxName);
}

function isNearer(name: string, other: string): boolean {
  const [isLink, otherIsLink] = [name.includes('/'), other.includes('/')];
  return isLink === otherIsLink ? name.length < other.length : otherIsLink;
}

/** The engine's own object where it can stay as it is, which is nearly always: most of a list is labels. */
function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const labels = asRecord(value) ?? {};
  const areFine = Object.keys(labels).every((key) => {
    const label = labels[key];
    return isLabelName(key) && typeof label === 'string' && label.length <= maxLabelValue;
  });
  if (areFine) return labels as Readonly<Record<string, string>>;
  const usable = Object.entries(labels).flatMap(([key, label]) =>
    isLabelName(key) && typeof label === 'string' ? [[key, cut(label, maxLabelValue)] as const] : [],
  );
  return Object.fromEntries(usable);
}

/** A label called `__proto__` would set the prototype of whoever copies the labels one by one. */
function isLabelName(key: string): boolean {
  return key !== '__proto__' && key.length <= maxLabelKey;
}

function listedHealth(entry: Readonly<Record<string, unknown>>, status: string): ContainerFacts['health'] {
  const word = asRecord(entry['Health'])?.['Status'];
  return healthOf(word) ?? (status.endsWith(')') ? healthOf(healthInStatus.exec(status)?.[1]) : undefined);
}

function healthOf(value: unknown): ContainerFacts['health'] {
  return value === 'starting' || value === 'healthy' || value === 'unhealthy' ? value : undefined;
}

function namespacesOf(host: Readonly<Record<string, unknown>> | undefined): Namespaces {
  const [network, processes, memory] = ['NetworkMode', 'PidMode', 'IpcMode'].map((mode) => {
    const [, owner] = /^container:([0-9a-f]{64})$/.exec(asString(host?.[mode]) ?? '') ?? [];
    return owner;
  });
  return { ...(network && { network }), ...(processes && { processes }), ...(memory && { memory }) };
}

/** The last word on the health of a container that is paused or has ended is old, and no list gives it. */
function tells(state: string): boolean {
  return state === 'running' || state === 'unknown';
}

/** Only times since 1970 that a Date can hold; the year 1 lies before. */
function milliseconds(time: number): number | undefined {
  return time >= 0 && time <= 8.64e15 ? Math.floor(time) : undefined;
}
