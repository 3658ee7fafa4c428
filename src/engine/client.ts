/** A Docker-compatible engine behind the core's EnginePort, over dockerode. */
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Container } from 'dockerode';
import type { Disposable } from '../api';
import { ShipshapeError } from '../common/errors';
import { silentLogger, type Logger } from '../common/logger';
import type { ContainerDetails } from '../core/containerDetails';
import type { ImageFacts } from '../core/imagePorts';
import type {
  Blueprint,
  ContainerFacts,
  EngineEvent,
  EnginePort,
  EventStream,
  FileChange,
  MakeOptions,
} from '../core/ports';
import type { PullOptions, ServicesPort } from '../core/pullPorts';
import { Connection, containersBody, type CallOptions } from './connection';
import { checkedId, checkedName, checkedReference, nameAndTag } from './checks';
import { imageDetails, inspectedDetails } from './details';
import type { ResolvedEndpoint } from './endpoints';
import { statusOf } from './errors';
import { eventFilters, openEvents, type EventSource } from './events';
import { inspectedFacts } from './facts';
import { fileChanges, writtenBytes } from './fileChanges';
import type { Transport } from './hosts';
import { imageDescription, imageFacts, imageHistory, imageId, tagImage, untagImage } from './images';
import { EngineInfo } from './info';
import { changesSinceImage, inspection, inspectionWithSize } from './inspection';
import { asInteger, asRecord, asString } from './json';
import { defaultLimits, type Limits } from './limit';
import { readList } from './listing';
import { oldEngineWarning } from './oldEngine';
import { watchSocket } from './returns';

export interface EngineOptions {
  readonly logger?: Logger;
  readonly limits?: Partial<Limits>;
}

/** Never throws while it is made; each call rejects as EnginePort says. `dispose` cancels what is under way. */
export class DockerEngine implements EnginePort {
  readonly key: string;
  readonly name: string;
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #transport: Transport;
  readonly #connection: Connection;
  readonly #limits: Limits;
  readonly #info: EngineInfo;
  readonly #logger: Logger;
  #isKnownAsOld = false;

  constructor(endpoint: ResolvedEndpoint, options: EngineOptions = {}) {
    this.key = endpoint.key;
    this.name = endpoint.name;
    this.endpoint = endpoint.endpoint;
    this.env = endpoint.env;
    this.#transport = endpoint.transport;
    this.#connection = new Connection(endpoint);
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#info = new EngineInfo(this.#connection, this.#limits.inspect);
    this.#logger = options.logger ?? silentLogger;
  }

  async list(signal?: AbortSignal): Promise<ContainerFacts[]> {
    const list = await this.#connection.call(
      'list its containers',
      this.#limits.list,
      async (docker, abortSignal) => readList(await containersBody(docker, abortSignal)),
      signal,
    );
    if (!list) throw this.#odd('a list of containers');
    return list;
  }

  async inspect(id: string, signal?: AbortSignal): Promise<ContainerFacts | undefined> {
    const answer = await this.#describe(id, signal);
    if (answer === undefined) return undefined;
    const facts = inspectedFacts(answer);
    if (!facts) throw this.#odd('the description of a container');
    return facts;
  }

  async details(id: string, signal?: AbortSignal): Promise<ContainerDetails | undefined> {
    const answer = await this.#describe(id, signal);
    if (answer === undefined) return undefined;
    const details = inspectedDetails(answer);
    if (!details) throw this.#odd('the description of a container');
    const image = asString(asRecord(answer)?.['Image']) ?? '';
    const limitMs = this.#limits.inspect;
    return { ...details, ...imageDetails(await imageDescription(this.#connection, image, limitMs, signal)) };
  }

  async changes(id: string, signal?: AbortSignal): Promise<readonly FileChange[] | undefined> {
    const limitMs = this.#limits.files;
    const answer = await changesSinceImage(this.#connection, { id, limitMs, signal });
    if (answer === undefined) return undefined;
    const changes = fileChanges(answer);
    if (!changes) throw this.#odd('what a container changed');
    return changes;
  }

  async writtenBytes(id: string, signal?: AbortSignal): Promise<number | undefined> {
    const limitMs = this.#limits.files;
    return writtenBytes(await inspectionWithSize(this.#connection, { id, limitMs, signal }));
  }

  imageId(reference: string, signal?: AbortSignal): Promise<string | undefined> {
    return imageId(this.#connection, reference, this.#limits.inspect, signal);
  }

  async ping(signal?: AbortSignal): Promise<void> {
    const limit = this.#limits.ping;
    await this.#connection.call(
      'answer',
      limit,
      (docker, abortSignal) => docker.ping({ abortSignal }),
      signal,
    );
  }

  clockSkew(signal?: AbortSignal): Promise<number> {
    return this.#info.clockSkew(signal);
  }

  openEvents(onEvent: (event: EngineEvent) => void, signal?: AbortSignal): Promise<EventStream> {
    const connection = this.#connection;
    const source: EventSource = {
      connect: async (abortSignal) => {
        const body = await connection.events(eventFilters, abortSignal);
        this.#warnIfOld(body.headers['api-version']);
        return body;
      },
      ping: (abortSignal) => this.ping(abortSignal),
      explain: (error) => connection.explain(error, 'go on telling of events'),
    };
    const signals = [signal, connection.end];
    return openEvents(source, { onEvent, logger: this.#logger, headersMs: this.#limits.headers, signals });
  }

  isReachedLike(other: EnginePort): boolean {
    return (
      other instanceof DockerEngine &&
      isDeepStrictEqual([this.name, this.env, this.#transport], [other.name, other.env, other.#transport])
    );
  }

  onMayReturn(listener: () => void): Disposable | undefined {
    return watchSocket(this.#transport, listener);
  }

  async start(id: string): Promise<void> {
    await this.#act(id, 'start the container', [304], (container, options) => container.start(options));
  }

  async stop(id: string): Promise<void> {
    const description = await this.#describe(id);
    if (description === undefined) return;
    const seconds = asInteger(asRecord(asRecord(description)?.['Config'])?.['StopTimeout']) ?? 10;
    const limit = this.#limits.action + Math.min(Math.max(seconds, 0), 3_600) * 1_000;
    await this.#act(
      id,
      'stop the container',
      [304, 404],
      (container, options) => container.stop(options),
      limit,
    );
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#act(id, 'rename the container', [], (container, options) =>
      container.rename({ ...options, name: checkedName(name) }),
    );
  }

  async remove(id: string): Promise<void> {
    try {
      // By force, because an engine gives up a container in the state "dead" in no other way.
      await this.#act(id, 'remove the container', [404], (container, options) =>
        container.remove({ ...options, v: false, force: true }),
      );
    } catch (error) {
      const isUnderWay = error instanceof ShipshapeError && statusOf(error.cause) === 409;
      if (!isUnderWay || !(await this.#vanishes(id))) throw error;
    }
  }

  async blueprint(id: string): Promise<Blueprint | undefined> {
    return asRecord(await this.#describe(id));
  }

  async make(blueprint: Blueprint, name: string, image: string, options: MakeOptions = {}): Promise<string> {
    const like = { blueprint, name: checkedName(name), image: checkedReference(image), ...options };
    const { makeLike } = await import('./copies');
    const id = await makeLike(this.#connection, like, this.#limits);
    if (id === undefined) throw this.#odd('the description of a container');
    return id;
  }

  async commit(id: string, imageName: string): Promise<void> {
    const [repo, tag] = nameAndTag(imageName);
    const options = { repo, tag, pause: false };
    await this.#act(id, 'keep a copy of the container', [], (container, { abortSignal }) =>
      container.commit({ ...options, abortSignal }), this.#limits.commit); // prettier-ignore
  }

  image(id: string, signal?: AbortSignal): Promise<ImageFacts | undefined> {
    return imageFacts(this.#connection, id, this.#limits.inspect, signal);
  }

  imageHistory(id: string, signal?: AbortSignal): Promise<readonly string[]> {
    return imageHistory(this.#connection, id, this.#limits.inspect, signal);
  }

  get services(): ServicesPort {
    const [connection, limitMs] = [this.#connection, this.#limits.action];
    return {
      update: async (...args) => (await import('./pull')).updateService(connection, limitMs, ...args),
      progress: async (...args) => (await import('./pull')).serviceProgress(connection, limitMs, ...args),
    };
  }

  async pull(reference: string, options: PullOptions = {}): Promise<ImageFacts> {
    const { pullImage } = await import('./pull');
    return pullImage(this.#connection, reference, options, this.#limits);
  }

  insecureRegistries(signal?: AbortSignal): Promise<readonly string[]> {
    return this.#info.insecureRegistries(signal);
  }

  tag(id: string, imageName: string): Promise<void> {
    return tagImage(this.#connection, id, imageName, this.#limits.action);
  }

  untag(imageName: string): Promise<void> {
    return untagImage(this.#connection, imageName, this.#limits.action);
  }

  dispose(): void {
    this.#connection.dispose();
  }

  #describe(id: string, signal?: AbortSignal): Promise<unknown> {
    return inspection(this.#connection, { id, limitMs: this.#limits.inspect, signal });
  }

  /** @param fine statuses that mean that there is nothing left to do. */
  async #act(
    id: string,
    doing: string,
    fine: readonly number[],
    action: (container: Container, options: CallOptions) => Promise<unknown>,
    limit = this.#limits.action,
  ): Promise<void> {
    try {
      await this.#connection.call(doing, limit, (docker, abortSignal) =>
        action(docker.getContainer(checkedId(id)), { abortSignal }),
      );
    } catch (error) {
      const status = error instanceof ShipshapeError ? statusOf(error.cause) : undefined;
      if (status === undefined || !fine.includes(status)) throw error;
    }
  }

  /** Waits for a removal that someone else has begun. */
  async #vanishes(id: string): Promise<boolean> {
    const deadline = Date.now() + this.#limits.removal;
    while (Date.now() < deadline) {
      if ((await this.#describe(id)) === undefined) return true;
      await setTimeout(200, undefined, { signal: this.#connection.end }).catch(() => undefined);
    }
    return false;
  }

  /** Once: an old engine works as far as it goes, and later oddities are then explained. */
  #warnIfOld(version: unknown): void {
    const warning = this.#isKnownAsOld ? undefined : oldEngineWarning(this.name, version);
    if (warning === undefined) return;
    this.#isKnownAsOld = true;
    this.#logger.warn(warning);
  }

  #odd(what: string): ShipshapeError {
    return this.#connection.odd(what);
  }
}
