import type { Platform } from './imagePorts';
import type { ImageReference } from './imageReference';

/** How to log in to a registry: a name and a password, or a token that gives others. */
export type RegistryLogin =
  { readonly username: string; readonly password: string } | { readonly identityToken: string };

/** Logins of registries, as docker keeps them. */
export interface LoginPort {
  /** What an engine needs to pull the image, if anything; rejects with a RegistryError for a file that cannot be read. */
  login(reference: ImageReference, authFile?: string): Promise<RegistryLogin | undefined>;
}

export interface PullOptions {
  /** The image is for this platform; for the engine's own when absent. */
  readonly platform?: Platform;
  /** Goes to the engine, which gives it to the image's registry alone. */
  readonly login?: RegistryLogin;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/** How far a pull is, as far as the engine has told: engines tell sizes as they come to the layers. */
export interface PullProgress {
  readonly layers: number;
  readonly doneLayers: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Swarm services, as far as they are updated. Only a manager of the swarm answers; rejects as the engine does. */
export interface ServicesPort {
  /** Asks for the service to be made from another image, one task after another, or as it was before. */
  update(name: string, to: ServiceImage | 'previous', signal?: AbortSignal): Promise<void>;
  /** How the last update of the service stands; `message` says what the swarm says of it. */
  progress(name: string, signal?: AbortSignal): Promise<ServiceProgress>;
}

export interface ServiceImage {
  readonly image: string;
  readonly login?: RegistryLogin;
}

export interface ServiceProgress {
  readonly state: 'updating' | 'completed' | 'failed';
  readonly message: string;
}
