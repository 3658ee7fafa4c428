import { open, readFile, stat } from 'node:fs/promises';
import { messageOf } from '../common/errors';
import type { CliListener, LogFollower, LogReader } from '../core/ports';
import { CliLogParser } from './cliLog';
import { FileTail } from './fileTail';
import { RawLog } from './rawLog';
import { SecretMask, secretValues } from './redaction';

/** Room for a log that was cut, with what its last run adds; a longer one is read up to there. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads the full logs of runs again: as lines like those of the channel, or as a terminal would show them. */
export class FileLogs implements LogReader {
  /** @param secretsFile the file of secrets; the CLI masks them in its log, and a hook may have put them out before. */
  constructor(private readonly secretsFile: () => string | undefined) {}

  async replay(file: string, startedAt: number, listener: CliListener): Promise<boolean> {
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return false;
    let at = startedAt;
    const parser = new CliLogParser(
      {
        onLine: (line) => {
          at = line.at;
          listener.onLine(line);
        },
        onProgress: (progress, when) => listener.onProgress(progress, when),
      },
      await this.#secrets(),
      // A line that does not tell its time came after the one before it.
      () => at,
    );
    parser.push(await beginningOf(file, Math.min(found.size, MAX_BYTES)));
    parser.end();
    return true;
  }

  follow(file: string, onText: (text: string) => void): LogFollower {
    let isOver = false;
    const say = (text: string): void => {
      if (!isOver && text !== '') onText(text);
    };
    const following = this.#secrets().then((secrets) => {
      const raw = new RawLog(secrets);
      return { raw, tail: new FileTail(file, (chunk) => say(raw.push(chunk))) };
    });
    return {
      async finish(): Promise<void> {
        const { raw, tail } = await following;
        await tail.finish().catch((error: unknown) => say(`${messageOf(error)}\r\n`));
        say(raw.end());
      },
      dispose(): void {
        isOver = true;
        void following.then(({ tail }) => tail.finish()).catch(() => undefined);
      },
    };
  }

  async #secrets(): Promise<SecretMask> {
    const file = this.secretsFile();
    const text = file === undefined ? '{}' : await readFile(file, 'utf8').catch(() => '{}');
    try {
      return new SecretMask(secretValues(JSON.parse(text)));
    } catch {
      return new SecretMask([]);
    }
  }
}

/** A log that is still written to can be of any length. */
async function beginningOf(path: string, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
