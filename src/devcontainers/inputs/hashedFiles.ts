import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { messageOf } from '../../common/errors';
import { errorCode, isUtf16, readBounded } from '../boundedRead';
import { stampOf } from '../fileStamp';

/** A handle of `fs/promises` costs twice the reading of a small file. */
const [open, read, close] = [promisify(fs.open), promisify(fs.read), promisify(fs.close)];

/** What a file holds: its text is there for files that are asked for as text. */
export type FileContent =
  | { readonly status: 'ok'; readonly digest: string; readonly text?: string; readonly modifiedAt: number }
  | { readonly status: 'missing' }
  | { readonly status: 'refused'; readonly reason: string; readonly modifiedAt?: number };

/** Largest file that counts by its content, in bytes; of a larger one size and time of the last write count. */
const maxBytes = 16 * 1024 * 1024;
const maxText = 1024 * 1024;
const piece = 256 * 1024;
/** A file written so lately may be written again without getting another time: file systems count in ticks. */
const settledAfterMs = 50;
/** Files whose digests are kept. */
const maxKept = 200_000;

/** Digests and texts of files; a file is read again only when size, inode or one of its times is different. */
export class HashedFiles {
  readonly #kept = new Map<string, { readonly stamp: string; readonly content: FileContent }>();

  constructor(private readonly mayRead: (realPath: string) => boolean) {}

  /** The file's digest: `#` and 16 hexadecimal digits of its SHA-256. Never rejects. */
  digest(path: string): Promise<FileContent> {
    return this.#read(path, false);
  }

  /** The same with the text, for files of at most 1 MiB in UTF-8. */
  text(path: string): Promise<FileContent> {
    return this.#read(path, true);
  }

  /**
   * The digest of a regular file that was just looked at, without a further look at it: for the many files of a
   * folder. Links are not followed. Never rejects.
   */
  async regular(path: string, looked: LookedAt): Promise<FileContent> {
    const kept = this.#kept.get(path);
    if (kept?.stamp === looked.stamp) return kept.content;
    const content = await readRegular(path, looked);
    if (looked.isSettled) this.#keep(path, looked.stamp, content);
    return content;
  }

  /** Real path of a folder, or why its contents may not be read. Never rejects. */
  async folder(path: string): Promise<{ readonly real: string } | { readonly reason: string }> {
    try {
      const real = await realpath(path);
      if (real === path || this.mayRead(real)) return { real };
      return { reason: `leads to ${real}, which lies outside the folders that may be read.` };
    } catch (error) {
      const isMissing = ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
      return { reason: isMissing ? 'does not exist.' : `cannot be read: ${messageOf(error)}` };
    }
  }

  #keep(path: string, stamp: string, content: FileContent): void {
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(path, { stamp, content });
  }

  async #read(path: string, withText: boolean): Promise<FileContent> {
    const stamp = (await stampOf(path)).text;
    // Apart: what is too large as a text still has a digest.
    const key = withText ? `${path}\0text` : path;
    const kept = this.#kept.get(key);
    if (kept?.stamp === stamp) return kept.content;
    const content = await this.#readNow(path, stamp, withText);
    const writtenAt = content.status === 'missing' ? undefined : content.modifiedAt;
    const isFresh = writtenAt !== undefined && Math.abs(Date.now() - writtenAt) < settledAfterMs;
    // With the stamp from before the reading: a write during it is noticed the next time.
    if (!isFresh) this.#keep(key, stamp, content);
    return content;
  }

  async #readNow(path: string, stamp: string, withText: boolean): Promise<FileContent> {
    const reading = await readBounded(path, withText ? maxText : maxBytes, this.mayRead);
    if (reading.status === 'missing') return { status: 'missing' };
    if (reading.status === 'refused') {
      const { reason, modifiedAt } = reading;
      if (modifiedAt === undefined) return { status: 'refused', reason };
      if (!withText) return { status: 'ok', digest: digestOf(stamp), modifiedAt };
      const whole = await this.#readNow(path, stamp, false);
      return { status: 'refused', reason: `${reason}${byDigest(whole)}`, modifiedAt };
    }
    const { bytes, modifiedAt } = reading;
    if (withText && isUtf16(bytes)) {
      return { status: 'refused', reason: 'It is in UTF-16: save it as UTF-8.', modifiedAt };
    }
    return {
      status: 'ok',
      digest: digestOf(bytes),
      modifiedAt,
      ...(withText ? { text: bytes.toString('utf8').replace(/^\uFEFF/, '') } : {}),
    };
  }
}

/** Problems are compared by their words: with the digest in them, an edit of what is too large is a change too. */
export function byDigest(content: FileContent): string {
  return content.status === 'ok' ? ` It counts as a whole, as ${content.digest}.` : '';
}

/** What a look at a file says. */
export interface LookedAt {
  readonly stamp: string;
  readonly size: number;
  readonly modifiedAt: number;
  /** What the stamp says of the contents is certain: the last write is long enough ago. */
  readonly isSettled: boolean;
}

export function lookedAt({ size, mtimeNs, ctimeNs, ctimeMs, mtimeMs, ino, mode }: fs.BigIntStats): LookedAt {
  return {
    stamp: [size, mtimeNs, ctimeNs, ino, mode].join('|'),
    size: Number(size),
    modifiedAt: Number(mtimeMs),
    isSettled: Math.abs(Date.now() - Number(ctimeMs)) >= settledAfterMs,
  };
}

async function readRegular(path: string, { size, modifiedAt }: LookedAt): Promise<FileContent> {
  if (size > maxBytes) return { status: 'ok', digest: digestOf(`${size}|${modifiedAt}`), modifiedAt };
  try {
    // It may have become a link or a FIFO meanwhile.
    const file = await open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW);
    try {
      const hash = createHash('sha256');
      // One byte more than it had: a short answer is the file's end, and spares a second call.
      const buffer = Buffer.allocUnsafe(Math.min(size + 1, piece));
      for (let at = 0; at <= maxBytes;) {
        const { bytesRead } = await read(file, buffer, 0, buffer.length, at);
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
        if (bytesRead < buffer.length) break;
      }
      return { status: 'ok', digest: shortened(hash.digest('hex')), modifiedAt };
    } finally {
      await close(file);
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { status: 'missing' };
    return { status: 'refused', reason: messageOf(error) };
  }
}

/** `#` and 16 hexadecimal digits of the SHA-256: enough to tell contents apart, too little to guess them back. */
export function digestOf(content: string | Buffer): string {
  return shortened(createHash('sha256').update(content).digest('hex'));
}

function shortened(hex: string): string {
  return `#${hex.slice(0, 16)}`;
}
