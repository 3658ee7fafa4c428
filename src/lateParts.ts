/** Parts that are loaded when they are needed first: each is a file of its own in dist/lib. */
import { join } from 'node:path';
import type { Disposable } from './api';
import type { Logger } from './common/logger';
import { later } from './common/later';
import type { ConfigFinder, DevContainerCli, InputReader } from './core/ports';
import type { FeaturePort } from './core/features';
import type { DevContainersCliOptions } from './devcontainers/cli';
import type { FileInputReaderOptions } from './devcontainers/inputs/reader';
import { FileRecords } from './storage/fileRecords';
import { hostProcesses } from './storage/processes';
import type { Images, ImagesParts } from './ui/images';
import type { Updates, UpdatesParts } from './ui/updates';
import { settings } from './ui/settings';

export function lateFinder(options: { readonly logger: Logger }): ConfigFinder {
  const finder = later(async () => {
    const { FileConfigFinder } = await import('./devcontainers/configFinder');
    return new FileConfigFinder(options);
  });
  return { find: async (...walk) => (await finder()).find(...walk) };
}

export function lateInputReader(
  options: Pick<FileInputReaderOptions, 'mayRead' | 'isTrusted'> & { readonly logger: Logger },
): () => Promise<InputReader> {
  return later(async () => {
    const { FileInputReader } = await import('./devcontainers/inputs/reader');
    return new FileInputReader({ ...options, dockerPath: settings.dockerPath });
  });
}

export function lateFeatures(storage: string, bundledCli: string): () => Promise<FeaturePort> {
  return later(async () => {
    const { FeatureCli } = await import('./devcontainers/featureCli');
    return new FeatureCli({ storageFolder: storage, bundledCli, cliPath: settings.cliPath });
  });
}

export function lateCli({
  storage,
  ...options
}: Pick<DevContainersCliOptions, 'keptLogs' | 'bundledCli'> & {
  readonly storage: string;
  readonly logger: Logger;
}): () => Promise<DevContainerCli> {
  return later(async () => {
    const { DevContainersCli } = await import('./devcontainers/cli');
    return new DevContainersCli({
      ...options,
      storageFolder: storage,
      cliPath: settings.cliPath,
      dockerPath: settings.dockerPath,
    });
  });
}

/**
 * Checks of images and updates to newer ones. Without trust no program is run, be it the user's own credential helper.
 */
export function lateImages(
  parts: Omit<ImagesParts, 'registry' | 'afterSchedule'> & Pick<UpdatesParts, 'recreate' | 'isTrusted'>,
  storage: string,
  keep: <T extends Disposable>(part: T) => T,
): {
  readonly images: () => Promise<Images>;
  readonly updates: () => Promise<Updates>;
  /** The schedule may have something to do. */
  readonly plan: () => Promise<void>;
} {
  const { engines, timers, logger, isTrusted } = parts;
  const registries = later(async () => {
    const { hostRegistries } = await import('./registry/hostRegistries');
    return hostRegistries({
      ...{ timers, logger, mayRunHelpers: isTrusted },
      authFile: settings.credentialsFile,
      tokenHosts: settings.tokenHosts,
      atOnce: settings.imageRequests,
    });
  });
  const images = later(async () => {
    const [{ Images }, registry] = await Promise.all([import('./ui/images'), registries()]);
    const afterSchedule = async (): Promise<unknown> =>
      settings.autoUpdate() && (await updates()).updateByPolicy();
    return keep(new Images({ ...parts, registry, afterSchedule }));
  });
  const [replacements, quarantine] = ['replacements', 'quarantine'].map(
    (name) => new FileRecords(join(storage, name), logger),
  ) as [FileRecords, FileRecords];
  const updates = later(async () => {
    const { Updates } = await import('./ui/updates');
    const findLogin: UpdatesParts['findLogin'] = async (...args) => (await registries()).login(...args);
    const records = { replacements, quarantine };
    return keep(
      new Updates({ ...parts, findLogin, records, processes: hostProcesses, images: await images() }),
    );
  });
  keep(
    engines.onDidConnect(async (store) => {
      if ((await replacements.readAll()).size > 0) await (await updates()).recover(store);
    }),
  );
  const plan = async (): Promise<void> => {
    if (settings.imageHours() > 0) (await images()).plan();
  };
  return { images, updates, plan };
}
