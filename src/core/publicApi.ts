import type {
  CheckOptions,
  ImageCheck,
  JobOptions,
  JobOutcome,
  ShipshapeApi,
  Snapshot,
  Target,
  UpdateReport,
} from '../api';
import { copy } from '../common/copy';
import { ShipshapeError } from '../common/errors';
import type { Inventory } from './inventory';
import type { JobKind } from './jobKinds';
import type { Recreate } from './recreate';

export interface ApiParts {
  readonly inventory: Inventory;
  readonly recreate: Recreate;
  readonly isTrusted: () => boolean;
  readonly update: (
    keys: readonly string[],
    options: { dryRun: boolean },
  ) => Promise<readonly UpdateReport[]>;
  readonly checkImages: (options: CheckOptions) => Promise<readonly ImageCheck[]>;
}

/** The API for other extensions: copies of our values, and the same rules as for our own commands. */
export function publicApi({ inventory, recreate, isTrusted, checkImages, update }: ApiParts): ShipshapeApi {
  const run = async (kind: JobKind, target: Target, options?: JobOptions | null): Promise<JobOutcome> => {
    checkTarget(target);
    if (!isTrusted())
      throw new ShipshapeError('untrusted', 'This workspace is not trusted, so nothing of it is run.');
    // Who names the engine waits for no other; else any of them may have the dev container that is meant.
    await inventory.ready(target.engine);
    const item = kind === 'up' ? inventory.findOrPlace(target) : inventory.find(target);
    return copy(await recreate.run(kind, item.key, options ?? {}));
  };
  return {
    apiVersion: 1,
    snapshot: async () => copy(await inventory.complete()),
    onDidChange: (listener) =>
      inventory.onDidChange(({ keys, snapshot }) => {
        let copied: Snapshot | undefined;
        // Copied only when looked at: a listener that wants the keys alone costs nothing with 10,000 containers.
        listener({
          keys: [...keys],
          get snapshot() {
            return (copied ??= copy(snapshot));
          },
        });
      }),
    up: (target, options) => run('up', target, options),
    recreate: (target, options) => run('recreate', target, options),
    rollBack: (target) => run('rollBack', target),
    checkImages: async (options) => {
      const { keys, force } = checkedOptions(options);
      return copy(await checkImages({ ...(keys ? { keys: [...keys] } : {}), force: force === true }));
    },
    update: async (keys, options) => {
      checkKeys(keys);
      return copy(await update([...keys], { dryRun: options?.dryRun === true }));
    },
  };
}

function checkedOptions(options: CheckOptions | null | undefined): CheckOptions {
  if (options?.keys !== undefined) checkKeys(options.keys);
  return options ?? {};
}

function checkKeys(keys: unknown): asserts keys is readonly string[] {
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return;
  throw new ShipshapeError('invalidArgument', 'The keys of what is meant are a list of texts.');
}

function checkTarget(target: unknown): asserts target is Target {
  const { workspaceFolder, configFile, engine } = (target ?? {}) as Record<string, unknown>;
  if (typeof workspaceFolder !== 'string' || workspaceFolder === '') {
    throw new ShipshapeError('invalidArgument', 'A target needs a workspaceFolder, an absolute path.');
  }
  for (const [name, value] of Object.entries({ configFile, engine })) {
    if (value === undefined || typeof value === 'string') continue;
    throw new ShipshapeError('invalidArgument', `The target's ${name} is not a text.`);
  }
}
