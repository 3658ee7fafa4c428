import { isRecord, own } from '../../common/record';
import { dirname, resolve } from 'node:path';
import { assignment, scalarText } from './composeValues';
import type { ComposeSource } from './composeSource';
import { neededServices, textsIn } from './composeServices';
import { parseCompose } from './composeYaml';
import type { ComposeText } from './composeYaml';
import type { FileContent } from './hashedFiles';
import { interpolate, variablesIn } from './interpolation';
import type { InputGround } from './part';
import type { FileLine } from './problems';

/** One Compose file, and what of it counts. */
export interface ComposeFile {
  readonly file: string;
  /** Folder from which its paths count. */
  readonly base: string;
  readonly content: FileContent;
  readonly parsed: ComposeText | { readonly problem: { message: string; line?: number } } | undefined;
  /** Only there because a service of another file extends one of its. */
  readonly isExtended: boolean;
  /** What names it; the configuration, where that is no Compose file. */
  readonly namedAt: FileLine | undefined;
  /** The services of it that count. */
  readonly services: Set<string>;
}

/** What a service is built from, its parts from several files put together. */
interface ServiceBuild {
  context?: string;
  dockerfile?: string;
  target?: string;
  /** The Dockerfile's text, and the file in which it stands. */
  inline?: { readonly text: string; readonly file: string };
  readonly args: Record<string, string>;
}

/** What a service is made from. */
export interface ServiceSource {
  /** Undefined where it is built from what is not on this machine. */
  readonly build?: ServiceBuild | undefined;
  /** The image and the file that names it; where it is built, only its name. */
  readonly image?: { readonly reference: string; readonly file: string } | undefined;
  readonly isBuilt: boolean;
}

/** An `env_file`, whether it must be there, and where it is named. */
interface NamedEnvFile {
  readonly isRequired: boolean;
  readonly namedAt: FileLine;
}

/** Everything that the Compose files of a configuration lead to. */
export interface ComposeGraph {
  readonly files: readonly ComposeFile[];
  readonly services: ReadonlySet<string>;
  readonly envFiles: ReadonlyMap<string, NamedEnvFile>;
  /** Variables of the environment that the files use. */
  readonly variables: ReadonlySet<string>;
  /** By service. */
  readonly sources: ReadonlyMap<string, ServiceSource>;
  /** Every service that there is by name; undefined where some of the files are not known. */
  readonly defined: ReadonlySet<string> | undefined;
}

type LookUp = (name: string) => string | undefined;

/** Follows `include`, `extends`, `env_file` and `build` from the first files on, each file once. */
export async function composeGraph(
  source: ComposeSource,
  started: readonly string[] | undefined,
  lookUp: LookUp,
  ground: InputGround,
): Promise<ComposeGraph> {
  const walk = new GraphWalk(lookUp, ground);
  for (const file of source.files) await walk.addTop(file, source.projectFolder);
  const tops = [...walk.files.values()];
  const definitions = (name: string): unknown[] =>
    tops.map((top) => serviceOf(top, name)).filter((it) => it !== undefined);
  const all = tops.flatMap((top) => servicesOf(top));
  const services = neededServices(started ?? all, definitions);
  const sources = new Map<string, ServiceSource>();
  for (const name of services) {
    let source: ServiceSource | undefined;
    for (const top of tops) source = mergeSources(source, await walk.service(top, name));
    if (source) sources.set(name, source);
  }
  const { envFiles, variables } = walk;
  const isWhole = !walk.isPartial && tops.every((top) => modelOf(top) !== undefined);
  const defined = isWhole ? new Set(all) : undefined;
  return { files: [...walk.files.values()], services, envFiles, variables, sources, defined };
}

const maxFiles = 50;

class GraphWalk {
  readonly files = new Map<string, ComposeFile>();
  readonly envFiles = new Map<string, NamedEnvFile>();
  readonly variables = new Set<string>();
  /** There are files that it does not follow. */
  isPartial = false;
  readonly #extending = new Set<string>();

  constructor(
    private readonly lookUp: LookUp,
    private readonly ground: InputGround,
  ) {}

  async addTop(file: string, base: string, namedBy?: FileLine): Promise<void> {
    if (this.files.has(file)) return;
    const top = await this.#open(file, base, false, namedBy);
    const includes: unknown = own(modelOf(top), 'include');
    for (const [item, include] of Array.isArray(includes) ? (includes as unknown[]).entries() : []) {
      const paths = textsIn(isRecord(include) ? own(include, 'path') : include);
      const [first] = paths;
      // Compose can also include from a registry or a repository.
      if (first === undefined || paths.some(isRemote)) {
        this.isPartial = true;
        continue;
      }
      const folder = own(include, 'project_directory');
      const inner = typeof folder === 'string' ? this.#path(base, folder) : dirname(this.#path(base, first));
      const namedAt = placeIn(top, ['include'], item);
      for (const path of paths) await this.addTop(this.#path(base, path), inner, namedAt);
      for (const path of textsIn(own(include, 'env_file')))
        this.envFiles.set(this.#path(base, path), { isRequired: true, namedAt });
    }
  }

  /** Notes what a service of a file takes in; gives what it is made from, with what it extends. */
  async service(from: ComposeFile, name: string): Promise<ServiceSource | undefined> {
    const service = serviceOf(from, name);
    const key = `${from.file}\0${name}`;
    // A circle of `extends`: Compose refuses it, we must only come to an end.
    if (service === undefined || this.#extending.has(key)) return undefined;
    from.services.add(name);
    this.#noteEnvFiles(service, from, name);
    this.#notePassedOn(service);
    this.#extending.add(key);
    const inherited = await this.#extended(service, from, name);
    this.#extending.delete(key);
    return mergeSources(inherited, this.#sourceOf(service, from));
  }

  async #open(
    file: string,
    base: string,
    isExtended: boolean,
    namedAt: FileLine | undefined,
  ): Promise<ComposeFile> {
    const known = this.files.get(file);
    if (known) return known;
    const isOneTooMany = this.files.size >= maxFiles;
    if (isOneTooMany) this.isPartial = true;
    const content: FileContent = isOneTooMany
      ? { status: 'refused', reason: `There are more than ${maxFiles} Compose files.` }
      : await this.ground.files.text(file);
    const text = content.status === 'ok' ? (content.text ?? '') : undefined;
    const parsed = text === undefined ? undefined : await parseCompose(text);
    for (const name of variablesIn(text ?? '')) this.variables.add(name);
    const opened: ComposeFile = { file, base, content, parsed, isExtended, namedAt, services: new Set() };
    if (!isOneTooMany) this.files.set(file, opened);
    return opened;
  }

  async #extended(
    service: unknown,
    from: ComposeFile,
    extending: string,
  ): Promise<ServiceSource | undefined> {
    const value = own(service, 'extends');
    const name = typeof value === 'string' ? value : own(value, 'service');
    const file = own(value, 'file');
    if (typeof name !== 'string') return undefined;
    if (typeof file !== 'string' || isRemote(file)) return this.service(from, name);
    const path = this.#path(from.base, file);
    const namedAt = placeIn(from, ['services', extending, 'extends', 'file']);
    return this.service(await this.#open(path, dirname(path), true, namedAt), name);
  }

  #noteEnvFiles(service: unknown, from: ComposeFile, name: string): void {
    const value = own(service, 'env_file');
    for (const [at, item] of (Array.isArray(value) ? (value as unknown[]) : [value]).entries()) {
      const path = isRecord(item) ? own(item, 'path') : item;
      if (typeof path !== 'string' || path === '') continue;
      const namedAt = placeIn(from, ['services', name, 'env_file'], at);
      const isRequired = own(item, 'required') !== false;
      this.envFiles.set(this.#path(from.base, path), { isRequired, namedAt });
    }
  }

  /** Names without a value take the host's. */
  #notePassedOn(service: unknown): void {
    for (const value of [own(service, 'environment'), own(own(service, 'build'), 'args')]) {
      for (const [name, given] of assignmentsOf(value)) if (given === undefined) this.variables.add(name);
    }
  }

  #sourceOf(service: unknown, { file, base }: ComposeFile): ServiceSource {
    const image = own(service, 'image');
    return {
      build: this.#buildOf(own(service, 'build'), base, file),
      image: typeof image === 'string' ? { reference: interpolate(image, this.lookUp), file } : undefined,
      isBuilt: own(service, 'build') !== undefined,
    };
  }

  #buildOf(build: unknown, base: string, file: string): ServiceBuild | undefined {
    if (typeof build === 'string')
      return isRemote(build) ? undefined : { context: this.#path(base, build), args: {} };
    if (!isRecord(build)) return undefined;
    const result: ServiceBuild = { args: {} };
    const [context, dockerfile, target] = ['context', 'dockerfile', 'target'].map((key) => own(build, key));
    if (typeof context === 'string') {
      if (isRemote(context)) return undefined;
      result.context = this.#path(base, context);
    }
    if (typeof dockerfile === 'string') result.dockerfile = interpolate(dockerfile, this.lookUp);
    if (typeof target === 'string') result.target = interpolate(target, this.lookUp);
    const inline = own(build, 'dockerfile_inline');
    if (typeof inline === 'string') result.inline = { text: interpolate(inline, this.lookUp), file };
    for (const [name, value] of assignmentsOf(own(build, 'args'))) {
      const given = value === undefined ? this.lookUp(name) : interpolate(value, this.lookUp);
      if (given !== undefined && name !== '__proto__') result.args[name] = given;
    }
    return result;
  }

  #path(base: string, path: string): string {
    return resolve(base, interpolate(path, this.lookUp));
  }
}

function mergeSources(
  under: ServiceSource | undefined,
  over: ServiceSource | undefined,
): ServiceSource | undefined {
  if (!under || !over) return over ?? under;
  return {
    build: mergeBuilds(under.build, over.build),
    image: over.image ?? under.image,
    isBuilt: under.isBuilt || over.isBuilt,
  };
}

/** Where a file says something, or the nearest above it that has a place. */
function placeIn({ file, parsed }: ComposeFile, path: readonly string[], item = 0): FileLine {
  const lines = parsed && 'lines' in parsed ? parsed.lines : undefined;
  let line = lines?.items(path)?.[item];
  for (let length = path.length; line === undefined && length > 0; length--)
    line = lines?.key(path.slice(0, length));
  return { file, line: line ?? 1 };
}

function mergeBuilds(
  under: ServiceBuild | undefined,
  over: ServiceBuild | undefined,
): ServiceBuild | undefined {
  if (!under || !over) return over ?? under;
  return { ...under, ...over, args: { ...under.args, ...over.args } };
}

function assignmentsOf(value: unknown): [name: string, value: string | undefined][] {
  if (Array.isArray(value)) return textsIn(value).map(assignment);
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([name, given]) => [name, given === null ? undefined : scalarText(given)]);
}

function modelOf({ parsed }: ComposeFile): unknown {
  return parsed && 'model' in parsed ? parsed.model : undefined;
}

function servicesOf(file: ComposeFile): string[] {
  const services = own(modelOf(file), 'services');
  return isRecord(services) ? Object.keys(services) : [];
}

function serviceOf(file: ComposeFile, name: string): unknown {
  const service = own(own(modelOf(file), 'services'), name);
  return isRecord(service) ? service : undefined;
}

function isRemote(path: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]+:\/\/|oci:|git@|github\.com\/)/i.test(path);
}
