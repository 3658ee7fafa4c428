/** The same while it is being made. */
export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Whether this is an object with properties of its own, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own property: `constructor` and its like are none. */
export function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
