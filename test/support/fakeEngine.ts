import type { ContainerDetails, MountFacts } from '../../src/core/containerDetails';
import type {
  Blueprint,
  ContainerFacts,
  EngineEvent,
  EnginePort,
  EventStream,
  FileChange,
  MakeOptions,
} from '../../src/core/ports';
import type { ImageFacts } from '../../src/core/imagePorts';
import { ShipshapeError } from '../../src/common/errors';
import { waitFor } from '../../src/common/scheduling';

/** An engine port held in memory, for what real engines cannot be made to do: chosen moments and chosen failures. */
export class FakeEngine implements EnginePort {
  readonly name = 'Fake';
  readonly endpoint = 'unix:///fake.sock';
  readonly env = {};
  readonly containers = new Map<string, ContainerFacts>();
  /** What its names mean, by name. */
  readonly images = new Map<string, string>();
  /** What it tells of its images, by id. */
  readonly imageFacts = new Map<string, ImageFacts>();
  /** The steps by which they were made, by id. */
  readonly histories = new Map<string, readonly string[]>();
  /** What its registries have, by name. */
  readonly pulls = new Map<string, ImageFacts>();
  insecure: readonly string[] = [];
  /** What each container changed in its image's files, and what is mounted there, by id. */
  readonly fileChanges = new Map<string, readonly FileChange[]>();
  readonly mounts = new Map<string, readonly MountFacts[]>();
  /** Whose network each container shares, by id. */
  readonly networkModes = new Map<string, string>();
  /** What every container has written. */
  written: number | undefined;
  readonly calls: string[] = [];
  /** Set to make calls fail: every one, or those that begin with the words of `failing`. */
  failure: ShipshapeError | undefined;
  failing = '';
  /** Set to hold lists back until it settles; what they answer was true when they were asked. */
  holdLists: Promise<void> | undefined;
  /** The same for questions about images. */
  holdImages: Promise<void> | undefined;
  /** The same for what containers changed and have written. */
  holdFiles: Promise<void> | undefined;
  holdSizes: Promise<void> | undefined;
  /** The same for inspections. */
  holdInspects: Promise<void> | undefined;
  skew = 0;
  #onEvent: ((event: EngineEvent) => void) | undefined;
  #close: ((error?: Error) => void) | undefined;
  #made = 0;

  constructor(readonly key = 'fake') {}

  async list(): Promise<ContainerFacts[]> {
    this.#note('list');
    const answer = [...this.containers.values()];
    await this.holdLists;
    return answer;
  }

  async inspect(id: string, signal?: AbortSignal): Promise<ContainerFacts | undefined> {
    this.#note(`inspect ${id.slice(0, 4)}`);
    const facts = this.containers.get(id);
    const network = this.networkModes.get(id)?.replace('container:', '');
    await waitFor(this.holdInspects ?? Promise.resolve(), signal);
    return facts && network !== undefined ? { ...facts, namespaces: { network } } : facts;
  }

  async details(id: string): Promise<ContainerDetails | undefined> {
    this.#note(`details ${id.slice(0, 4)}`);
    const facts = this.containers.get(id);
    await this.holdImages;
    const mounts = this.mounts.get(id);
    return facts && { imageReference: facts.image, ...(mounts && { mounts }) };
  }

  async changes(id: string): Promise<readonly FileChange[] | undefined> {
    this.#note(`changes ${id.slice(0, 4)}`);
    await this.holdFiles;
    return this.containers.has(id) ? (this.fileChanges.get(id) ?? []) : undefined;
  }

  async writtenBytes(id: string): Promise<number | undefined> {
    this.#note(`written ${id.slice(0, 4)}`);
    await this.holdSizes;
    return this.written;
  }

  async imageId(reference: string): Promise<string | undefined> {
    this.#note(`image ${reference}`);
    const answer = this.images.get(reference);
    await this.holdImages;
    return answer;
  }

  async image(id: string): Promise<ImageFacts | undefined> {
    this.#note(`facts ${id}`);
    await this.holdImages;
    return this.imageFacts.get(id);
  }

  imageHistory(id: string): Promise<readonly string[]> {
    this.#note(`history ${id}`);
    return Promise.resolve(this.histories.get(id) ?? []);
  }

  /** What its registries hand out is in `pulls`; the name means that image from then on. */
  async pull(reference: string): Promise<ImageFacts> {
    this.#note(`pull ${reference}`);
    const facts = this.pulls.get(reference);
    await this.holdImages;
    if (!facts) throw new ShipshapeError('engineFailed', `There is no ${reference}.`);
    this.images.set(reference, facts.id);
    this.imageFacts.set(facts.id, facts);
    return facts;
  }

  insecureRegistries(): Promise<readonly string[]> {
    return Promise.resolve(this.insecure);
  }

  ping(): Promise<void> {
    this.#note('ping');
    return Promise.resolve();
  }

  clockSkew(): Promise<number> {
    return Promise.resolve(this.skew);
  }

  openEvents(onEvent: (event: EngineEvent) => void): Promise<EventStream> {
    this.#note('events');
    this.#onEvent = onEvent;
    const closed = new Promise<Error | undefined>((resolve) => (this.#close = resolve));
    return Promise.resolve({ closed, dispose: () => this.breakStream() });
  }

  start(id: string): Promise<void> {
    return this.#change(id, { state: 'running', startedAt: 2000 });
  }

  stop(id: string): Promise<void> {
    return this.#change(id, { state: 'exited', finishedAt: 1000 });
  }

  rename(id: string, name: string): Promise<void> {
    return this.#change(id, { name });
  }

  remove(id: string): Promise<void> {
    this.#note(`remove ${id.slice(0, 4)}`);
    this.containers.delete(id);
    return Promise.resolve();
  }

  blueprint(id: string): Promise<Blueprint | undefined> {
    this.#note(`blueprint ${id.slice(0, 4)}`);
    const facts = this.containers.get(id);
    return Promise.resolve(
      facts && {
        Id: id,
        Name: `/${facts.name}`,
        facts,
        HostConfig: { NetworkMode: this.networkModes.get(id) },
      },
    );
  }

  make(blueprint: Blueprint, name: string, image: string, { labels }: MakeOptions = {}): Promise<string> {
    this.#note(`make ${name} ${image}`);
    const facts = blueprint['facts'] as ContainerFacts;
    const id = this.#made === 0 ? 'f'.repeat(64) : `${this.#made}`.padEnd(64, 'f');
    this.#made++;
    const { NetworkMode: mode } = (blueprint['HostConfig'] ?? {}) as Record<string, unknown>;
    if (typeof mode === 'string') this.networkModes.set(id, mode);
    const imageId = this.images.get(image) ?? facts.imageId;
    const made = { ...facts, id, name, image, imageId, state: 'created', createdAt: facts.createdAt + 1 };
    this.containers.set(id, { ...made, labels: { ...facts.labels, ...labels } });
    return Promise.resolve(id);
  }

  commit(id: string, imageName: string): Promise<void> {
    this.#note(`commit ${id.slice(0, 4)} ${imageName}`);
    this.images.set(imageName, `sha256:${'c'.repeat(64)}`);
    return Promise.resolve();
  }

  tag(imageId: string, imageName: string): Promise<void> {
    this.#note(`tag ${imageName}`);
    this.images.set(imageName, imageId);
    return Promise.resolve();
  }

  untag(imageName: string): Promise<void> {
    this.#note(`untag ${imageName}`);
    this.images.delete(imageName);
    return Promise.resolve();
  }

  dispose(): void {
    this.breakStream();
  }

  /** Something happens on the engine, and its stream says so. */
  happen(containerId: string, action: string, facts?: ContainerFacts): void {
    if (facts) this.containers.set(containerId, facts);
    else this.containers.delete(containerId);
    this.#onEvent?.({ containerId, action });
  }

  /** A name means this image from now on, and the stream says so. */
  moveTag(reference: string, id: string): void {
    this.images.set(reference, id);
    this.#onEvent?.({ image: reference, action: 'tag' });
  }

  /** The event stream breaks. */
  breakStream(error?: Error): void {
    this.#onEvent = undefined;
    this.#close?.(error);
  }

  #note(call: string): void {
    this.calls.push(call);
    if (this.failure && call.startsWith(this.failing)) throw this.failure;
  }

  #change(id: string, change: Partial<ContainerFacts>): Promise<void> {
    this.#note(`change ${id.slice(0, 4)} ${JSON.stringify(change)}`);
    const known = this.containers.get(id);
    if (!known) return Promise.reject(new ShipshapeError('notFound', `No such container: ${id}`));
    this.containers.set(id, { ...known, ...change });
    return Promise.resolve();
  }
}

/** A container whose id is the digit repeated. */
export function container(digit: string, more: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    id: digit.repeat(64),
    name: `c${digit}`,
    image: 'image:1',
    imageId: `sha256:${'0'.repeat(64)}`,
    state: 'running',
    createdAt: 1_700_000_000_123,
    labels: {},
    ports: [],
    ...more,
  };
}

/** A container that claims to be the dev container of this folder and configuration. */
export function devContainer(
  digit: string,
  folder: string,
  configFile?: string,
  { labels, ...more }: Partial<ContainerFacts> = {},
): ContainerFacts {
  const claim = {
    'devcontainer.local_folder': folder,
    ...(configFile === undefined ? {} : { 'devcontainer.config_file': configFile }),
  };
  return container(digit, { ...more, labels: { ...claim, ...labels } });
}
