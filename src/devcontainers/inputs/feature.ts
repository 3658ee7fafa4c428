import { readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../common/errors';
import { isRecord, own } from '../../common/record';
import { isInside, relativeTo } from '../../core/identity';
import type { InputReading } from '../../core/ports';
import { errorCode } from '../boundedRead';
import { realOrSame } from '../fileStamp';
import type { FileContent } from './hashedFiles';
import { digestOf } from './hashedFiles';
import { walkFolder } from './folderWalk';
import { joinParts, NO_PART } from './part';
import type { InputGround, InputPart } from './part';
import { misconfigured, unreadable } from './problems';
import { emptyRecord } from './values';

const maxFeatures = 64;
const maxEntries = 2000;
const maxDepth = 20;
/** Folders of one Feature that are watched. */
const maxFolders = 32;

/** The folders of local Features (`./name`), every file of them. */
export async function featureInputs(
  ground: InputGround,
  mayRead: (realPath: string) => boolean,
): Promise<InputPart> {
  const features = own(ground.config, 'features');
  if (!isRecord(features)) return joinParts([]);
  const locals = Object.keys(features).filter((id) => id.startsWith('./') || id.startsWith('../'));
  if (locals.length > maxFeatures) {
    const message = `The configuration names more than ${maxFeatures} local Features.`;
    return joinParts([
      { ...NO_PART, readings: [misconfigured('feature', 'features', message, ['features'])] },
    ]);
  }
  return joinParts(await Promise.all(locals.map((id) => readFeature(id, ground, mayRead))));
}

async function readFeature(
  id: string,
  ground: InputGround,
  mayRead: (realPath: string) => boolean,
): Promise<InputPart> {
  const folder = join(dirname(ground.configFile), id).replace(/[\\/]+$/, '');
  const blame = { kind: 'feature', noun: 'Feature', file: folder, property: ['features', id] } as const;
  const fail = (content: Exclude<FileContent, { status: 'ok' }>): InputPart => ({
    readings: [unreadable(blame, content, ground)],
    // Its own files tell that it came, where the folder itself cannot be watched yet.
    files: [join(folder, 'devcontainer-feature.json')],
    folders: [],
  });
  try {
    const real = await realpath(folder);
    if (!isInside(real, await realOrSame(ground.workspaceFolder)) && !mayRead(real))
      return fail({ status: 'refused', reason: 'It lies outside the folders that may be read.' });
    const walked = await walkFolder(folder, { enters: () => true, maxEntries, maxDepth });
    if (walked.isCut)
      return fail({ status: 'refused', reason: `It has more than ${maxEntries} files or is too deep.` });
    const reading = await digests(folder, walked.files, ground);
    return { readings: [reading], files: [], folders: walked.folders.slice(0, maxFolders) };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return fail({ status: 'missing' });
    return fail({ status: 'refused', reason: code === 'ENOTDIR' ? 'It is not a folder.' : messageOf(error) });
  }
}

async function digests(folder: string, paths: readonly string[], ground: InputGround): Promise<InputReading> {
  const values = emptyRecord<string>();
  let modifiedAt = 0;
  for (const path of paths) {
    const content = await ground.files.digest(join(folder, path));
    if (content.status === 'missing') continue;
    values[path] = content.status === 'ok' ? content.digest : await digestOfSpecial(join(folder, path));
    if (content.status === 'ok') modifiedAt = Math.max(modifiedAt, content.modifiedAt);
  }
  const input = relativeTo(folder, ground.workspaceFolder);
  return { kind: 'feature', input, file: folder, values, ...(modifiedAt > 0 ? { modifiedAt } : {}) };
}

/** A link to a folder or to a place that may not be read counts by where it leads, a FIFO by being there. */
async function digestOfSpecial(path: string): Promise<string> {
  return digestOf(await readlink(path).catch(() => 'unreadable'));
}
