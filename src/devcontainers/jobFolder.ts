import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of one run of the CLI, readable by the user only. */
export interface JobFolder {
  readonly folder: string;
  /** When it was made, in milliseconds since 1970. */
  readonly startedAt: number;
  /** What the CLI writes to stderr: its log. */
  readonly log: string;
  /** What it writes to stdout: its answer, on the last line. */
  readonly answer: string;
  /** Exists from the moment the old container is given up. */
  readonly marker: string;
}

const LOG = 'log.ndjson';

/** What no run is known to own may be that of a window that still works on it, or died over it. */
const keepMs = 24 * 60 * 60 * 1000;

/**
 * Makes a folder for a run, and sweeps out those of runs that are not kept any more.
 * @param keptLogs tells the logs that stay however old they are; where it fails, all stay.
 */
export async function makeJobFolder(
  jobsFolder: string,
  keptLogs: () => Promise<ReadonlySet<string>>,
): Promise<JobFolder> {
  await mkdir(jobsFolder, { recursive: true, mode: 0o700 });
  const kept = await keptLogs().catch(() => undefined);
  if (kept) await sweep(jobsFolder, kept);
  const job = jobFolderAt(jobsFolder, `${Date.now()}-${randomBytes(6).toString('hex')}`);
  await mkdir(job.folder, { mode: 0o700 });
  return job;
}

/** The folder of a run by its name; throws where that is none, since it comes from a file. */
export function jobFolderAt(jobsFolder: string, name: string): JobFolder {
  if (!/^\d{13}-[0-9a-f]{12}$/.test(name)) throw new Error(`Not the folder of a run: ${name}`);
  const folder = join(jobsFolder, name);
  return {
    folder,
    startedAt: Number(name.slice(0, 13)),
    log: join(folder, LOG),
    answer: join(folder, 'answer.json'),
    marker: join(folder, 'replaced'),
  };
}

/** Writes an executable or a script into the folder; never over something that is there. */
export async function addFile(job: JobFolder, name: string, text: string, mode: number): Promise<string> {
  const path = join(job.folder, name);
  await writeFile(path, text, { mode, flag: 'wx' });
  return path;
}

/** When the old container was given up, in milliseconds since 1970; undefined while it is untouched. */
export async function replacedAt(job: JobFolder): Promise<number | undefined> {
  return stat(job.marker).then(
    ({ mtimeMs }) => Math.round(mtimeMs),
    () => undefined,
  );
}

async function sweep(jobsFolder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(jobsFolder)) {
    const log = join(jobsFolder, name, LOG);
    if (!/^\d{13}-[0-9a-f]{12}$/.test(name) || kept.has(log)) continue;
    const { mtimeMs } = await stat(log).catch(() => ({ mtimeMs: Number(name.slice(0, 13)) }));
    if (!(mtimeMs < Date.now() - keepMs)) continue;
    await rm(join(jobsFolder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
