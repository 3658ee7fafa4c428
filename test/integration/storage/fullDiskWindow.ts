/** Run with its storage on a small disk: fills it, and prints what a window then says and does. */
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../../src/common/logger';
import { snapshotWhere, startCore } from '../../support/core';

const [dockerHost = '', storage = '', configFile = '', ...folders] = process.argv.slice(2);
const [folder = ''] = folders;
const filler = join(storage, 'filler');

const say = (what: string, more: unknown): void => console.log(`${what} ${JSON.stringify(more)}`);
const warn = (message: string): void => say('warned', message);
void main();

async function main(): Promise<void> {
  await fill();
  const core = await startCore({ dockerHost, folders, storage, logger: { ...silentLogger, warn } });
  await snapshotWhere(core, () => folders.every((each) => core.item(each).state === 'running'));
  await core.watcher.ready();
  await writeFile(configFile, '{"image":"shipshape-test/base:1","containerEnv":{"A":"b"}}');
  await snapshotWhere(core, () => core.item(folder).dirty);
  say('dirty', core.item(folder).changes.map(({ property }) => property)); // prettier-ignore
  const { containerId } = core.item(folder);
  await core.recreateFolder(folder).catch((error: unknown) => say('refused', String(error)));
  say('kept', core.item(folder).containerId === containerId && core.item(folder).state === 'running');
  await rm(filler);
  const { outcome } = await core.recreateFolder(folder);
  say('then', outcome);
  for (const each of folders) await core.engines.stores[0]?.engine.remove(core.item(each).containerId ?? '');
  await core.dispose();
}

async function fill(): Promise<void> {
  for (;;) {
    try {
      await appendFile(filler, Buffer.alloc(4096));
    } catch {
      return;
    }
  }
}
