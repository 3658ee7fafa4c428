/** Hostile values of a configuration, looked at with care. */
export type Properties = Readonly<Record<string, unknown>>;

/** A record that takes `__proto__` as a key like any other. */
export function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
