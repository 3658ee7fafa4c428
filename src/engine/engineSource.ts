import { ShipshapeError, messageOf } from '../common/errors';
import type { Disposable } from '../api';
import type { Logger } from '../common/logger';
import { brokenEngine } from '../core/brokenEngine';
import { AS_DOCKER, type EngineOffer, type EnginePort, type EngineSource } from '../core/ports';
import { DockerEngine } from './client';
import { ContextWatch } from './contextWatch';
import { distinct, dockersChoice, engineOf, findEngines, placeOf } from './discovery';
import { resolveEndpoint, type ResolvedEndpoint } from './endpoints';
import { thisSystem, type System } from './system';

export interface LocalEnginesOptions {
  /** Host string from the user's settings; it comes before all that the docker command looks at. */
  readonly setting: () => string | undefined;
  readonly logger: Logger;
  readonly system?: System;
}

/** The engines that this machine knows of. */
export class LocalEngines implements EngineSource {
  readonly #options: LocalEnginesOptions;
  readonly #system: System;

  constructor(options: LocalEnginesOptions) {
    this.#options = options;
    this.#system = options.system ?? thisSystem();
  }

  async find(): Promise<EngineOffer[]> {
    const { setting, logger } = this.#options;
    const [dockers, found] = await Promise.all([
      dockersChoice(setting(), this.#system, logger),
      findEngines(this.#system, logger),
    ]);
    const { endpoint, why, problem } = dockers;
    const place = endpoint && (await placeOf(endpoint, this.#system));
    const offers = found.map(async (each) =>
      'problem' in each
        ? { ...each, endpoint: '', isDockers: false }
        : {
            id: each.id,
            name: each.endpoint.name,
            endpoint: each.endpoint.endpoint,
            isDockers: (await placeOf(each.endpoint, this.#system)) === place,
          },
    );
    return [
      {
        id: AS_DOCKER,
        name: endpoint?.name ?? 'Docker',
        endpoint: endpoint?.endpoint ?? '',
        isDockers: true,
        why,
        ...(problem === undefined ? {} : { problem }),
      },
      ...(await Promise.all(offers)),
    ];
  }

  async open(ids: readonly string[]): Promise<EnginePort[]> {
    const all = await Promise.all(ids.map((id) => this.#resolve(id)));
    const usable = all.filter((each) => 'transport' in each);
    const kept = new Set<object>(await distinct(usable, (endpoint) => endpoint, this.#system));
    return all.flatMap((each) => {
      if (!('transport' in each)) return each;
      return kept.has(each) ? new DockerEngine(each, { logger: this.#options.logger }) : [];
    });
  }

  watch(onChange: () => void): Disposable {
    return new ContextWatch(onChange, { system: this.#system, logger: this.#options.logger });
  }

  async #resolve(id: string): Promise<ResolvedEndpoint | EnginePort> {
    const { setting, logger } = this.#options;
    try {
      return id === AS_DOCKER
        ? await resolveEndpoint(setting(), this.#system, logger)
        : await engineOf(id, this.#system);
    } catch (error) {
      const why =
        error instanceof ShipshapeError ? error : new ShipshapeError('engineFailed', messageOf(error));
      const asked = setting() ?? this.#system.env['DOCKER_HOST'] ?? 'docker';
      const name = id.replace(/^context:/, '');
      return id === AS_DOCKER ? brokenEngine('Docker', asked, why) : brokenEngine(name, id, why);
    }
  }
}
