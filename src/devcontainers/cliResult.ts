import { open } from 'node:fs/promises';

/** The CLI's answer: the last line of its standard output, as far as it is what it should be. */
export interface CliAnswer {
  readonly outcome: 'success' | 'error';
  readonly containerId?: string;
  readonly message?: string;
  readonly description?: string;
}

/** The answer is one line, but with the whole configuration asked for it can be long. */
const maxBytes = 4 * 1024 * 1024;

/** Reads the answer from the end of the file; undefined when there is none, as after a crash. */
export async function readAnswer(stdoutFile: string): Promise<CliAnswer | undefined> {
  const lines = (await readEnd(stdoutFile)).split('\n').reverse();
  for (const line of lines) {
    const answer = parseAnswer(line);
    if (answer) return answer;
  }
  return undefined;
}

function parseAnswer(line: string): CliAnswer | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('outcome' in value)) return undefined;
  const { outcome } = value;
  if (outcome !== 'success' && outcome !== 'error') return undefined;
  const id = textOf(value, 'containerId');
  const message = textOf(value, 'message');
  const description = textOf(value, 'description');
  return {
    outcome,
    ...(id !== undefined && /^[0-9a-f]{12,64}$/.test(id) ? { containerId: id } : {}),
    ...(message === undefined ? {} : { message }),
    ...(description === undefined ? {} : { description }),
  };
}

function textOf(value: object, key: string): string | undefined {
  const text: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

async function readEnd(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
