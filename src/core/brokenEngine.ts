import type { ShipshapeError } from '../common/errors';
import type { EnginePort } from './ports';

/** Stands for an engine whose address makes no sense: every call says why. */
export function brokenEngine(name: string, endpoint: string, error: ShipshapeError): EnginePort {
  const refuse = (): Promise<never> => Promise.reject(error);
  return {
    key: `broken:${endpoint}`,
    name,
    endpoint,
    env: {},
    list: refuse,
    inspect: refuse,
    details: refuse,
    changes: refuse,
    writtenBytes: refuse,
    imageId: refuse,
    image: refuse,
    pull: refuse,
    insecureRegistries: refuse,
    ping: refuse,
    clockSkew: refuse,
    openEvents: refuse,
    start: refuse,
    stop: refuse,
    rename: refuse,
    remove: refuse,
    blueprint: refuse,
    make: refuse,
    commit: refuse,
    tag: refuse,
    untag: refuse,
    dispose: () => undefined,
  };
}
