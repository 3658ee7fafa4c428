/** What goes into a path of the engine's API, checked, and answers that are as good as none. */
import { ShipshapeError } from '../common/errors';
import { statusOf } from './errors';
import { cut } from './json';
import { isReference } from '../core/imageReference';

/** What the call gives, or undefined when the engine answers with one of these statuses. */
export async function undefinedFor(
  statuses: readonly number[],
  call: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    const status = error instanceof ShipshapeError ? statusOf(error.cause) : undefined;
    if (status !== undefined && statuses.includes(status)) return undefined;
    throw error;
  }
}

/** The engine's own rule, with an upper bound. */
export function checkedName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}$/.test(name)) return name;
  throw new ShipshapeError(
    'invalidArgument',
    `"${cut(name, 100)}" is no name for a container: it may have letters, digits, "_", "." and "-" only.`,
  );
}

/** Like an id, it goes into a path. */
export function checkedReference(reference: string): string {
  if (isReference(reference)) return reference;
  throw new ShipshapeError('invalidArgument', `"${cut(reference, 100)}" is no name of an image.`);
}

export function nameAndTag(imageName: string): [string, string] {
  const at = checkedReference(imageName).lastIndexOf(':');
  return [imageName.slice(0, at), imageName.slice(at + 1)];
}

/** The id goes into a path as it is, so nothing else may. */
export function checkedId(id: string): string {
  if (!/^[0-9a-f]{12,64}$/.test(id)) throw new ShipshapeError('invalidArgument', 'This is no container id.');
  return id;
}
