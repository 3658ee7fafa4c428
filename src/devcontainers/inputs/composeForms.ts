import { isRecord } from '../../common/record';
import type { Properties } from './values';

/**
 * A service of a Compose file with the short forms that the specification has for some properties written out, so that
 * what means the same is the same. A `command` or `entrypoint` as a string is none: Compose splits it like a shell.
 */
export function writtenOut(service: Properties): Properties {
  return Object.fromEntries(
    Object.entries(service).map(([key, value]) => [
      key,
      Object.hasOwn(LONG_FORMS, key) ? LONG_FORMS[key]?.(value) : value,
    ]),
  );
}

const LONG_FORMS: Readonly<Record<string, (value: unknown) => unknown>> = {
  build: (value) => (typeof value === 'string' ? { context: value } : value),
  extends: (value) => (typeof value === 'string' ? { service: value } : value),
  depends_on: (value) => keyed(value, { condition: 'service_started' }),
  networks: (value) => keyed(value, null),
  env_file: (value) => listed(value).map(plainFile),
  dns: listed,
  dns_search: listed,
  label_file: listed,
  tmpfs: listed,
};

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function keyed(value: unknown, each: unknown): unknown {
  const isNames = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isNames ? Object.fromEntries(value.map((name: string) => [name, each])) : value;
}

/** A path alone is that of a file that must be there. */
function plainFile(file: unknown): unknown {
  if (!isRecord(file)) return file;
  const { path, required = true, ...more } = file;
  return required === true && Object.keys(more).length === 0 ? path : file;
}
