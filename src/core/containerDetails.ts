/** What an engine tells of how a container was made; strings are as hostile as they come. */
export interface PortFacts {
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostPort?: number;
  readonly hostIp?: string;
}

/**
 * What a container was made with, as far as its engine tells; undefined is what it does not tell, or not all of it.
 * Engines add to what they were asked for, so that only what is missing says something.
 */
export interface ContainerDetails {
  /** The name of the image that it was made from, also when that name means another image by now. */
  readonly imageReference: string;
  /** `NAME=value`, with what the image brought. */
  readonly env?: readonly string[];
  /** What the image alone brings; undefined also when it is gone. */
  readonly imageEnv?: readonly string[];
  readonly imageUser?: string;
  readonly mounts?: readonly MountFacts[];
  readonly user?: string;
  readonly hostname?: string;
  readonly privileged?: boolean;
  readonly init?: boolean;
  readonly capAdd?: readonly string[];
  readonly securityOpt?: readonly string[];
  readonly portBindings?: readonly PortFacts[];
  readonly networkMode?: string;
  /** Names of the networks that it is in. */
  readonly networks?: readonly string[];
  readonly pidMode?: string;
  readonly ipcMode?: string;
  /** In bytes. */
  readonly shmSize?: number;
  /** In bytes; 0 is no limit. */
  readonly memory?: number;
  /** In billionths of one; 0 is no limit. */
  readonly nanoCpus?: number;
  readonly devices?: readonly { readonly onHost: string; readonly inContainer: string }[];
}

export interface MountFacts {
  /** `bind`, `volume`, `tmpfs`, … */
  readonly type: string;
  /** A path of the engine's host, or a volume's name; empty where there is none. */
  readonly source: string;
  readonly target: string;
  /** Undefined where the engine does not tell. */
  readonly isReadOnly?: boolean;
  /** It was asked for with more, such as `z` or `nocopy`. */
  readonly hasMore?: boolean;
}
