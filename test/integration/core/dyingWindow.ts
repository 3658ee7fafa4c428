/** A window of its own process, which a test kills in the middle of a recreate: `tsx dyingWindow.ts HOST FOLDER STORAGE`. */
import { startCore } from '../../support/core';

const [dockerHost = '', folder = '', storage = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const core = await startCore({ dockerHost, folders: [folder], storage });
  core.board.onDidChange((key) => console.log(core.board.get(key)?.phase ?? 'over'));
  await core.recreateFolder(folder);
}

void main();
