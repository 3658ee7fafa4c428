import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';

const HEAD_BYTES = 1024 * 1024;
const TAIL_BYTES = 7 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** Which lines of a log are no more in it. */
export interface Cut {
  /** So many lines at the beginning are as they were; one that says what is missing follows. */
  readonly kept: number;
  readonly dropped: number;
}

/**
 * Cuts the middle out of a log that has grown too long, once its run is over. Until then it cannot be limited: the CLI
 * and the programs that it starts write to it through a descriptor of their own, which outlives this window.
 */
export async function limitLog(path: string, head = HEAD_BYTES, tail = TAIL_BYTES): Promise<Cut | undefined> {
  const { size } = await stat(path);
  if (size <= head + tail) return undefined;
  const draft = `${path}.tmp`;
  const from = await open(path, 'r');
  try {
    const to = await open(draft, 'w', 0o600);
    try {
      const kept = await copyLines(from, to, head);
      const { position, lines } = await lineStart(from, kept.position, size - tail);
      const text = `… (${lines} lines, ${position - kept.position} bytes dropped)`;
      await to.write(`${JSON.stringify({ type: 'text', level: 4, text })}\n`);
      await copyRest(from, to, position);
      await to.close();
      await rename(draft, path);
      return { kept: kept.lines, dropped: lines };
    } finally {
      await to.close().catch(() => undefined);
    }
  } finally {
    await from.close();
    await rm(draft, { force: true });
  }
}

/** Where a line of the whole log is in the one that was cut; none for one that is not there any more. */
export function lineAfterCut(line: number | undefined, cut: Cut | undefined): number | undefined {
  if (line === undefined || cut === undefined || line <= cut.kept) return line;
  return line <= cut.kept + cut.dropped ? undefined : line - cut.dropped + 1;
}

/** Copies whole lines from the beginning, up to so many bytes. */
async function copyLines(
  from: FileHandle,
  to: FileHandle,
  limit: number,
): Promise<{ position: number; lines: number }> {
  const { bytesRead, buffer } = await from.read(Buffer.alloc(limit), 0, limit, 0);
  const position = buffer.subarray(0, bytesRead).lastIndexOf(NEW_LINE) + 1;
  const whole = buffer.subarray(0, position);
  await to.write(whole);
  return { position, lines: linesIn(whole) };
}

/** The first line that begins at `wanted` or after it, and how many lie between. */
async function lineStart(
  file: FileHandle,
  after: number,
  wanted: number,
): Promise<{ position: number; lines: number }> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let lines = 0;
  for (let position = after; ;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return { position, lines };
    const read = buffer.subarray(0, bytesRead);
    const end =
      position + bytesRead < wanted ? -1 : read.indexOf(NEW_LINE, Math.max(0, wanted - 1 - position));
    if (end >= 0) return { position: position + end + 1, lines: lines + linesIn(read.subarray(0, end + 1)) };
    lines += linesIn(read);
    position += bytesRead;
  }
}

async function copyRest(from: FileHandle, to: FileHandle, start: number): Promise<void> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let position = start; ;) {
    const { bytesRead } = await from.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    await to.write(buffer, 0, bytesRead);
    position += bytesRead;
  }
}

const NEW_LINE = 0x0a;

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEW_LINE); at >= 0; at = bytes.indexOf(NEW_LINE, at + 1)) lines++;
  return lines;
}
