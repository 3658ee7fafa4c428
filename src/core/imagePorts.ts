import type { ImageReference } from './imageReference';

/** What a registry is asked with, beyond the image's name. */
export interface RegistryAccess {
  /** Hosts (`registry.lan:5000`) and ranges of addresses (`10.0.0.0/8`) to which the engine talks without TLS. */
  readonly insecure: readonly string[];
  /** Absolute path of the file of credentials that the container asks for by its label. */
  readonly authFile?: string;
}

/** What a name means in its registry now. */
export interface RemoteManifest {
  /** Of the index where the image is there for several platforms, else of its only manifest. */
  readonly digest: string;
}

/** The platform that an image was made for, in the engine's words: `linux`, `arm64`, `v8`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** An image that a dev container is made on, and what names it. */
export interface BaseImage {
  /** As it stands there, with values for variables. */
  readonly reference: string;
  /** The file that names it, from the workspace folder: `.devcontainer/Dockerfile`. */
  readonly input: string;
  /** Absolute path of that file. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** The name of the Dockerfile's stage. */
  readonly stage?: string;
  /** The Compose service that is made on it, where that is another than the dev container's. */
  readonly service?: string;
  /** The image that is made begins with its layers; of others, files are taken. */
  readonly isBegunWith: boolean;
}

/** One image as its engine has it. */
export interface ImageFacts {
  /** `sha256:` in front. */
  readonly id: string;
  /** `repository@digest`; none where it was built here. */
  readonly repoDigests: readonly string[];
  /** The names that mean it now, in the engine's way of writing. */
  readonly repoTags: readonly string[];
  readonly platform: Platform;
  /** Digests of its layers, the lowest first: an image that is made on another begins with all of that one's. */
  readonly layers: readonly string[];
}

/** What a digest stands for on one platform. */
export interface PlatformImage {
  /** Of the platform's own manifest. */
  readonly manifest: string;
  /** Of the image's configuration, by which most engines call the image: its id. */
  readonly config: string;
}

/** Registries of images. Each call has a time limit of its own; none ever hangs. */
export interface RegistryPort {
  /** One HEAD in most cases. Rejects with a RegistryError, or with `cancelled`. */
  head(reference: ImageReference, access: RegistryAccess, signal?: AbortSignal): Promise<RemoteManifest>;
  /** What the digest stands for on a platform, undefined when it has nothing for it. Two GETs; rejects as `head`. */
  onPlatform(
    reference: ImageReference,
    digest: string,
    platform: Platform,
    access: RegistryAccess,
    signal?: AbortSignal,
  ): Promise<PlatformImage | undefined>;
}

/** Why a registry did not tell; the message is for people and names the registry. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    message: string,
    readonly details: {
      /** HTTP status of the answer, where there was one. */
      readonly status?: number;
      /** The registry wants no requests before, in milliseconds since 1970. */
      readonly retryAt?: number;
    } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
