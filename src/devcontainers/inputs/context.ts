import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { grouped } from '../../common/grouped';
import { lockfileName } from '../../core/features';
import type { Flaw, InputReading } from '../../core/ports';
import { ContextWalk, maxFiles, type Taken } from './contextWalk';
import type { Source } from './dockerfileSources';
import { DockerIgnore } from './dockerignore';
import { lookedAt, type LookedAt } from './hashedFiles';
import { inParallel } from '../../common/inParallel';
import { fromFolder, type InputGround, type InputPart } from './part';
import { UnorderedHash } from './unorderedHash';
import { emptyRecord } from './values';

/** The files that a build takes from its context. */
export interface ContextSource {
  readonly context: string;
  readonly dockerfile: string;
  /** What COPY and its like name, from `dockerfileSources`. */
  readonly sources: readonly Source[];
  readonly property: readonly string[];
}

/** What counts of a build context, and what is wrong with the instructions that take from it. */
export interface ContextPart extends InputPart {
  readonly flaws: readonly Flaw[];
}

/** Up to so many values; with more files, whole folders are values, then what lies below the topmost folders. */
const maxValues = 2_000;
const maxWatched = 64;
const maxUntaken = 50;
const atOnce = 8;

export async function contextInputs(source: ContextSource, ground: InputGround): Promise<ContextPart> {
  const { context, dockerfile } = source;
  const ignoreFiles = [`${dockerfile}.dockerignore`, join(context, '.dockerignore')];
  const found = await ground.files.folder(context);
  if ('reason' in found) return problem(source, ground, found.reason, ignoreFiles);
  const ignore = await ignoreRules(ignoreFiles, ground);
  if (typeof ignore === 'string') return problem(source, ground, ignore, ignoreFiles);
  const lockfile = join(dirname(ground.configFile), lockfileName(ground.configFile));
  const own = [ground.configFile, lockfile, dockerfile, ...ignoreFiles];
  const silent = new Set(own.map((file) => fromFolder(file, context)));
  const taken = await new ContextWalk(found.real, ignore, silent).take(source.sources);
  const files = [
    ...ignoreFiles,
    ...[...taken.single]
      .sort()
      .slice(0, maxValues)
      .map((path) => join(context, path)),
  ];
  const folders = taken.listed.slice(0, maxWatched).map((path) => join(context, path));
  const reading = await readingOf(source, found.real, taken, ground);
  return { readings: [reading], files, folders, flaws: flawsOf(taken, source, ground) };
}

function flawsOf({ absent }: Taken, { context }: ContextSource, ground: InputGround): Flaw[] {
  const input = fromFolder(context, ground.workspaceFolder);
  return [...absent].map(([{ path, line }, why]) => ({
    message:
      why === 'missing'
        ? `\`${path}\` is not in the build context \`${input}\`, so that the build will fail.`
        : `\`${path}\` is left out by the ignore file, so that the build will not find it.`,
    line,
  }));
}

/** The file beside the Dockerfile comes before the one in the context. */
async function ignoreRules(files: readonly string[], ground: InputGround): Promise<DockerIgnore | string> {
  for (const file of files) {
    const content = await ground.files.text(file);
    const name = fromFolder(file, ground.workspaceFolder);
    if (content.status === 'ok') {
      const rules = new DockerIgnore(content.text ?? '');
      return rules.excess === undefined ? rules : `has an ignore file, \`${name}\`, ${rules.excess}.`;
    }
    if (content.status === 'refused')
      return `has an ignore file, \`${name}\`, that cannot be read: ${content.reason}`;
  }
  return new DockerIgnore('');
}

async function readingOf(
  { context, dockerfile, sources, property }: ContextSource,
  root: string,
  taken: Taken,
  ground: InputGround,
): Promise<InputReading> {
  const input = fromFolder(context, ground.workspaceFolder);
  const base = {
    ...({ kind: 'context', input, file: context } as const),
    ...{ namedIn: dockerfile, lines: linesOf(sources) },
  };
  const because = (reason: string): InputReading => {
    const message = `Build context \`${input}\` ${reason}`;
    return { ...base, values: {}, problem: { message, property } };
  };
  if (taken.refused !== undefined) return because(`has a folder that cannot be read: \`${taken.refused}\`.`);
  if (taken.isTooMuch) {
    const limit = grouped(maxFiles);
    return because(`has more than ${limit} files that COPY takes. Name those it needs not in .dockerignore.`);
  }
  const looks = await lookAtAll(root, taken);
  const times = looks.modifiedAt > 0 ? { modifiedAt: looks.modifiedAt } : {};
  const fingerprint = looks.fingerprint === undefined ? {} : { fingerprint: looks.fingerprint };
  const known =
    looks.fingerprint === undefined ? undefined : ground.known('context', input, looks.fingerprint);
  if (known && !known.problem) {
    const untaken = await untakenOf(input, known.values, root, ground);
    return { ...base, values: known.values, ...fingerprint, ...times, ...untaken };
  }
  const values = await valuesOf(root, taken, looks.files, ground);
  if ('unreadable' in values) return because(`has a file that cannot be read: \`${values.unreadable}\`.`);
  const untaken = await untakenOf(input, values.values, root, ground);
  return { ...base, values: values.values, ...fingerprint, ...times, ...untaken };
}

/** The line of each source, by the path from which on it has no wildcards. */
function linesOf(sources: readonly Source[]): Record<string, number> {
  const lines = emptyRecord<number>();
  for (const { path, line } of sources) {
    const names = path.split('/');
    const wild = names.findIndex((name) => /[*?[\\]/.test(name));
    lines[names.slice(0, wild < 0 ? undefined : wild).join('/')] ??= line;
  }
  return lines;
}

/** Files that counted once and do not now, though they are there; as many as are ever named. */
async function untakenOf(
  input: string,
  values: InputReading['values'],
  root: string,
  ground: InputGround,
): Promise<Pick<InputReading, 'untaken'>> {
  const known = ground.earlier('context', input).flatMap((reading) => Object.keys(reading.values));
  const gone = [...new Set(known)].filter((path) => !Object.hasOwn(values, path) && !path.endsWith('/'));
  const untaken: string[] = [];
  for (const path of gone.sort().slice(0, maxUntaken)) {
    const stats = await lstat(join(root, path)).catch(() => undefined);
    if (stats?.isFile() || stats?.isSymbolicLink()) untaken.push(path);
  }
  return untaken.length > 0 ? { untaken } : {};
}

interface Looks {
  readonly files: ReadonlyMap<string, LookedAt & { readonly path: string; readonly isExecutable: boolean }>;
  readonly modifiedAt: number;
  /** None while some file may still be written to unnoticed. */
  readonly fingerprint: string | undefined;
}

async function lookAtAll(root: string, taken: Taken): Promise<Looks> {
  const files = new Map<string, LookedAt & { path: string; isExecutable: boolean }>();
  // The number stands for how values are made from contents.
  const hash = new UnorderedHash();
  hash.add('2');
  const all = { modifiedAt: 0, isSettled: true };
  await inParallel(taken.files, atOnce, async ([name, path]) => {
    const stats = await lstat(join(root, path), { bigint: true }).catch(() => undefined);
    if (!stats?.isFile()) return;
    const look = { ...lookedAt(stats), path, isExecutable: (stats.mode & 0o111n) !== 0n };
    files.set(name, look);
    all.modifiedAt = Math.max(all.modifiedAt, look.modifiedAt);
    all.isSettled &&= look.isSettled;
    hash.add(`${name}|${look.stamp}`);
  });
  await forOthers(taken, (path, value) => hash.add(`${path}|${value}`));
  return { files, modifiedAt: all.modifiedAt, fingerprint: all.isSettled ? hash.digest : undefined };
}

/** What counts besides files: links by what they say, and folders without anything. Lets others run in between. */
async function forOthers(taken: Taken, add: (path: string, value: string) => void): Promise<void> {
  let count = 0;
  for (const [path, text] of taken.links) {
    add(path, `link ${text}`);
    if (++count % 1_000 === 0) await setImmediate();
  }
  for (const path of taken.emptyFolders) {
    add(`${path}/`, 'folder');
    if (++count % 1_000 === 0) await setImmediate();
  }
}

async function valuesOf(
  root: string,
  taken: Taken,
  looks: Looks['files'],
  ground: InputGround,
): Promise<{ readonly values: Record<string, string> } | { readonly unreadable: string }> {
  const keyOf = grouping(looks.size + taken.links.size + taken.emptyFolders.size, taken.listed);
  const groups = new Map<string, UnorderedHash>();
  let unreadable: string | undefined;
  const add = (path: string, value: string): void => {
    const key = keyOf(path);
    const group = groups.get(key) ?? new UnorderedHash();
    group.add(key === path ? value : `${path}|${value}`);
    groups.set(key, group);
  };
  await forOthers(taken, add);
  await inParallel(looks, atOnce, async ([name, look]) => {
    if (unreadable !== undefined) return;
    const content = await ground.files.regular(join(root, look.path), look);
    if (content.status === 'ok') add(name, content.digest + (look.isExecutable ? 'x' : ''));
    else if (content.status === 'refused') unreadable = look.path;
  });
  if (unreadable !== undefined) return { unreadable };
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return { values: Object.fromEntries(sorted.map(([key, group]) => [key, group.digest])) };
}

/** The property under which a path counts: the finest division that has few enough parts. */
function grouping(count: number, folders: readonly string[]): (path: string) => string {
  if (count <= maxValues) return (path) => path;
  for (const depth of [Number.POSITIVE_INFINITY, 2, 1]) {
    if (new Set(folders.map((folder) => topOf(folder, depth))).size <= maxValues) {
      return (path) => topOf(path.slice(0, Math.max(path.lastIndexOf('/'), 0)), depth);
    }
  }
  return () => './';
}

function topOf(folder: string, depth: number): string {
  const top = depth === Number.POSITIVE_INFINITY ? folder : folder.split('/', depth).join('/');
  return `${top === '' ? '.' : top}/`;
}

function problem(
  { context, property }: ContextSource,
  ground: InputGround,
  reason: string,
  files: readonly string[],
): ContextPart {
  const input = fromFolder(context, ground.workspaceFolder);
  const message = `Build context \`${input}\` ${reason}`;
  const reading: InputReading = {
    kind: 'context',
    input,
    file: context,
    values: {},
    problem: { message, property },
  };
  return { readings: [reading], files: [context, ...files], folders: [], flaws: [] };
}
