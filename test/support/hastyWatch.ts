import { silentLogger } from '../../src/common/logger';
import { hostTimers } from '../../src/common/scheduling';
import { EngineStore } from '../../src/core/engineStore';
import { EngineWatch, type WatchLimits } from '../../src/core/engineWatch';
import { DockerEngine } from '../../src/engine/client';
import { resolveEndpoint } from '../../src/engine/endpoints';
import type { Limits } from '../../src/engine/limit';

/** The watchdog at a tenth of its real limits; no safety list makes up for what is missed. */
const hasty: WatchLimits = {
  ...{ answerMs: 3_000, pingMs: 1_500, safetyListMs: 600_000, stableMs: 60_000, sleptMs: 60_000 },
  ...{ backoffBaseMs: 500, localCapMs: 1_000, remoteCapMs: 1_000, silentCapMs: 1_000 },
};

/** A store over a real connection, and the watch that keeps it in step, in a hurry. */
export async function watchHastily(
  endpoint: string,
  limits: Partial<WatchLimits> = {},
  calls: Partial<Limits> = { ping: 500, list: 500, inspect: 500, headers: 300 },
) {
  const port = new DockerEngine(await resolveEndpoint(endpoint), { limits: calls });
  const store = new EngineStore(port, hostTimers, silentLogger);
  const watch = new EngineWatch(store, hostTimers, silentLogger, { ...hasty, ...limits });
  watch.start();
  return {
    store,
    dispose: (): void => {
      watch.dispose();
      store.dispose();
      port.dispose();
    },
  };
}
