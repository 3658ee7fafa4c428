import { own } from '../../common/record';
import { join, resolve } from 'node:path';
import { isInside } from '../../core/identity';
import type { InputReading } from '../../core/ports';
import { realOrSame } from '../fileStamp';
import { isReallyInside } from '../readableFolders';
import { walkFolder } from './folderWalk';
import type { Walked } from './folderWalk';
import { joinParts, NO_PART } from './part';
import type { InputGround, InputPart } from './part';
import { misconfigured } from './problems';
import { emptyRecord } from './values';

const property = ['customizations', 'shipshape', 'watch'];
const maxGlobs = 32;
const maxGlobLength = 500;
const maxEntries = 20_000;
const maxFiles = 2000;
const maxDepth = 20;
/** Folders of one glob that are watched. */
const maxFolders = 32;

/** The files that the user wants to count: globs from the workspace folder. */
export async function watchedInputs(ground: InputGround): Promise<InputPart> {
  const globs = own(own(own(ground.config, 'customizations'), 'shipshape'), 'watch');
  if (globs === undefined) return NO_PART;
  const wrong = (input: string, message: string, at: readonly string[]): InputPart => ({
    ...NO_PART,
    readings: [misconfigured('watched', input, message, at)],
  });
  const name = property.join('.');
  if (!Array.isArray(globs)) return wrong(name, `\`${name}\` must be an array of globs.`, property);
  const parts = globs.slice(0, maxGlobs).map(async (glob: unknown, index): Promise<InputPart> => {
    const at = [...property, String(index)];
    if (typeof glob === 'string') return globs.indexOf(glob) < index ? NO_PART : readGlob(glob, at, ground);
    const said = glob === null ? 'null' : Array.isArray(glob) ? 'a list' : `a value of type ${typeof glob}`;
    return wrong(`${name}[${index}]`, `Item ${index + 1} of \`${name}\` is ${said}, not a glob.`, at);
  });
  const tooMany = `\`${name}\` has ${globs.length} globs, of which the first ${maxGlobs} count.`;
  const rest = globs.length > maxGlobs ? [wrong(name, tooMany, [...property, String(maxGlobs)])] : [];
  return joinParts([...(await Promise.all(parts)), ...rest]);
}

async function readGlob(glob: string, property: readonly string[], ground: InputGround): Promise<InputPart> {
  const wrong = (why: string): InputPart => ({
    ...NO_PART,
    readings: [misconfigured('watched', glob, `The glob \`${glob.slice(0, 100)}\` ${why}`, property)],
  });
  if (glob === '') return wrong('is empty.');
  if (glob.length > maxGlobLength) return wrong(`is longer than ${maxGlobLength} characters.`);
  if (hasOpenBracket(glob)) return wrong('has a `[` that nothing closes.');
  if (
    glob.startsWith('/') ||
    glob.includes('\\') ||
    /^[a-zA-Z]:/.test(glob) ||
    /(^|[/{,(|])\.\.(?=$|[/},)|])/.test(glob)
  )
    return wrong('must lead to files inside the workspace folder, with forward slashes.');
  if (isTooWild(glob) || repeatsChoices(glob))
    return wrong(
      'has too many wildcards: at most 3 in a part, 3 times ** and 3 braces, none repeated by +( ).',
    );
  const { default: picomatch } = await import('picomatch');
  const pattern = glob.replace(/^(?:\.\/)+/, '');
  const { base, isGlob } = picomatch.scan(pattern);
  const start = resolve(ground.workspaceFolder, isGlob ? base : '.');
  if (!isInside(start, ground.workspaceFolder))
    return wrong('must lead to files inside the workspace folder.');
  const anchor = isGlob ? start : join(ground.workspaceFolder, pattern);
  if (!isReallyInside(await realOrSame(anchor), [ground.workspaceFolder]))
    return wrong('leads out of the workspace folder through a link.');
  if (!isGlob) return { ...(await readFiles(glob, [pattern], ground)), files: [anchor] };
  const matches = picomatch(pattern, { dot: true });
  const prefix = base === '' ? '' : `${base.replace(/\/+$/, '')}/`;
  const walked = await walkOrNothing(start, glob);
  const files = walked.files.map((path) => prefix + path).filter((path) => matches(path));
  if (walked.isCut || files.length > maxFiles)
    return wrong(`takes in too much: at most ${maxFiles} files of ${maxEntries} that it looks at.`);
  return { ...(await readFiles(glob, files, ground)), folders: walked.folders.slice(0, maxFolders) };
}

/** The library would take it for a name, which hardly anyone means. */
function hasOpenBracket(glob: string): boolean {
  return glob.lastIndexOf('[') > glob.lastIndexOf(']');
}

/** Each wildcard multiplies the ways in which a name can be tried, so that a few of them could take for ever. */
function isTooWild(glob: string): boolean {
  const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const parts = glob.split('/').filter((part) => part !== '**');
  const doubles = glob.split('/').length - parts.length;
  return doubles > 3 || count(glob, /[{(]/g) > 3 || parts.some((part) => count(part, /[*?[+@!]/g) > 3);
}

/**
 * A repeated group whose parts overlap can split a name in exponentially many ways, however short the pattern.
 * A `+` behind a group or braces repeats as well, and so does one within a group.
 */
function repeatsChoices(glob: string): boolean {
  return /[+*]\([^)]*[|*?+[({]/.test(glob) || /[)}]\+(?!\()/.test(glob);
}

/** Version control and packages hold thousands of files that hardly anyone means. */
function walkOrNothing(start: string, glob: string): Promise<Walked> {
  const skipped = ['.git', 'node_modules'].filter((name) => !glob.includes(name));
  const enters = (path: string): boolean =>
    !skipped.some((name) => path === name || path.endsWith(`/${name}`));
  return walkFolder(start, { enters, maxEntries, maxDepth }).catch(() => ({
    files: [],
    folders: [start],
    isCut: false,
  }));
}

async function readFiles(glob: string, paths: readonly string[], ground: InputGround): Promise<InputPart> {
  const values = emptyRecord<string>();
  let modifiedAt = 0;
  for (const path of paths) {
    const file = join(ground.workspaceFolder, path);
    const content = await ground.files.digest(file);
    if (content.status !== 'ok' || !isReallyInside(await realOrSame(file), [ground.workspaceFolder]))
      continue;
    values[path] = content.digest;
    modifiedAt = Math.max(modifiedAt, content.modifiedAt);
  }
  const reading: InputReading = {
    kind: 'watched',
    input: glob,
    file: ground.workspaceFolder,
    values,
    ...(modifiedAt > 0 ? { modifiedAt } : {}),
  };
  return { ...NO_PART, readings: [reading] };
}
