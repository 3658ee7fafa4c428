import { join } from 'node:path';
import type { UpdateReport } from '../../src/api';
import { silentLogger as logger } from '../../src/common/logger';
import { hostTimers as timers } from '../../src/common/scheduling';
import { ImageChecks } from '../../src/core/imageChecks';
import { Quarantine } from '../../src/core/quarantine';
import { Replacements } from '../../src/core/replacements';
import { update } from '../../src/core/update';
import type { UpdateOptions, UpdateParts } from '../../src/core/updateParts';
import { updateWays } from '../../src/core/updateWays';
import type { RegistryClient } from '../../src/registry/client';
import { FileRecords } from '../../src/storage/fileRecords';
import { hostProcesses } from '../../src/storage/processes';
import type { Core } from './core';

export interface UpdateGround {
  readonly core: Core;
  /** Folder of the records, which outlive one update. */
  readonly storage: string;
  readonly registries: RegistryClient;
}

/** Updates the containers of these names, on the core's first engine, as the extension does it. */
export async function updateNamed(
  { core, storage, registries }: UpdateGround,
  names: readonly string[],
  options?: UpdateOptions,
): Promise<readonly UpdateReport[]> {
  const [store] = core.engines.stores;
  if (!store) throw new Error('no engine');
  await store.refresh();
  const chosen = names.map((name) => {
    const container = store.containers().find((each) => each.name === name);
    if (!container) throw new Error(`There is no ${name}.`);
    return { engine: store.engine.key, container };
  });
  const checks = new ImageChecks({
    ...{ engines: core.engines, statuses: core.statuses, registry: registries, timers, logger },
    lifetimes: () => ({ status: 0, remote: 0, forced: 0 }),
  });
  const records = (of: string): FileRecords => new FileRecords(join(storage, of), logger);
  const ways = {
    ...{ recreate: core.recreate, isTrusted: () => true, healthMs: () => 30_000, timers },
    replacements: new Replacements(records('replacements'), hostProcesses, logger),
  };
  const parts: UpdateParts = {
    ...{ engines: core.engines, logger, renew: updateWays(ways) },
    check: (checked) => checks.check(checked, { force: true }),
    findLogin: (...args) => registries.login(...args),
    quarantine: new Quarantine(records('quarantine'), timers),
  };
  try {
    return await update(parts, chosen, options);
  } finally {
    checks.dispose();
  }
}
