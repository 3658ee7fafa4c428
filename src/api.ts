/**
 * What `activate` returns: the interface that other extensions may rely on. All values are plain data, copies of
 * the extension's own. Times are milliseconds since 1970, on the engine's clock where the engine gives them.
 * Fields may be added, none removed.
 */

/** Stops a subscription. Shaped like the editor's own Disposable. */
export interface Disposable {
  dispose(): void;
}

/** Shaped like the editor's own Event. */
export type Event<T> = (listener: (e: T) => unknown) => Disposable;

export interface ShipshapeApi {
  readonly apiVersion: 1;
  /** The current snapshot, once every engine has answered or failed for the first time. */
  snapshot(): Promise<Snapshot>;
  /** Fires after each change with the keys of engines, dev containers and containers that changed. */
  readonly onDidChange: Event<{ readonly keys: readonly string[]; readonly snapshot: Snapshot }>;
  /** Creates the dev container, on the target's engine if it names one, or starts the one that is there. */
  up(target: Target, options?: JobOptions): Promise<JobOutcome>;
  /** Builds first, then replaces the container; a failure leaves the old one running. */
  recreate(target: Target, options?: JobOptions): Promise<JobOutcome>;
  /** Goes back to the container that was kept, or makes one anew from the last image that worked. */
  rollBack(target: Target): Promise<JobOutcome>;
  /**
   * How the images of containers and dev containers stand to their registries, in the order of the keys; without keys, of
   * all containers. What was found in the last minutes serves again unless it is forced; even then a registry is not
   * asked twice in five seconds.
   */
  checkImages(options?: CheckOptions): Promise<readonly ImageCheck[]>;
  /**
   * Updates the containers and dev containers of these keys to newer images, one unit after another, and tells what
   * became of each; with `dryRun` only what would. A container whose new one does not run and get healthy is rolled back.
   */
  update(keys: readonly string[], options?: { dryRun?: boolean }): Promise<readonly UpdateReport[]>;
}

export interface CheckOptions {
  /** Ask the registries now. */
  readonly force?: boolean;
  /** Of containers and dev containers in the snapshot. */
  readonly keys?: readonly string[];
}

export interface Snapshot {
  readonly engines: readonly Engine[];
  readonly devContainers: readonly DevContainer[];
  readonly containers: readonly Container[];
}

export interface Engine {
  readonly key: string;
  readonly name: string;
  /** Where it is reached, for people: `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  readonly status: 'connecting' | 'ready' | 'unavailable';
  /** Why it does not answer, in words. */
  readonly error?: string;
  readonly errorKind?: EngineErrorKind;
  /** Since when the containers shown are those of the last good list. */
  readonly staleSince?: number;
}

/** `missing`: nothing listens; `denied`: no permission; `silent`: no answer in time; `other`: see the message. */
export type EngineErrorKind = 'missing' | 'denied' | 'silent' | 'other';

export type DevContainerState =
  'notCreated' | 'created' | 'running' | 'paused' | 'restarting' | 'stopped' | 'missing' | 'unknown';

export type Activity =
  'idle' | 'starting' | 'stopping' | 'building' | 'recreating' | 'rollingBack' | 'removing';

export interface DevContainer {
  /** Engine, folder and configuration file: the identity, stable over recreates. */
  readonly key: string;
  /** Key of the engine. */
  readonly engine: string;
  readonly name: string;
  readonly workspaceFolder: string;
  readonly configFile?: string;
  readonly state: DevContainerState;
  readonly activity: Activity;
  readonly containerId?: string;
  /** How its container's image stands to its registry; undefined while it was not checked. */
  readonly image?: ImageCheck;
  /** The container does not match its configuration, or the configuration cannot be read. */
  readonly dirty: boolean;
  readonly changes: readonly Change[];
  /** The configuration file, or a Compose file that it names, cannot be used as it is. */
  readonly problem?: ConfigProblem;
  /** Its folder is not on this machine, so it cannot be recreated from here. */
  readonly isFolderMissing?: boolean;
  /**
   * Its folder was never open here as a trusted workspace, so that its configuration is not read: whether it is dirty is
   * not known.
   */
  readonly isUnread?: boolean;
  readonly failure?: Failure;
  /** What the running job is doing. */
  readonly job?: JobProgress;
  /** Since when it is `missing`. */
  readonly goneSince?: number;
  /** Other containers with the same identity: the engine should have one only. The newest is the one that counts. */
  readonly duplicates?: readonly string[];
  /** One of the duplicates runs, while the container that counts does not. */
  readonly duplicateRuns?: boolean;
  /** What Roll Back goes back to: a container that is kept, stopped, or else the image of an earlier one, given up then. */
  readonly previous?: { readonly containerId?: string; readonly at?: number };
}

/** Line and column count from 1. */
export interface ConfigProblem {
  readonly message: string;
  /** Absolute path of the file that is to blame, where that is another than the configuration. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The file is gone, though the container is there. */
  readonly isMissing?: boolean;
}

export interface JobProgress {
  /** In words: `building, step 3 of 7`. */
  readonly phase: string;
  readonly startedAt: number;
}

export interface Failure {
  readonly kind: 'build' | 'run' | 'lifecycle' | 'cancelled' | 'other';
  readonly message: string;
  readonly at: number;
  /** The place in a file that the failure points at, if it does; the line counts from 1. */
  readonly file?: string;
  readonly line?: number;
  /** What failed, where it is known: a hook's command, a step of the Dockerfile. */
  readonly command?: string;
  readonly exitCode?: number;
  /** Line of the job's `logFile` in which it shows, from 1. */
  readonly logLine?: number;
}

export type Effect = 'rebuild' | 'recreate' | 'restart' | 'none' | 'unknown';

export interface Change {
  /** Path of the file, relative to the workspace folder; `${localEnv:NAME}` for a variable of the host. */
  readonly input: string;
  /** Dotted path of the property: `containerEnv.NODE_ENV`. */
  readonly property?: string;
  /** What the container was made from: a property's value as JSON, of other inputs the text; at most 200 characters. */
  readonly from?: string;
  readonly to?: string;
  readonly effect: Effect;
  /** Absolute path of the file in which it can be seen; none for what is in no file. */
  readonly file?: string;
  /** Line of the property in that file, from 1. */
  readonly line?: number;
  /** What names `file`, which is not there any more and cannot be opened. */
  readonly namedAt?: { readonly file: string; readonly line?: number };
  /** Told by times or by the container's own settings, not by a record of what it was made from. */
  readonly probable?: true;
}

export interface Container {
  readonly key: string;
  readonly engine: string;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode?: number;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly Port[];
  readonly composeProject?: string;
  /** Key of the dev container that this container is. */
  readonly devContainer?: string;
  /** How its image stands to its registry; undefined while it was not checked. */
  readonly check?: ImageCheck;
}

/**
 * How the image of a container stands to its registry; of one that was built here, how the image stands that it was
 * built on.
 */
export interface ImageCheck {
  /** The name that the container, or its image, was made from. */
  readonly reference: string;
  readonly status: ImageStatus;
  /** Why, in words. */
  readonly reason?: string;
  readonly localDigest?: string;
  readonly remoteDigest?: string;
  /** When the registry, or where it was not needed the engine, was asked; on the host's clock. */
  readonly checkedAt?: number;
  /** Of a base image, absolute path of the file that names it, and the line in it, from 1. */
  readonly file?: string;
  readonly line?: number;
}

export type ImageStatus = 'processing' | 'outdated' | 'updated' | 'skipped' | 'preparing' | 'error';

/** What became of one container of an update. */
export interface UpdateReport {
  readonly containerId: string;
  readonly name: string;
  /** The raw name of its image. */
  readonly image: string;
  /** By its label `io.containers.autoupdate`; `manual` without one. */
  readonly policy: string;
  /** The dev container, systemd unit, service or Compose project that it is updated with. */
  readonly unit?: string;
  /** `false`: there was nothing to do, or `error` says what kept it from it; `pending`: a dry run. */
  readonly updated: 'failed' | 'false' | 'pending' | 'true' | 'rolled back';
  readonly error?: string;
  readonly newContainerId?: string;
  /** Digests in the registry; ids of images where it was not asked. */
  readonly from?: string;
  readonly to?: string;
  /** Key and name of its engine. */
  readonly engine: string;
  readonly environment: string;
  /** Its Compose project. */
  readonly project?: string;
  /** A container did not work with the newer image, which is left out until there is another. */
  readonly isQuarantined?: boolean;
}

export interface Port {
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostPort?: number;
  readonly hostIp?: string;
}

export interface Target {
  readonly workspaceFolder: string;
  readonly configFile?: string;
  /** Key of one of the snapshot's engines. */
  readonly engine?: string;
}

export interface JobOptions {
  readonly noCache?: boolean;
  readonly signal?: AbortSignal;
}

export interface JobOutcome {
  readonly outcome: 'succeeded' | 'failed' | 'rolledBack' | 'cancelled';
  readonly containerId?: string;
  readonly previousContainerId?: string;
  readonly failure?: Failure;
  /** Time without a running container, in milliseconds. */
  readonly downtimeMs: number;
  readonly logFile?: string;
  /** What became of containers that share its network, processes or memory, a sentence each. */
  readonly notes?: readonly string[];
}
