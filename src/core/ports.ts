/**
 * The outside world as the core sees it. Adapters in engine/, devcontainers/ and ui/ implement these; nothing in
 * core knows dockerode, the file system or the editor.
 */
import type { ConfigProblem, Disposable, Event } from '../api';
import type { ContainerDetails, PortFacts } from './containerDetails';
import type { ComposeService } from './composeService';
import type { BaseImage, ImageFacts } from './imagePorts';
import type { PullOptions, ServicesPort } from './pullPorts';

/** One container as the engine describes it; strings are as hostile as they come. */
export interface ContainerFacts {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Without the leading slash; the id's first 12 digits when the engine gives none. */
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  /** The engine's own word: `running`, `exited`, `configured`, … */
  readonly state: string;
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode?: number;
  /** Milliseconds since 1970 on the engine's clock. */
  readonly createdAt: number;
  /** Last start and last end on the engine's clock; only `inspect` knows them. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** The engine removes it, with its files, as soon as it stops (`--rm`); only `inspect` knows. */
  readonly isRemovedWhenStopped?: boolean;
  /** The other containers in whose namespaces it lives, for as long as it is there; only `inspect` knows. */
  readonly namespaces?: Namespaces;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly PortFacts[];
}

/** Ids of the containers whose they are; none for what is its own. */
export interface Namespaces {
  readonly network?: string;
  readonly processes?: string;
  readonly memory?: string;
}

/**
 * How a container was made, to make it again: the engine's own description of it, as it stands. It holds the
 * container's environment, and with it what secrets there may be.
 */
export type Blueprint = Readonly<Record<string, unknown>>;

/**
 * A path inside a container that is not as its image has it. Engines list each folder above it too, and the mount
 * points that they made; what lies on volumes and other mounts is never listed.
 */
export interface FileChange {
  /** Absolute, with slashes, at most 4096 characters, any of them. */
  readonly path: string;
  readonly kind: 'modified' | 'added' | 'deleted';
}

/** What happened to one container, or to images. */
export type EngineEvent = ContainerEvent | ImageEvent;

interface ImageEvent {
  /** The name or id of the image, in the engine's words; some engines give none. */
  readonly image: string;
  /** `tag`, `untag`, `delete`, `pull`, `load`, `build`, … */
  readonly action: string;
}

export interface ContainerEvent {
  readonly containerId: string;
  /** `create`, `start`, `die`, `destroy`, `rename`, `health_status`, … */
  readonly action: string;
}

/** The engine's event stream, from the moment it is open. */
export interface EventStream extends Disposable {
  /** Settles when the stream is over: undefined after a clean end or dispose, else why it broke. */
  readonly closed: Promise<Error | undefined>;
}

/** Where an engine is, and how child processes reach the same one. */
export interface EngineEndpoint {
  /** Stable over restarts of the editor and of the engine. */
  readonly key: string;
  /** For people: the context's name, or `Docker`. */
  readonly name: string;
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, … */
  readonly endpoint: string;
  /** Environment for programs that talk to this engine: DOCKER_HOST and the like. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * One container engine. Each call has a time limit of its own and rejects with a ShipshapeError of code
 * engineMissing, engineDenied, engineSilent or engineFailed; none ever hangs.
 */
export interface EnginePort extends EngineEndpoint, Disposable {
  /** Every container, running or not. */
  list(signal?: AbortSignal): Promise<ContainerFacts[]>;
  /** One container, undefined when there is none of that id. */
  inspect(id: string, signal?: AbortSignal): Promise<ContainerFacts | undefined>;
  /** What one container was made with, undefined when there is none of that id. */
  details(id: string, signal?: AbortSignal): Promise<ContainerDetails | undefined>;
  /** What one container, running or not, changed in its image's files, in no order; undefined when there is none. */
  changes(id: string, signal?: AbortSignal): Promise<readonly FileChange[] | undefined>;
  /**
   * How much one container, running or not, has written over its image's files, in bytes; undefined when there is none
   * of that id, or the engine does not tell. Engines add up the files for it, which may take them seconds.
   */
  writtenBytes(id: string, signal?: AbortSignal): Promise<number | undefined>;
  /** The id of the image that this name or id means now, `sha256:` in front; undefined when it means none. */
  imageId(reference: string, signal?: AbortSignal): Promise<string | undefined>;
  /** The image of this id, undefined when there is none. */
  image(id: string, signal?: AbortSignal): Promise<ImageFacts | undefined>;
  /**
   * The steps by which the image of this id was made, the first one first, each with its time: an image that is made on
   * another begins with all of that one's. None when there is no such image.
   */
  imageHistory(id: string, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Fetches the image of this name from its registry, and gives what the engine has by the name then. Rejects besides
   * with `invalidArgument` for what is no name, `diskFull`, and `cancelled`; what was fetched until then stays with the
   * engine.
   */
  pull(reference: string, options?: PullOptions): Promise<ImageFacts>;
  /** Hosts and ranges of addresses of registries to which the engine talks without TLS. */
  insecureRegistries(signal?: AbortSignal): Promise<readonly string[]>;
  ping(signal?: AbortSignal): Promise<void>;
  /** The engine's clock minus the host's, in milliseconds, as far as one round trip can tell. */
  clockSkew(signal?: AbortSignal): Promise<number>;
  /** Resolves once the stream is open; `onEvent` may be called before that. */
  openEvents(onEvent: (event: EngineEvent) => void, signal?: AbortSignal): Promise<EventStream>;
  /** False when the other, of the same key, is reached in another way: with other certificates, by another name. */
  isReachedLike?(other: EnginePort): boolean;
  /** Calls back when an engine that was gone may be back, where that can be noticed without asking it. */
  onMayReturn?(listener: () => void): Disposable | undefined;
  start(id: string): Promise<void>;
  /** Stops with the container's own stop timeout; already stopped or gone is a success. */
  stop(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  /** Removes the container, not its volumes; already gone is a success. */
  remove(id: string): Promise<void>;
  /** How this container was made, undefined when there is none of that id. */
  blueprint(id: string): Promise<Blueprint | undefined>;
  /**
   * Makes a container like the one that the blueprint describes, with its volumes and networks, under this name and
   * from this image; gives its id. It is not started. `leavesImageOut`: what the old image brought is not asked for, so
   * that the new image's counts. `labels` count instead of those it had.
   */
  make(blueprint: Blueprint, name: string, image: string, options?: MakeOptions): Promise<string>;
  /** Keeps the files of a container, without those on volumes, as an image of this name. */
  commit(id: string, imageName: string): Promise<void>;
  /** Gives the image of this id another name. */
  tag(imageId: string, imageName: string): Promise<void>;
  /** Where it can be the manager of a swarm. */
  readonly services?: ServicesPort;
  /** Takes a name from its image; one that has no other name and no container goes. No such name is a success. */
  untag(imageName: string): Promise<void>;
}

export interface MakeOptions {
  readonly leavesImageOut?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An engine that can be shown. */
export interface EngineOffer {
  /** What is remembered of a choice: AS_DOCKER, `context:NAME`, or a host string. */
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  /** The docker command would use this one. */
  readonly isDockers: boolean;
  /** Of AS_DOCKER: who decides what the docker command uses. */
  readonly why?: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

/** The id of the offer that follows the docker command. */
export const AS_DOCKER = 'docker';

/** Where engines come from. */
export interface EngineSource {
  /** Every engine that seems to be there, AS_DOCKER first; none is connected to. */
  find(): Promise<readonly EngineOffer[]>;
  /** The engines with these ids, each once. Never rejects: one that cannot be had says why at each call. */
  open(ids: readonly string[]): Promise<readonly EnginePort[]>;
  /** Tells when the docker command may have got another engine. */
  watch(onChange: () => void): Disposable;
}

/** One devcontainer.json on disk. */
export interface ConfigFile {
  /** Absolute path of the folder that the dev container is made for. */
  readonly workspaceFolder: string;
  /** Absolute path of the configuration. */
  readonly configFile: string;
}

/** What reading a configuration gave. */
export type ConfigReading =
  | {
      readonly status: 'ok';
      /** The text as it stands, without a byte order mark. */
      readonly text: string;
      /** The parsed value; own keys only. */
      readonly value: Readonly<Record<string, unknown>>;
      /** Milliseconds since 1970 on the host's clock. */
      readonly modifiedAt: number;
    }
  | { readonly status: 'missing' }
  | { readonly status: 'invalid'; readonly problem: ConfigProblem; readonly modifiedAt?: number };

export interface ConfigReader {
  /** Never rejects: what cannot be read is `missing` or `invalid` with the reason. */
  read(configFile: string): Promise<ConfigReading>;
  /** Reads the text once, and then finds lines of properties in it, from 1; undefined for one that is not there. */
  placesIn(text: string): (propertyPath: readonly string[]) => { readonly line: number } | undefined;
}

/**
 * What a container is made from besides devcontainer.json. `compose` is the merged model that the compose command
 * gives; `composeFile` one of its files as it stands, for where there is no such command or no trust to run it.
 */
export type InputKind =
  | 'dockerfile'
  | 'context'
  | 'compose'
  | 'composeFile'
  | 'environment'
  | 'envFile'
  | 'feature'
  | 'lockfile'
  | 'watched';

/** A text, or a list that is compared item by item. One that begins with `#` is a digest: compared, never shown. */
export type InputValue = string | readonly string[];

/** One input as it is now, in terms in which it can be compared. */
export interface InputReading {
  readonly kind: InputKind;
  /** For people, and the same at each reading: the path from the workspace folder, or `${localEnv:NAME}`. */
  readonly input: string;
  /** Absolute path of the file or folder behind it. */
  readonly file?: string;
  /** What counts, by property; the property `` is the whole. Empty while there is a problem. */
  readonly values: Readonly<Record<string, InputValue>>;
  /** Where a property stands in the file, from 1; for a list, where each item does. */
  readonly lines?: Readonly<Record<string, number | readonly number[]>>;
  /** The file's text, where people may want to see how it differs; none for more than 64 KiB. */
  readonly text?: string;
  /** When it is that of an earlier reading, so are the values: they need not be worked out again. */
  readonly fingerprint?: string;
  /** Last write to any part of it, milliseconds since 1970 on the host's clock. */
  readonly modifiedAt?: number;
  /** Why it cannot be read, and which property of the configuration names it. */
  readonly problem?: ConfigProblem & { readonly property?: readonly string[] };
  /** Of a build context, the Dockerfile: `lines` say where in it a path, or a folder above, is named. */
  readonly namedIn?: string;
  /** Of a build context, files of earlier readings that are still there, though nothing takes them any more. */
  readonly untaken?: readonly string[];
  /** What is wrong in its file although it can be read. */
  readonly flaws?: readonly Flaw[];
}

/** Something wrong at a line of a file, from 1. */
export interface Flaw {
  readonly message: string;
  readonly line: number;
}

/** Everything that a container is made from besides devcontainer.json. */
export interface InputSet {
  readonly readings: readonly InputReading[];
  /** Absolute paths of files whose change means that the set has to be read again, there or not. */
  readonly files: readonly string[];
  /** The same for folders: a file in it, not below, may come, change or go. */
  readonly folders: readonly string[];
  /** The images that it is made on, as far as they can be told without building. */
  readonly bases?: readonly BaseImage[];
  /** With Compose, whose container it is; undefined where that cannot be known. */
  readonly compose?: ComposeService;
}

export interface InputRequest extends ConfigFile {
  /** The configuration's value. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Earlier readings, whose values serve again where the fingerprint is the same. */
  readonly known: readonly InputReading[];
}

export interface InputReader {
  /** Never rejects: what cannot be read has a problem. Reads no file twice that did not change. */
  read(request: InputRequest): Promise<InputSet>;
}

export interface ConfigFinder {
  /** Walks the folders for configurations; bounded in depth and number, and says in the log when it stops early. */
  find(folders: readonly string[], signal?: AbortSignal): Promise<ConfigFile[]>;
}

export interface ConfigWatcher extends Disposable {
  /**
   * Replaces the set of files that are watched, and of folders in which any file that comes or goes is told. Settles
   * once no change of a file after what is read of it from then on will be missed, which is long before it is watched.
   */
  watch(files: readonly string[], folders?: readonly string[]): Promise<void>;
  /** Replaces the set of project folders in which new configurations are noticed. */
  watchFolders(folders: readonly string[]): void;
  /** A watched file may have changed, come or gone; of a watched folder, the folder. */
  readonly onDidChange: Event<string>;
  /** A configuration file that is not in the set may have come: time for a walk. */
  readonly onDidFindNew: Event<string>;
  /** Watching does not work here, in words; told once. */
  readonly onDidFail: Event<string>;
}

/** Small values that outlive the window, one file a key. */
export interface RecordStore {
  /** Every value that could be read, by key; broken ones are left out. */
  readAll(): Promise<Map<string, unknown>>;
  /** Undefined when there is none, or it could not be read. */
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
  /** Writes only where there is no value yet, also when another process tries at the same moment; false otherwise. */
  create(key: string, value: unknown): Promise<boolean>;
  remove(key: string): Promise<void>;
  /** Calls back soon after a value may have come, changed or gone, be it by another process; with no key: any may. */
  watch?(onChange: (key?: string) => void): Disposable;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** One readable line of a job's log: no escape sequences, no line ends. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  /** Line of the full log in which it ends, from 1. */
  readonly line?: number;
}

/** Something that the CLI's log says about where a job stands. */
export type CliProgress =
  | { readonly kind: 'read' }
  | { readonly kind: 'pull'; readonly image: string }
  | { readonly kind: 'build'; readonly step?: number; readonly steps?: number; readonly instruction?: string }
  | { readonly kind: 'create' }
  | { readonly kind: 'start' }
  | { readonly kind: 'hook'; readonly name: string; readonly status: 'running' | 'succeeded' | 'failed' };

export interface CliRequest {
  readonly workspaceFolder: string;
  readonly configFile: string;
  readonly engine: EngineEndpoint;
  readonly noCache: boolean;
  /**
   * Replace this container. It stays untouched until the image is there; then it is stopped and renamed to
   * `setAsideName`, or, where none is given (Compose finds its containers by label), kept as the image `copyName`
   * and removed.
   */
  readonly replace?: {
    readonly containerId: string;
    readonly setAsideName?: string;
    readonly copyName?: string;
  };
  /** Ids of its duplicates: the CLI must not take one of them for the dev container, in whatever order they are listed. */
  readonly duplicates?: readonly string[];
  /** What the CLI is to take for the metadata label of the container that it starts. */
  readonly metadata?: { readonly containerId: string; readonly label: string };
  /** The configuration's text, where it is to be another than that of the file. */
  readonly configText?: string;
  /** Hooks that are to run once more although they were begun before: `postCreateCommand`. */
  readonly runAgain?: readonly string[];
  /** Told as soon as the CLI runs, so that another window can follow it to its end. */
  readonly onStarted?: (run: CliRun) => Promise<void>;
  /** File of secrets for the CLI's `--secrets-file`; its values never show in the log. */
  readonly secretsFile?: string;
}

/** A run of the CLI, by which it is found again. */
export interface CliRun {
  readonly pid: number;
  /** The folder of its files, by name. */
  readonly folder: string;
}

export interface CliResult {
  /** The CLI's own word, undefined when it died without one. */
  readonly outcome?: 'success' | 'error';
  readonly exitCode?: number;
  readonly containerId?: string;
  /** Why it failed, one line. */
  readonly message?: string;
  /** Why it failed, with the place that is to blame as far as the log tells; undefined after a success. */
  readonly failure?: CliFailure;
  /** The last lines of the log, for a CLI that died without a word. */
  readonly tail: readonly string[];
  /** When the container to replace was given up, on the host's clock; undefined while it is untouched. */
  readonly replacedAt?: number;
  /** The full log as the CLI wrote it. */
  readonly logFile: string;
}

/** Why the CLI failed: one line, and the place in a file when the log points at one (line from 1). */
export interface CliFailure {
  readonly kind: 'build' | 'run' | 'lifecycle' | 'other';
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** What was run: a hook's command, a step of the Dockerfile. */
  readonly command?: string;
  readonly exitCode?: number;
  /** Line of the full log in which it shows, from 1. */
  readonly logLine?: number;
}

export interface CliListener {
  onLine(line: LogLine): void;
  /** @param at when, in milliseconds since 1970, as far as the log tells. */
  onProgress(progress: CliProgress, at?: number): void;
  /** Told the file of the full log before anything of it, and when the run began, in milliseconds since 1970. */
  onLog?(file: string, at: number): void;
  /** What was put out last has no line end yet: a prompt may look like this. Empty where it cannot be one. */
  onUnfinished?(text: string): void;
}

/** The Dev Containers CLI. */
export interface DevContainerCli {
  /**
   * Runs `devcontainer up`. Rejects with cliMissing when it cannot be started, with cancelled when the signal
   * ended it; by then no process of it is left.
   */
  up(request: CliRequest, listener: CliListener, signal: AbortSignal): Promise<CliResult>;
  /**
   * Takes a run over that a window began which is gone: tells its log from the first line and waits for its end, as
   * `up` does. `isAlive` says whether its process still works.
   */
  follow(
    run: CliRun & { readonly isAlive: () => boolean },
    request: CliRequest,
    listener: CliListener,
    signal: AbortSignal,
  ): Promise<CliResult>;
}

/** Reads the full logs of runs again. */
export interface LogReader {
  /** Tells a log to a listener as it was told while it was written; false when there is none any more. */
  replay(file: string, startedAt: number, listener: CliListener): Promise<boolean>;
  /** Follows a log as a terminal may show it: coloured, and harmless. */
  follow(file: string, onText: (text: string) => void): LogFollower;
}

export interface LogFollower extends Disposable {
  /** Nothing more is written: settles once all of it was told. */
  finish(): Promise<void>;
}
