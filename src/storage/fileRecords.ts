import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, watch, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Disposable } from '../api';
import { messageOf, ShipshapeError } from '../common/errors';
import type { Logger } from '../common/logger';
import type { RecordStore } from '../core/ports';

/** Room for the values of many thousand files; a larger record is none of ours. */
const MAX_BYTES = 16 * 1024 * 1024;

const KEY = /^[a-zA-Z0-9_-]{1,180}$/;

/**
 * Records as JSON files in one folder, one file a key, so that two windows never overwrite each other's. A file is
 * written beside its place and renamed, so that a crash leaves the old one or the new one. Readable by the user only.
 */
export class FileRecords implements RecordStore {
  constructor(
    private readonly folder: string,
    private readonly logger: Logger,
  ) {}

  async readAll(): Promise<Map<string, unknown>> {
    const records = new Map<string, unknown>();
    const names = await readdir(this.folder).catch(() => []);
    await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .map(async (name) => {
          const value = await this.#read(join(this.folder, name));
          if (value !== undefined) records.set(name.slice(0, -'.json'.length), value);
        }),
    );
    return records;
  }

  async read(key: string): Promise<unknown> {
    return this.#read(this.#path(key));
  }

  write(key: string, value: unknown): Promise<void> {
    return this.#place(key, value, rename);
  }

  async create(key: string, value: unknown): Promise<boolean> {
    try {
      // A link fails where there is a file already; a rename would replace it.
      await this.#place(key, value, link);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  watch(onChange: (key?: string) => void): Disposable {
    const end = new AbortController();
    void this.#watch(onChange, end.signal);
    return { dispose: () => end.abort() };
  }

  /** Where the folder cannot be watched nobody is told: whoever listens looks by itself now and then. */
  async #watch(onChange: (key?: string) => void, signal: AbortSignal): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      for await (const { filename } of watch(this.folder, { signal, persistent: false }))
        if (filename === null) onChange();
        else if (KEY.test(basename(filename, '.json')) && filename.endsWith('.json'))
          onChange(basename(filename, '.json'));
    } catch (error) {
      if (!signal.aborted) this.logger.debug(`${this.folder}: ${messageOf(error)}`);
    }
  }

  /** Writes a draft beside the place, so that whoever reads sees all of it or none. */
  async #place(
    key: string,
    value: unknown,
    put: (draft: string, path: string) => Promise<void>,
  ): Promise<void> {
    const path = this.#path(key);
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, JSON.stringify(value), { mode: 0o600, flag: 'wx' });
      await put(draft, path);
    } catch (error) {
      throw this.#inWords(error);
    } finally {
      await rm(draft, { force: true });
    }
  }

  #inWords(error: unknown): unknown {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
    const message = `There is no space left for Shipshape's records in ${this.folder}: free some, then try again.`;
    return new ShipshapeError('diskFull', message, { cause: error });
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new Error(`Not a record's name: ${key}`);
    return join(this.folder, `${key}.json`);
  }

  async #read(path: string): Promise<unknown> {
    try {
      const found = await stat(path);
      // To read a FIFO would wait for ever.
      if (!found.isFile() || found.size > MAX_BYTES) return undefined;
      return JSON.parse(await readFile(path, 'utf8')) as unknown;
    } catch (error) {
      this.logger.debug(`${path}: ${messageOf(error)}`);
      return undefined;
    }
  }
}
