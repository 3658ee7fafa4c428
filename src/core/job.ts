import type { JobOptions } from '../api';
import type { EngineStore } from './engineStore';
import type { BaseImage } from './imagePorts';
import type { JobKind } from './jobKinds';
import type { MadeFrom, OkReading } from './madeFrom';
import type { Attempt } from './outcome';
import type { Blueprint, ContainerFacts, InputReading } from './ports';
import type { PreviousImage } from './previous';
import type { RunContainer } from './history';
import type { DevContainerFacts } from './snapshot';

/** The container that is to be replaced, with all that is wanted of it once it is gone. */
export interface Outgoing {
  readonly imageId: string;
  readonly blueprint: Blueprint;
  readonly madeFrom?: MadeFrom;
  /** Its own job did not go well: nobody wants to go back to it. */
  readonly hasFailed: boolean;
}

/** How a job is run. */
export interface RunOptions extends JobOptions {
  /** Fetches the images that it is made on first, so that it is made on their newest. */
  readonly pullsBases?: boolean;
}

/** A job of which all is known that must be known before anything is touched. */
export interface Job {
  readonly kind: JobKind;
  readonly facts: DevContainerFacts;
  /** When it began, be it in another window; milliseconds since 1970 on the host's clock. */
  readonly startedAt: number;
  /** The container that the dev container had then. */
  readonly from?: RunContainer;
  readonly store: EngineStore;
  /** The configuration as it was before the build; going back needs none. */
  readonly reading?: OkReading;
  /** As they were before the build. */
  readonly inputs: readonly InputReading[];
  /** The images that it is made on, as far as they are told. */
  readonly bases?: readonly BaseImage[];
  readonly attempt: Attempt;
  /** The container that is there and that the job starts. */
  readonly started?: ContainerFacts;
  readonly outgoing?: Outgoing;
  /** The image to go back to, where no container is kept. */
  readonly image?: PreviousImage;
  /** What the container to go back to was made from. */
  readonly madeFrom?: MadeFrom;
  /** Hooks to run once more. */
  readonly runAgain?: readonly string[];
}
