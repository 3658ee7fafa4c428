/**
 * Whether an image can have this name or id, by the rules of the engines (distribution/reference): it goes into a path
 * as it is, and Podman calls any other an error of its own.
 */
export function isReference(reference: string): boolean {
  if (reference.length > 512) return false;
  if (/^(sha256:)?[0-9a-f]{64}$/.test(reference)) return true;
  const [, name = '', tag, digest] = /^([^@]*?)(?::([^:/@]*))?(?:@(.*))?$/.exec(reference) ?? [];
  const parts = name.split('/');
  const host = parts.length > 1 ? (parts[0] ?? '') : '';
  const path = /[A-Z.:[\]]/.test(host) ? parts.slice(1) : parts;
  return (
    path.every((part) => /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(part)) &&
    (path === parts || /^(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/.test(host)) &&
    !host.split(':').some((part) => /^[.-]|\.\.|[.-]$/.test(part)) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(digest))
  );
}
