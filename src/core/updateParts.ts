import type { ImageCheck, UpdateReport } from '../api';
import type { Logger } from '../common/logger';
import type { Engines } from './engines';
import type { EngineStore } from './engineStore';
import type { Checked } from './imageChecks';
import type { ImageReference } from './imageReference';
import type { ContainerFacts } from './ports';
import type { RegistryLogin } from './pullPorts';
import type { Quarantine } from './quarantine';
import type { ReplacementEnd } from './replaceContainers';
import type { UpdatePolicy } from './updatePolicy';
import type { Unit } from './updateUnits';

export interface UpdateParts {
  readonly engines: Pick<Engines, 'find'>;
  /** How images stand to their registries now; never rejects for one of them. */
  readonly check: (checked: readonly Checked[]) => Promise<readonly ImageCheck[]>;
  readonly findLogin: (reference: ImageReference, authFile?: string) => Promise<RegistryLogin | undefined>;
  readonly quarantine: Quarantine;
  /** Makes the containers of a unit anew from what the names of their images mean now: all of them or none. */
  readonly renew: (unit: Unit, tasks: readonly Task[], signal: AbortSignal) => Promise<ReplacementEnd>;
  readonly logger: Logger;
}

export interface UpdateOptions {
  /** Nothing is touched: what would be done is `pending`. */
  readonly dryRun?: boolean;
  /** Takes images too with which a container did not work. */
  readonly retriesBad?: boolean;
  readonly signal?: AbortSignal;
  /** What is being done, in words. */
  readonly onProgress?: (words: string) => void;
}

/** One container of an update, and what is said of it at the end. */
export interface Task {
  readonly store: EngineStore;
  readonly container: ContainerFacts;
  /** Its label's, or `manual`: asked for by name. */
  readonly policy: UpdatePolicy | 'manual';
  /** The raw name of its image. */
  image: string;
  /** The name has to be asked for in its registry; else what it means on the engine counts. */
  isPulled: boolean;
  /** The image that it moves to, once that is on the engine. */
  newImageId?: string;
  /** The login with which that was fetched. */
  login?: RegistryLogin;
  report: UpdateReport;
}
