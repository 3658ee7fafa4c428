import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputReading } from '../src/core/ports';
import { buildInputs } from '../src/devcontainers/inputs/build';
import { HashedFiles } from '../src/devcontainers/inputs/hashedFiles';
import { inParallel } from '../src/common/inParallel';
import type { InputGround, InputPart } from '../src/devcontainers/inputs/part';
import { figure, median, type Figure } from './figures';

const FOLDERS = 50;
const FILES_EACH = 1_000;
const RUNS = 5;

/** What reading a build context of 50,000 files costs, beside bare reading and hashing of the files that COPY takes. */
export async function contextFigures(): Promise<Figure[]> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'shipshape-bench-context-')));
  try {
    const files = await fill(root);
    const inFolders = (count: number): string[] => files.slice(0, count * FILES_EACH);
    const few = inFolders(1).slice(0, 20);
    return [
      ...(await compared(root, '20 files', few, `COPY ${few.join(' ')} /x/`)),
      ...(await compared(root, '5,000 files', inFolders(5), 'COPY f0 f1 f2 f3 f4 /x/')),
      ...(await compared(root, 'all of it', files, 'COPY . .')),
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function fill(root: string): Promise<string[]> {
  const files: string[] = [];
  for (let folder = 0; folder < FOLDERS; folder++) {
    await mkdir(join(root, `f${folder}`));
    for (let n = 0; n < FILES_EACH; n++) files.push(`f${folder}/${n}.txt`);
  }
  await inParallel(files, 8, (file) => writeFile(join(root, file), `${file}\n`.repeat(100)));
  return files;
}

async function compared(root: string, what: string, files: string[], copy: string): Promise<Figure[]> {
  await writeFile(join(root, 'Dockerfile'), `FROM scratch\n${copy}\n`);
  const ours: number[] = [];
  const bare: number[] = [];
  const again: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    bare.push(await timed(() => readBare(root, ['Dockerfile', ...files])));
    const hashed = new HashedFiles(() => false);
    let known: readonly InputReading[] = [];
    ours.push(await timed(async () => ({ readings: known } = await read(root, hashed, []))));
    // As after a reload: nothing is remembered but the record.
    again.push(await timed(() => read(root, unreadable(), known)));
  }
  const name = `context of 50,000 files, COPY takes ${what}`;
  const beside = { baseline: median(bare), unit: 'ms', n: RUNS } as const;
  // Of a few files the reading takes less than finding the Dockerfile, its context and its ignore files.
  const isFew = files.length < 100;
  const bound = (ratio: number) =>
    isFew ? ({ bound: 10, boundOf: 'value' } as const) : ({ bound: ratio, boundOf: 'ratio' } as const);
  return [
    figure({ ...beside, name, value: median(ours), ...bound(1.5) }),
    figure({ ...beside, name: `${name}, unchanged`, value: median(again), ...bound(1) }),
  ];
}

/** Fails the figure when a file of the context is read although nothing changed. */
function unreadable(): HashedFiles {
  const files = new HashedFiles(() => false);
  files.regular = (path) => Promise.reject(new Error(`${path} was read again`));
  return files;
}

function read(root: string, files: HashedFiles, known: readonly InputReading[]): Promise<InputPart> {
  const earlier: InputGround['earlier'] = (kind, input) =>
    known.filter((reading) => reading.kind === kind && reading.input === input);
  return buildInputs(
    { dockerfile: join(root, 'Dockerfile'), context: root, args: {}, property: ['build', 'dockerfile'] },
    {
      workspaceFolder: root,
      configFile: join(root, '.devcontainer.json'),
      config: {},
      files,
      env: {},
      isTrusted: true,
      known: (kind, input) => earlier(kind, input)[0],
      earlier,
    },
  );
}

function readBare(root: string, files: readonly string[]): Promise<void> {
  return inParallel(files, 8, async (file) => {
    createHash('sha256')
      .update(await readFile(join(root, file)))
      .digest('hex');
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
