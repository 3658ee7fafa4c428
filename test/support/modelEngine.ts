import { ShipshapeError } from '../../src/common/errors';
import type { ContainerEvent, ContainerFacts, EnginePort, EventStream } from '../../src/core/ports';
import { container, devContainer } from './fakeEngine';

interface Request {
  /** What the engine says now. */
  readonly ask: () => unknown;
  /** What it said when it came to this request; nothing while it has not. */
  said?: { readonly answer: unknown };
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Stream {
  readonly onEvent: (event: ContainerEvent) => void;
  readonly close: (error?: Error) => void;
}

/**
 * An engine in which nothing happens by itself: the test changes containers and says when a request is worked on, when
 * its answer arrives, and when events do. Events of one container keep their order, as the engine sends them.
 */
export class ModelEngine implements EnginePort {
  readonly key = 'model';
  readonly name = 'Model';
  readonly endpoint = 'unix:///model.sock';
  readonly env = {};
  readonly truth = new Map<string, ContainerFacts>();
  isUp = true;
  #requests: Request[] = [];
  #events: ContainerEvent[] = [];
  #stream: Stream | undefined;
  #version = 0;

  list(): Promise<ContainerFacts[]> {
    return this.#request(() => [...this.truth.values()].map(asListed));
  }

  inspect(id: string): Promise<ContainerFacts | undefined> {
    return this.#request(() => this.truth.get(id));
  }

  ping(): Promise<void> {
    return this.isUp ? Promise.resolve() : Promise.reject(down());
  }

  clockSkew(): Promise<number> {
    return Promise.resolve(0);
  }

  async openEvents(onEvent: (event: ContainerEvent) => void): Promise<EventStream> {
    let close: (error?: Error) => void = () => undefined;
    const closed = new Promise<Error | undefined>((resolve) => (close = resolve));
    const stream = { onEvent, close };
    await this.#request(() => (this.#stream = stream));
    const dispose = (): void => {
      if (this.#stream === stream) this.breakStream();
      close();
    };
    return { closed, dispose };
  }

  details = unused;
  changes = unused;
  writtenBytes = unused;
  imageId = unused;
  image = unused;
  pull = unused;
  insecureRegistries = unused;
  start = unused;
  stop = unused;
  rename = unused;
  remove = unused;
  blueprint = unused;
  make = unused;
  commit = unused;
  tag = unused;
  untag = unused;
  dispose(): void {
    this.breakStream();
  }

  get isQuiet(): boolean {
    return this.#requests.length === 0 && this.#events.length === 0;
  }

  get hasStream(): boolean {
    return this.#stream !== undefined;
  }

  /** The container `n` comes, or is different now. */
  change(n: number): void {
    const version = ++this.#version;
    const digit = (n % 3).toString();
    const facts = n % 3 === 0 ? devContainer(digit, '/w', '/w/.devcontainer.json') : container(digit);
    const isNew = !this.truth.has(facts.id);
    this.truth.set(facts.id, { ...facts, name: `v${version}`, startedAt: version });
    this.#tell({ containerId: facts.id, action: isNew ? 'create' : 'rename' });
  }

  destroy(n: number): void {
    const { id } = container((n % 3).toString());
    if (this.truth.delete(id)) this.#tell({ containerId: id, action: 'destroy' });
  }

  /** The engine comes to a request: the answer is what is true now, and is still on its way. */
  work(n: number): void {
    const request = pick(this.#requests, n);
    if (request) request.said ??= { answer: request.ask() };
  }

  /** An answer arrives. */
  answer(n: number): void {
    const request = pick(this.#requests, n);
    if (!request) return;
    this.work(n);
    this.#requests = this.#requests.filter((other) => other !== request);
    request.resolve(request.said?.answer);
  }

  /** One request fails by itself. */
  fail(n: number): void {
    const request = pick(this.#requests, n);
    if (!request) return;
    this.#requests = this.#requests.filter((other) => other !== request);
    if (request.said && request.said.answer === this.#stream) this.breakStream();
    request.reject(new ShipshapeError('engineFailed', 'HTTP 500'));
  }

  /** An event arrives, before earlier ones of other containers; twice if it is to be doubled. */
  event(n: number, isDoubled = false): void {
    const wanted = pick(this.#events, n);
    const event = this.#events.find((other) => other.containerId === wanted?.containerId);
    if (!event) return;
    if (!isDoubled) this.#events = this.#events.filter((other) => other !== event);
    this.#stream?.onEvent(event);
  }

  /** The stream ends, with the events that are still in it. */
  breakStream(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#events = [];
    stream?.close(new ShipshapeError('engineFailed', 'reset'));
  }

  crash(): void {
    this.isUp = false;
    this.breakStream();
    for (const request of this.#requests.splice(0)) request.reject(down());
  }

  #tell(event: ContainerEvent): void {
    if (this.#stream) this.#events.push(event);
  }

  #request<T>(ask: () => T): Promise<T> {
    if (!this.isUp) return Promise.reject(down());
    return new Promise((resolve, reject) => {
      this.#requests.push({ ask, resolve: resolve as Request['resolve'], reject });
    });
  }
}

/** A list knows whole seconds and no starts. */
export function asListed(facts: ContainerFacts): ContainerFacts {
  const listed = { ...facts, createdAt: Math.floor(facts.createdAt / 1000) * 1000 };
  delete (listed as { startedAt?: number }).startedAt;
  return listed;
}

function pick<T>(items: readonly T[], n: number): T | undefined {
  return items[n % Math.max(1, items.length)];
}

function down(): ShipshapeError {
  return new ShipshapeError('engineMissing', 'No engine listens.');
}

function unused(): Promise<never> {
  return Promise.reject(new Error('The model has neither actions nor images.'));
}
