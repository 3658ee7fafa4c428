/**
 * Whether two names mean the same image. Engines differ in how much of a name they spell out: for `base`, Podman says
 * `docker.io/library/base:latest`, or `localhost/base:latest` where it was built here.
 */
export function isSameImage(a: string, b: string): boolean {
  return a === b || spelledOut(a) === spelledOut(b);
}

/**
 * Whether a container of this image may have been made from that name. A Podman looks for names without a registry in
 * those of its choice; and it keeps of a name with a digest what it likes.
 */
export function couldBeSameImage(wanted: string, made: string): boolean {
  if (isSameImage(wanted, made)) return true;
  const [from, to] = [spelledOut(made), spelledOut(wanted)];
  if (from.includes('@') || to.includes('@')) return repositoryOf(from) === repositoryOf(to);
  return !isInRegistry(to) && isInRegistry(from) && from.endsWith(`/${to}`);
}

/** Whether this is an image's id instead of a name. */
export function isImageId(reference: string): boolean {
  return /^(sha256:)?[0-9a-f]{64}$/.test(reference);
}

/** Whether a list gives the container's name of the image, not the id that stands there when the name has moved on. */
export function isNamed({ image, imageId }: { readonly image: string; readonly imageId: string }): boolean {
  const isShortId = /^[0-9a-f]{12,}$/.test(image) && imageId.replace(/^sha256:/, '').startsWith(image);
  return image !== '' && !isImageId(image) && !isShortId;
}

/** Whether this is a name that the Dev Containers CLI gives to the images it builds. */
export function isBuiltByCli(image: string): boolean {
  return spelledOut(image).startsWith('vsc-');
}

function spelledOut(name: string): string {
  const bare = name.replace(/^(?:localhost|docker\.io|index\.docker\.io)\//, '').replace(/^library\//, '');
  return /@|:[^/]*$/.test(bare) ? bare : `${bare}:latest`;
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}

/** Only a registry's name has a dot or a port in it. */
function isInRegistry(name: string): boolean {
  return /^[^/]*[.:][^/]*\//.test(name);
}
