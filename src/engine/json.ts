/** Reading JSON that may be anything: each function gives a value of the asked shape, or undefined. */

export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // dockerode hands out a Buffer where the body was no JSON, or was `null`.
  if (Array.isArray(value) || value instanceof Uint8Array) return undefined;
  return value as Readonly<Record<string, unknown>>;
}

/** The elements of an array; none for anything else. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A whole number that JavaScript can hold exactly. */
export function asInteger(value: unknown): number | undefined {
  // Adding 0 makes -0, which JSON can carry, an ordinary zero.
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** At most `limit` UTF-16 units, without half a character at the end. */
export function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
}
