/** Parts that are loaded when they are needed first: each is a file of its own in dist/lib. */
import type { Logger } from './common/logger';
import { later } from './common/later';
import type { ConfigFinder, DevContainerCli, InputReader } from './core/ports';
import type { FeaturePort } from './core/features';
import type { DevContainersCliOptions } from './devcontainers/cli';
import type { FileInputReaderOptions } from './devcontainers/inputs/reader';
import type { Images, ImagesParts } from './ui/images';
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

/** Without trust no program is run, be it the user's own credential helper. */
export function lateImages(
  parts: Omit<ImagesParts, 'registry'>,
  { isTrusted, keep }: { readonly isTrusted: () => boolean; readonly keep: (images: Images) => Images },
): () => Promise<Images> {
  return later(async () => {
    const [{ Images }, { hostRegistries }] = await Promise.all([
      import('./ui/images'),
      import('./registry/hostRegistries'),
    ]);
    const registry = hostRegistries({
      ...{ timers: parts.timers, logger: parts.logger, mayRunHelpers: isTrusted },
      authFile: settings.credentialsFile,
      tokenHosts: settings.tokenHosts,
      atOnce: settings.imageRequests,
    });
    return keep(new Images({ ...parts, registry }));
  });
}
