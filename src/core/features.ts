import { isRecord, own } from '../common/record';
import { baseName } from './identity';
import type { ConfigFile } from './ports';

/** A Feature of a configuration, and which versions of it there are; undefined where nobody tells. */
export interface FeatureVersions {
  /** As the configuration names it: `ghcr.io/devcontainers/features/node:1`. */
  readonly id: string;
  /** What the lockfile says, else the newest that the configuration allows. */
  readonly current: string | undefined;
  /** The newest that the configuration allows. */
  readonly wanted: string | undefined;
  /** The newest of all. */
  readonly latest: string | undefined;
}

/** Features in their registries. Both calls run programs of the user: only with trust. They write nothing. */
export interface FeaturePort {
  /** Every Feature that lies in a registry. Rejects with `cliMissing`, or with an Error that says what went wrong. */
  versions(config: ConfigFile): Promise<readonly FeatureVersions[]>;
  /** The lockfile as it would be with the newest of all that the configuration allows. Rejects alike. */
  newestLockfile(config: ConfigFile): Promise<string>;
}

/** Those of which the configuration allows a newer version than the lockfile has. */
export function upgradable(all: readonly FeatureVersions[]): FeatureVersions[] {
  return all.filter(
    ({ current, wanted }) => current !== undefined && wanted !== undefined && current !== wanted,
  );
}

/** Those of which there is a newer version that the configuration does not allow. */
export function heldBack(all: readonly FeatureVersions[]): FeatureVersions[] {
  return all.filter(
    ({ wanted, latest }) => wanted !== undefined && latest !== undefined && wanted !== latest,
  );
}

/** Name of the lockfile, which lies beside the configuration and is hidden where that is. */
export function lockfileName(configFile: string): string {
  return `${baseName(configFile).startsWith('.') ? '.' : ''}devcontainer-lock.json`;
}

/**
 * A lockfile with one Feature taken from another, and with it those that it needs and that were not there yet; the
 * rest stays. Written as the CLI does. Undefined when a text is no lockfile, or the other has no such Feature.
 */
export function lockfileWith(current: string, newest: string, id: string): string | undefined {
  const [known, others] = [lockedFeatures(current), lockedFeatures(newest)];
  const entry = own(others, id);
  if (!known || entry === undefined) return undefined;
  const features: Record<string, unknown> = { ...known, [id]: entry };
  const waiting = needsOf(entry);
  for (let need = waiting.pop(); need !== undefined; need = waiting.pop()) {
    const needed = own(others, need);
    if (needed === undefined || Object.hasOwn(features, need)) continue;
    features[need] = needed;
    waiting.push(...needsOf(needed));
  }
  const sorted = Object.entries(features).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ features: Object.fromEntries(sorted) }, undefined, 2)}\n`;
}

function lockedFeatures(text: string): Record<string, unknown> | undefined {
  try {
    const features = own(JSON.parse(text), 'features');
    return isRecord(features) ? { ...features } : undefined;
  } catch {
    return undefined;
  }
}

function needsOf(entry: unknown): string[] {
  const needs = own(entry, 'dependsOn');
  return Array.isArray(needs) ? needs.filter((need): need is string => typeof need === 'string') : [];
}
