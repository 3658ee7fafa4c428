import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as yieldToOthers } from 'node:timers/promises';

const chunkSize = 64 * 1024;
/** A look at the file even without an event: not every file system tells. */
const lookEveryMs = 200;

/** Follows a file that another process writes to, in small bites that let others run in between. */
export class FileTail {
  #wake: () => void = () => undefined;
  #finishing = false;
  readonly #done: Promise<void>;

  /** @param onChunk gets the bytes in order; each chunk is its own. */
  constructor(path: string, onChunk: (chunk: Uint8Array) => void) {
    this.#done = this.#follow(path, onChunk);
    // Whoever finishes hears of it; until then it must not count as unhandled.
    this.#done.catch(() => undefined);
  }

  /** Reads what is there up to the end and stops; rejects when the file could not be read. */
  async finish(): Promise<void> {
    this.#finishing = true;
    this.#wake();
    await this.#done;
  }

  async #follow(path: string, onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const file = await open(path, 'r');
    const watcher = watchQuietly(path, () => this.#wake());
    try {
      for (let position = 0; ;) {
        // Asked before reading: what is written until then is read, and the end is the end.
        const last = this.#finishing;
        const read = await readSome(file, position, onChunk);
        position += read;
        if (read > 0) await yieldToOthers();
        else if (last) return;
        else await this.#nextEvent();
      }
    } finally {
      watcher?.close();
      await file.close();
    }
  }

  #nextEvent(): Promise<void> {
    if (this.#finishing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, lookEveryMs);
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function readSome(
  file: FileHandle,
  position: number,
  onChunk: (chunk: Uint8Array) => void,
): Promise<number> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkSize), 0, chunkSize, position);
  if (bytesRead > 0) onChunk(buffer.subarray(0, bytesRead));
  return bytesRead;
}

function watchQuietly(path: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
