import { constants } from 'node:fs';
import { lstat, open, readlink, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../common/errors';

/** What reading a file gave: its bytes, or why there are none, in words. */
export type BoundedReading =
  | { readonly status: 'ok'; readonly bytes: Buffer; readonly modifiedAt: number }
  | { readonly status: 'missing' }
  | { readonly status: 'refused'; readonly reason: string; readonly modifiedAt?: number };

/** How often a file that changes while it is read is read again. */
const maxTries = 3;
const confirmAfterMs = 25;

/**
 * Reads a regular file of at most `maxBytes`; never blocks on a FIFO or a device, and never follows a symbolic
 * link to a place that `mayRead` (given the real path) refuses. Never rejects.
 */
export async function readBounded(
  path: string,
  maxBytes: number,
  mayRead: (realPath: string) => boolean,
): Promise<BoundedReading> {
  try {
    const real = await resolveLink(path, mayRead);
    if ('reason' in real) return { status: 'refused', reason: real.reason };
    for (let attempt = 1; ; attempt++) {
      const reading = await readOnce(real.path, maxBytes);
      if (reading !== 'changed') return reading;
      if (attempt === maxTries) return { status: 'refused', reason: 'It is being written right now.' };
      await pause(confirmAfterMs);
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { status: 'missing' };
    return { status: 'refused', reason: inWords(code, error) };
  }
}

/** The `code` of a system error, if it is one. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Without a mark UTF-16 shows by the zero half of its first character, which is ASCII in what is read here. */
export function isUtf16([a, b]: Uint8Array): boolean {
  const hasMark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  return hasMark || (a !== undefined && b !== undefined && (a === 0) !== (b === 0));
}

async function resolveLink(
  path: string,
  mayRead: (realPath: string) => boolean,
): Promise<{ path: string } | { reason: string }> {
  const isLink = (await lstat(path)).isSymbolicLink();
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    if (!isLink || errorCode(error) !== 'ENOENT') throw error;
    return { reason: `${path} is a symbolic link to ${await readlink(path)}, which does not exist.` };
  }
  // The check is on the real path, so a link in any folder above counts as well.
  if (real !== path && !mayRead(real)) {
    return { reason: `${path} leads to ${real}, which lies outside the folders that may be read.` };
  }
  return { path: real };
}

async function readOnce(path: string, maxBytes: number): Promise<BoundedReading | 'changed'> {
  // O_NONBLOCK: opening a FIFO that nobody writes to would otherwise wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = await file.stat({ bigint: true });
    const modifiedAt = Number(before.mtimeMs);
    if (!before.isFile()) {
      return { status: 'refused', reason: `It is ${kindOf(before)}, not a regular file.` };
    }
    if (before.size > BigInt(maxBytes)) {
      return { status: 'refused', reason: `It is larger than ${maxBytes / 1024} KiB.`, modifiedAt };
    }
    const bytes = await readUpTo(file, maxBytes);
    const after = await file.stat({ bigint: true });
    const same = after.size === before.size && after.mtimeNs === before.mtimeNs;
    if (!same || BigInt(bytes.length) !== after.size) return 'changed';
    return { status: 'ok', bytes, modifiedAt };
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total <= maxBytes) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, total);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

interface FileKind {
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function kindOf(stats: FileKind): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function inWords(code: string | undefined, error: unknown): string {
  switch (code ?? '') {
    case 'EACCES':
    case 'EPERM':
      return 'There is no permission to read it.';
    case 'ELOOP':
      return 'It is a symbolic link that leads back to itself.';
    case 'ENXIO':
      return 'It is a socket or a FIFO, not a regular file.';
    default:
      return messageOf(error);
  }
}
