/** Makes a part when it is asked for first: what activation does without is not loaded by it. */
export function later<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
