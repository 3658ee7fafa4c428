import type { Configs } from './configs';
import type { Drift } from './drift';
import type { DevIdentity } from './identity';
import { comparable } from './identity';
import { isBuiltByCli } from './imageNames';
import type { ImagesNow, ImageTags } from './imageTags';
import type { Inputs, WantedInputs } from './inputs';
import type { ConfigReading } from './ports';
import type { DevContainerFacts } from './snapshot';
import type { Case, Now } from './verdict';

export interface EvidenceSources {
  readonly configs: Configs;
  readonly inputs: Inputs;
  readonly images: ImageTags;
  readonly drift: Drift;
}

/** Everything by which a container is judged, as far as it is known by now; asks for what is missing. */
export function evidenceOf(
  { inputs, images, drift }: EvidenceSources,
  subject: Case,
  reading: ConfigReading,
  hasRivals: boolean,
): Now {
  const { engine, container, configFile } = subject;
  const own = images.of(engine, container);
  const named = reading.status === 'ok' ? reading.value['image'] : undefined;
  const isName = typeof named === 'string' && /^[^$]+$/.test(named);
  const base = isName ? images.idOf(engine, named) : undefined;
  const ofImages: ImagesNow = {
    // The configurations of one folder share the name of the image that the CLI builds.
    ...(own && !(hasRivals && isBuiltByCli(own.reference)) ? { own } : {}),
    ...(base ? { base } : {}),
    ...(isName && !base ? { isAsking: true } : {}),
  };
  const isRecorded = drift.madeFrom(engine, container.id) !== undefined;
  const details = isRecorded ? undefined : images.details(engine, container.id);
  return { reading, inputs: inputs.of(configFile), images: ofImages, details };
}

/** The configurations whose inputs matter: those of which there is a container. */
export function inputsOf(all: readonly DevContainerFacts[], configs: Configs): WantedInputs[] {
  return all.flatMap(({ container, configFile, workspaceFolder }) => {
    const reading = container && configFile ? configs.reading(configFile) : undefined;
    if (reading?.status !== 'ok' || !configFile) return [];
    return [{ workspaceFolder, configFile, config: reading.value }];
  });
}

/** The folders, in the form in which paths are compared, that have several configurations. */
export function foldersWithRivals(identities: Iterable<DevIdentity>): Set<string> {
  const configs = new Map<string, Set<string>>();
  for (const { workspaceFolder, configFile } of identities) {
    const folder = comparable(workspaceFolder);
    const known = configs.get(folder) ?? new Set();
    configs.set(folder, known.add(comparable(configFile ?? '')));
  }
  return new Set([...configs].filter(([, files]) => files.size > 1).map(([folder]) => folder));
}
