import { isUtf8 } from 'node:buffer';
import type { ConfigProblem } from '../api';
import { isRecord } from '../common/record';
import type { ConfigReader, ConfigReading } from '../core/ports';
import { isUtf16, readBounded } from './boundedRead';
import { parseJsonc, placesIn } from './jsonc';

/** Largest configuration that is read, in bytes. */
const maxBytes = 1024 * 1024;

export interface FileConfigReaderOptions {
  /** Whether a file that a symbolic link leads to may be read; gets the real path. */
  readonly mayRead: (realPath: string) => boolean;
}

/** Reads devcontainer.json files from the disk, and takes nothing for granted about what it finds there. */
export class FileConfigReader implements ConfigReader {
  readonly #mayRead: (realPath: string) => boolean;

  constructor(options: FileConfigReaderOptions) {
    this.#mayRead = options.mayRead;
  }

  async read(configFile: string): Promise<ConfigReading> {
    const reading = await readBounded(configFile, maxBytes, this.#mayRead);
    if (reading.status === 'missing') return { status: 'missing' };
    if (reading.status === 'refused') {
      const { reason, modifiedAt } = reading;
      return {
        status: 'invalid',
        problem: { message: reason },
        ...(modifiedAt === undefined ? {} : { modifiedAt }),
      };
    }
    const { bytes, modifiedAt } = reading;
    const invalid = (problem: ConfigProblem): ConfigReading => ({ status: 'invalid', problem, modifiedAt });
    const badEncoding = problemOfEncoding(bytes);
    if (badEncoding) return invalid({ message: badEncoding });
    const text = withoutByteOrderMark(bytes.toString('utf8'));
    const parsed = parseJsonc(text);
    if ('problem' in parsed) return invalid(parsed.problem);
    const { value } = parsed;
    if (!isRecord(value)) return invalid({ message: 'The top level must be an object.', line: 1, column: 1 });
    return { status: 'ok', text, value, modifiedAt };
  }

  placesIn(text: string): ReturnType<typeof placesIn> {
    return placesIn(text);
  }
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function problemOfEncoding(bytes: Buffer): string | undefined {
  if (isUtf16(bytes)) return 'The file is in UTF-16: save it as UTF-8.';
  return isUtf8(bytes) ? undefined : 'The file is not valid UTF-8.';
}
