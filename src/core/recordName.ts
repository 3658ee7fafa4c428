/** A key as the name of a record: fit for a file, and told apart from keys that look alike then. */
export function recordName(key: string): string {
  return key.replace(/[^a-zA-Z0-9]+/g, '_').slice(-100) + `-${hash(key)}`;
}

/** 32-bit FNV-1a, to tell keys apart that look alike as file names (www.isthe.com/chongo/tech/comp/fnv). */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16);
}
