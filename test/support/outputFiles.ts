import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What an output channel holds, from the newest file VS Code keeps for one of this name; empty when there is none. */
export async function readOutput(serverDataDir: string, channel: string): Promise<string> {
  const logs = join(serverDataDir, 'data/logs');
  const name = `${channel.replace(/[\\/:*?"<>|]/g, '')}.log`;
  const names = await readdir(logs, { recursive: true }).catch(() => []);
  const files = names.filter((each) => each.includes('exthost') && isFileOf(basename(each), name));
  const dated = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(join(logs, file))).mtimeMs })),
  );
  const newest = dated.sort((one, other) => other.at - one.at)[0];
  return newest === undefined ? '' : readFile(join(logs, newest.file), 'utf8');
}

/** Log channels have their plain name, the others a number before it. */
function isFileOf(file: string, name: string): boolean {
  return file.replace(/^\d+-/, '') === name;
}
