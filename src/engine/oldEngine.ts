import { asString } from './json';

/** The oldest minor version of the API, of major version 1, that the tests know. */
const OLDEST_MINOR = 41;

/** What to tell of an engine that speaks this version of the API; undefined where it is new enough, or none is told. */
export function oldEngineWarning(name: string, version: unknown): string | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(asString(version) ?? '') ?? [];
  if (major === undefined || Number(major) > 1 || Number(minor) >= OLDEST_MINOR) return undefined;
  return (
    `${name} speaks version ${major}.${minor} of the engine's API, and Shipshape is made for ` +
    `1.${OLDEST_MINOR} (Docker 20.10) and newer: update the engine if something is missing.`
  );
}
