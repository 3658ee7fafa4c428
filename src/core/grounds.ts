import type { Grounds } from './drift';
import type { Inputs, WantedInputs } from './inputs';
import { isLockfile } from './left';
import type { OkReading } from './madeFrom';
import type { EnginePort, InputReading } from './ports';

/**
 * What a container that a job has just made was made from: configuration and inputs as they were before the build, so
 * that an edit during it stays a change, but the lockfile as the CLI has written it, and the image's name as the build
 * left it.
 */
export async function groundsAfterJob(
  engine: EnginePort,
  inputs: Inputs,
  wanted: WantedInputs,
  before: { readonly reading: OkReading; readonly inputs: readonly InputReading[] },
): Promise<Grounds> {
  const { readings } = await inputs.read(wanted);
  const image = before.reading.value['image'];
  const id = typeof image === 'string' ? await engine.imageId(image).catch(() => undefined) : undefined;
  return {
    reading: before.reading,
    inputs: [...before.inputs.filter((input) => !isLockfile(input)), ...readings.filter(isLockfile)],
    images: typeof image === 'string' && id !== undefined ? { [image]: id } : {},
  };
}

/**
 * What the name of a container's image means after a job that kept that container: its build may have moved the name,
 * and that is nothing that the user did.
 */
export async function imagesAfterFailure(
  engine: EnginePort,
  containerId: string,
): Promise<Record<string, string>> {
  try {
    const reference = (await engine.details(containerId))?.imageReference;
    const id = reference === undefined ? undefined : await engine.imageId(reference);
    return reference === undefined || id === undefined ? {} : { [reference]: id };
  } catch {
    // Without an answer the name is told as moved: one change too many costs less than one too few.
    return {};
  }
}
