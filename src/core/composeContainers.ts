import { own } from '../common/record';
import type { ComposeService } from './composeService';
import type { Configs } from './configs';
import type { EngineRows, Entry } from './engineRows';
import type { Engines } from './engines';
import {
  baseName,
  comparable,
  COMPOSE_FILES_LABEL,
  COMPOSE_FOLDER_LABEL,
  COMPOSE_ONE_OFF_LABEL,
  COMPOSE_PROJECT_LABEL,
  COMPOSE_SERVICE_LABEL,
  type DevIdentity,
  keyOf,
  pickActive,
} from './identity';
import type { Inputs, WantedInputs } from './inputs';
import type { ConfigFile, ContainerFacts } from './ports';

/** Where configurations and what Compose makes of them come from. */
export interface ComposeSources {
  readonly configs: Pick<Configs, 'found' | 'reading'>;
  readonly inputs: Pick<Inputs, 'of'>;
  readonly engines: Pick<Engines, 'find'>;
  readonly mayRead: (workspaceFolder: string) => boolean;
}

/** A container that is a dev container although its labels do not say so. */
export interface Adopted {
  readonly identity: DevIdentity;
  readonly facts: ContainerFacts;
}

interface Composed extends WantedInputs {
  readonly service: string;
  /** Name of the first Compose file, empty where it is not known: by it most containers are passed over unread. */
  readonly file: string;
}

/**
 * Finds the containers that plain Compose made for configurations that have none of their own: the Dev Containers CLI
 * looks them up by project and service, and takes them over.
 */
export class ComposeContainers {
  #wanted: readonly WantedInputs[] = [];
  readonly #asked = new WeakSet<ContainerFacts>();

  constructor(private readonly sources: ComposeSources) {}

  /** Configurations of which a container may be: their inputs say what Compose calls it. */
  get wanted(): readonly WantedInputs[] {
    return this.#wanted;
  }

  /**
   * Marks the rows of those that are dev containers, and gives them; `hasOwn` tells of the key of a dev container
   * whether a container claims to be it.
   */
  find(engines: ReadonlyMap<string, EngineRows>, hasOwn: (key: string) => boolean): Adopted[] {
    const configs = this.#composed();
    const wanted = new Set<WantedInputs>();
    const found: Adopted[] = [];
    for (const [engine, rows] of engines) {
      const keys = new Map<Entry, string>();
      for (const { service, file, ...config } of configs) {
        const { workspaceFolder, configFile } = config;
        const identity = { engine, workspaceFolder, configFile };
        const candidates = rows
          .ofService(service)
          .filter(({ facts }) => facts.labels[COMPOSE_FILES_LABEL]?.includes(file));
        if (candidates.length === 0 || hasOwn(keyOf(identity))) continue;
        wanted.add(config);
        const compose = this.sources.inputs.of(configFile)?.compose;
        const entry = compose && taken(candidates, compose);
        if (!entry || keys.has(entry)) continue;
        keys.set(entry, keyOf(identity));
        found.push({ identity, facts: entry.facts });
        this.#askMore(engine, entry.facts);
      }
      rows.assign(keys);
    }
    this.#wanted = [...wanted];
    return found;
  }

  /** A list gives whole seconds: too coarse to say whether a configuration was written before or after. */
  #askMore(engine: string, facts: ContainerFacts): void {
    if (this.#asked.has(facts)) return;
    this.#asked.add(facts);
    // Why an engine does not answer is told elsewhere.
    void this.sources.engines
      .find(engine)
      ?.refreshOne(facts.id)
      .catch(() => undefined);
  }

  /** The configurations that name a Compose service. */
  #composed(): Composed[] {
    return this.sources.configs.found.flatMap((found: ConfigFile) => {
      const reading = this.sources.configs.reading(found.configFile);
      const config = reading?.status === 'ok' ? reading.value : {};
      const [service, files] = [own(config, 'service'), own(config, 'dockerComposeFile')];
      if (typeof service !== 'string' || files === undefined) return [];
      if (!this.sources.mayRead(found.workspaceFolder)) return [];
      const [first] = [files].flat();
      const isLiteral = typeof first === 'string' && !first.includes('$');
      return [{ ...found, config, service, file: isLiteral ? baseName(first) : '' }];
    });
  }
}

/** Of several, as of a service that was scaled, the one that the CLI takes. */
function taken(candidates: readonly Entry[], compose: ComposeService): Entry | undefined {
  const matching = candidates.filter(({ facts }) => isOf(facts.labels, compose));
  const active = pickActive(matching.map(({ facts }) => facts));
  return matching.find(({ facts }) => facts === active);
}

/** Whether a container with these labels is this service's: of the same project, made from the same files. */
export function isOf(labels: Readonly<Record<string, string>>, compose: ComposeService): boolean {
  const folder = labels[COMPOSE_FOLDER_LABEL];
  return (
    labels[COMPOSE_PROJECT_LABEL] === compose.project &&
    labels[COMPOSE_SERVICE_LABEL] === compose.service &&
    labels[COMPOSE_ONE_OFF_LABEL]?.toLowerCase() !== 'true' &&
    folder !== undefined &&
    comparable(folder) === comparable(compose.folder) &&
    areSame(labels[COMPOSE_FILES_LABEL]?.split(',') ?? [], compose.files)
  );
}

function areSame(labelled: readonly string[], files: readonly string[]): boolean {
  return labelled.length === files.length && files.every((file, n) => isSameFile(labelled[n] ?? '', file));
}

/** Compose 1 notes a path as it was given, from a folder that it does not tell. */
function isSameFile(labelled: string, file: string): boolean {
  if (/^([a-zA-Z]:)?[\\/]/.test(labelled)) return comparable(labelled) === comparable(file);
  const tail = labelled.replace(/\\/g, '/').replace(/^(\.{1,2}\/)+/, '');
  return tail !== '' && `/${comparable(file).replace(/\\/g, '/')}`.endsWith(`/${tail}`);
}
