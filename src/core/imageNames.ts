/**
 * Whether two names mean the same image. Engines differ in how much of a name they spell out: for `base`, Podman says
 * `docker.io/library/base:latest`, or `localhost/base:latest` where it was built here.
 */
export function isSameImage(a: string, b: string): boolean {
  return a === b || spelledOut(a) === spelledOut(b);
}

/** Whether this is a name that the Dev Containers CLI gives to the images it builds. */
export function isBuiltByCli(image: string): boolean {
  return spelledOut(image).startsWith('vsc-');
}

function spelledOut(name: string): string {
  const bare = name.replace(/^(?:localhost|docker\.io|index\.docker\.io)\//, '').replace(/^library\//, '');
  return /@|:[^/]*$/.test(bare) ? bare : `${bare}:latest`;
}
